import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { ROOT } from '../src/paths.ts';
import { temporaryFolder } from './support/checkpoint.ts';

test('code that was carried away from its project says so and ends', async (t) => {
  const copy = path.join(temporaryFolder(t), 'paths.mjs');
  await copyFile(path.join(ROOT, 'dist', 'src', 'paths.js'), copy);
  const run = promisify(execFile)(process.execPath, [copy], { timeout: 20_000 });
  await assert.rejects(run, (error: Error & { code?: unknown; stderr?: string }) => {
    assert.equal(error.code, 1, 'ended by itself');
    assert.match(error.stderr ?? '', /no package\.json in .* or above it/);
    return true;
  });
});
