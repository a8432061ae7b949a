/** The bot as a process, with a training that it was ordered before. */
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { JobStore } from '../src/store/jobs.ts';
import { startBot } from './support/bot.ts';
import { readableLog } from './support/log.ts';
import { createJobs, lastly, modelsFolder, newFolder, order, varFolder } from './training/fixtures/jobs.ts';

test('a bot that is killed, or told to end, goes on with its training when it is started again', async (t) => {
  const folder = newFolder(t);
  const jobs = await createJobs(folder, { log: readableLog().log });
  const { id } = await jobs.add(order());
  await jobs.close();
  const start = () => {
    const bot = startBot(folder, {
      VAR_DIR: varFolder(folder),
      MODELS_DIR: modelsFolder(folder),
      LOG_LEVEL: 'info',
      THREADS: '1',
    });
    lastly(t, () => bot.kill('SIGKILL'));
    return bot;
  };
  const row = async () => {
    const store = await JobStore.open(path.join(varFolder(folder), 'jobs.db'));
    try {
      return store.get(id)!;
    } finally {
      store.close();
    }
  };

  const killed = start();
  await killed.saw(/training started/);
  await killed.kill('SIGKILL');
  assert.equal((await row()).state, 'running');

  const ended = start();
  await ended.saw(/training started/);
  const { code, stderr } = await ended.kill('SIGTERM');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /training process ended/, 'saved, and its process gone');
  const { state, crashes, reason } = await row();
  assert.deepEqual([state, crashes, reason], ['running', 0, null]);

  await start().saw(/training started/);
});
