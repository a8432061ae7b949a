import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runNode } from './run.ts';

const passing = `import { it } from 'node:test'; it('passes', () => {});`;
const failing = `import { it } from 'node:test'; it('fails', () => { throw new Error('as it must'); });`;

describe('npm test', () => {
  let folder: string;
  let script: string;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'runner-'));
    script = path.join(folder, 'scripts', 'test.js');
    await mkdir(path.join(folder, 'scripts'));
    await mkdir(path.join(folder, 'test', 'inner'), { recursive: true });
    await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
    await copyFile(fileURLToPath(new URL('../../scripts/test.js', import.meta.url)), script);
    await writeFile(path.join(folder, 'test', 'inner', 'good.test.js'), passing);
    await writeFile(path.join(folder, 'test', 'bad.long-test.js'), failing);
    await writeFile(path.join(folder, 'test', 'helper.js'), 'throw new Error();');
  });
  after(() => rm(folder, { recursive: true }));

  it('runs the tests of every folder', async () => {
    const { stdout, code } = await runNode(script, []);
    assert.equal(code, 0);
    assert.match(stdout, /ℹ tests 1\n/);
    assert.match(stdout, /ℹ pass 1\n/);
  });

  it('fails where a test does, long ones included where asked', async () => {
    const { stdout, code } = await runNode(script, ['--long']);
    assert.equal(code, 1);
    assert.match(stdout, /ℹ tests 2\n/);
    assert.match(stdout, /ℹ fail 1\n/);
  });

  it('keeps the files that are named', async () => {
    assert.equal((await runNode(script, ['--long', 'good'])).code, 0);
    const { stdout, stderr, code } = await runNode(script, ['absent']);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /absent/);
  });

  it('fails where a file cannot be loaded', async () => {
    const broken = path.join(folder, 'test', 'broken.test.js');
    await writeFile(broken, `import './nowhere.js';`);
    const { code } = await runNode(script, ['broken']);
    await rm(broken);
    assert.equal(code, 1);
  });
});
