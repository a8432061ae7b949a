import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../src/errors.ts';
import { takeLock } from '../../src/store/lock.ts';
import { temporaryFolder } from '../support/checkpoint.ts';

const HOLDER = fileURLToPath(new URL('./fixtures/hold-lock.js', import.meta.url));

test('one process has the lock until it is killed; another waits for it', async (t) => {
  const file = path.join(temporaryFolder(t), 'a.lock');
  const holder = spawn(process.execPath, [HOLDER, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => holder.kill('SIGKILL'));
  for await (const _ of holder.stdout) break;
  assert.equal(await takeLock(file), undefined);
  assert.equal(await takeLock(file, { patienceMs: 60_000, signal: AbortSignal.abort() }), undefined);
  const waiting = takeLock(file, { patienceMs: 30_000 });
  holder.kill('SIGKILL');
  const lock = await waiting;
  assert.ok(lock);
  lock.release();
  (await takeLock(file))!.release();
});

test('a lock in a folder that is not there is said', async (t) => {
  await assert.rejects(takeLock(path.join(temporaryFolder(t), 'none', 'a.lock')), UserError);
});
