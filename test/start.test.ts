/** What `npm start` runs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../src/paths.ts';
import { temporaryFolder } from './support/checkpoint.ts';

const START = fileURLToPath(new URL('../src/start.js', import.meta.url));

test('the start is the bot, and keeps what was compiled where Node can', (t) => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  assert.equal(scripts.start, 'node dist/src/start.js');
  const folder = temporaryFolder(t);
  const { PATH = '' } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, [START], {
    input: '/help\n',
    encoding: 'utf8',
    cwd: folder,
    env: { PATH, MODELS_DIR: folder, VAR_DIR: folder },
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /\/ballad/);
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  if (major > 22 || (major === 22 && minor >= 8)) assert.ok(existsSync(path.join(ROOT, 'var', 'compiled')));
});
