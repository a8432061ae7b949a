/** The build of the project: run as `npm run build` runs it, into a folder of the test's own. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../src/paths.ts';
import { temporaryFolder } from '../support/checkpoint.ts';

const build = (folder: string) =>
  execFileSync(process.execPath, [path.join(ROOT, 'scripts', 'build.mjs'), '--out', folder], {
    stdio: 'pipe',
  });

test('what is compiled is plain JavaScript that stands where its source stood, and nothing else is left', async (t) => {
  const folder = temporaryFolder(t);
  const stale = path.join(folder, 'src', 'commands', 'gone.js');
  await mkdir(path.dirname(stale), { recursive: true });
  await writeFile(stale, '');
  build(folder);

  assert.ok(!existsSync(stale));
  assert.ok(!existsSync(path.join(folder, 'src', 'kernels')));
  assert.ok(!existsSync(path.join(folder, 'test')));
  const source = readFileSync(path.join(ROOT, 'src', 'main.ts'), 'utf8').split('\n');
  const compiled = readFileSync(path.join(folder, 'src', 'main.js'), 'utf8').split('\n');
  assert.equal(compiled.length, source.length);
  const line = source.findIndex((text) => text.startsWith('async function createServices('));
  assert.equal(compiled[line]!.trimEnd().startsWith('async function createServices(config'), true);
  assert.ok(!compiled[line]!.includes(': Config'));
  // Static and dynamic imports alike.
  const imports = compiled.filter((text) => /(from|import\() ?'\.\//.test(text));
  assert.ok(imports.some((text) => text.includes('import(')) && imports.length > 5);
  assert.deepEqual(
    imports.filter((text) => !/\.js'/.test(text)),
    [],
  );
});
