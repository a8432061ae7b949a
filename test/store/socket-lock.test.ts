import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { takeSocketLock } from '../../src/store/socket-lock.ts';
import { temporaryFolder } from '../support/checkpoint.ts';

const CONTENDER = fileURLToPath(new URL('./fixtures/contend-lock.js', import.meta.url));

test('is had once, given free, and leaves nothing', async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'a.lock');
  const lock = await takeSocketLock(file);
  assert.ok(lock);
  assert.equal(await takeSocketLock(file), undefined);
  const other = await takeSocketLock(path.join(folder, 'b.lock'));
  assert.ok(other, 'another name is another lock');
  other.release();
  lock.release();
  (await takeSocketLock(file))!.release();
  assert.deepEqual(readdirSync(folder), []);
});

test('stands in a folder whose path is longer than an address may be', async (t) => {
  if (process.platform === 'darwin') return t.skip('macOS has no shorter way to a folder');
  const folder = path.join(temporaryFolder(t), 'x'.repeat(120), 'y'.repeat(120));
  mkdirSync(folder, { recursive: true });
  const lock = await takeSocketLock(path.join(folder, 'a.lock'));
  assert.ok(lock);
  assert.equal(await takeSocketLock(path.join(folder, 'a.lock')), undefined);
  lock.release();
});

test('a folder that is not there is an error', async (t) => {
  await assert.rejects(takeSocketLock(path.join(temporaryFolder(t), 'none', 'a.lock')), {
    code: 'folderMissing',
  });
});

test('of processes that are killed in turns, one at most has it at any time', async (t) => {
  const file = path.join(temporaryFolder(t), 'a.lock');
  let taken = 0;
  let holding = 0;
  const contend = () => {
    const child = fork(CONTENDER, [file]);
    t.after(() => child.kill('SIGKILL'));
    let has = false;
    child.on('message', () => {
      has = true;
      taken++;
      holding++;
      assert.equal(holding, 1);
      // Some let go, some are killed with it.
      setTimeout(() => {
        holding--;
        has = false;
        if (taken % 2) child.kill('SIGKILL');
        else child.disconnect();
      }, 20);
    });
    return new Promise<void>((resolve) => child.once('exit', () => resolve(assert.equal(has, false))));
  };
  await Promise.all(Array.from({ length: 6 }, contend));
  assert.equal(taken, 6);
});
