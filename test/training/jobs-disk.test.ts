import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { resolveSettings } from '../../src/training/settings.ts';
import { readableLog } from '../support/log.ts';
import { fill, mount, unmount } from '../support/small-disk.ts';
import { until } from '../support/until.ts';
import { createJobs, HERE, lastly, modelsFolder, newFolder, varFolder } from './fixtures/jobs.ts';
import { lyrics, SMALL } from './fixtures/runs.ts';

const SIZE = '4m';

test('on a full disk a job pauses and says so, survives a restart, and goes on when there is room', async (t) => {
  const folder = path.join(newFolder(t), 'disk');
  mkdirSync(folder);
  const reason = mount(folder, SIZE);
  if (reason !== undefined) return t.skip(reason);
  lastly(t, () => unmount(folder));
  mkdirSync(modelsFolder(folder));
  const { log } = readableLog();
  const jobs = await createJobs(folder, { log, roomMs: 50 });
  lastly(t, () => jobs.close());
  const settings = resolveSettings({ ...SMALL, maxEpochs: 10_000, patience: 0 });
  const text = { name: 'songs.txt', bytes: Buffer.from(lyrics(24)) };
  const order = {
    place: HERE,
    user: 'someone',
    locale: 'ko',
    name: 'songs',
    text,
    base: null,
    replayFile: null,
    settings,
  } as const;
  const { id } = await jobs.add(order);
  const state = async () => (await jobs.get(HERE, id)).state;
  await until(async () => (await jobs.get(HERE, id)).progress.fraction > 0, 'a step');

  const filler = path.join(folder, 'filler');
  await until(async () => {
    fill(filler);
    return (await state()) === 'paused';
  }, 'a pause');
  const paused = await jobs.get(HERE, id);
  assert.equal(paused.reason?.code, 'diskFull');
  await assert.rejects(jobs.add(order), 'no job begins on a full disk');
  assert.equal((await jobs.list()).length, 1);

  await jobs.close();
  const next = await createJobs(folder, { log, roomMs: 50 });
  lastly(t, () => next.close());
  await next.wake();
  assert.equal((await next.get(HERE, id)).reason?.code, 'diskFull', 'it is written down');
  rmSync(filler);
  const { bavail, bsize } = await statfs(varFolder(folder));
  assert.ok(bavail * bsize > 2 ** 20);
  await until(
    async () => next.current?.id === id && (next.current.progress.fraction ?? 0) > 0,
    'it goes on by itself',
  );
  assert.ok(next.current!.progress.fraction >= paused.progress.fraction);
  await next.cancel(HERE, id);
});
