import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { resolveSettings } from '../../src/training/settings.ts';
import { readableLog } from '../support/log.ts';
import { until } from '../support/until.ts';
import { createJobs, HERE, lastly, modelsFolder, newFolder, varFolder } from './fixtures/jobs.ts';
import { lyrics, SMALL } from './fixtures/runs.ts';

const SIZE = '4m';

/** Mounts a small disk; returns why that is not possible here. */
function mount(folder: string): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root on Linux can mount a small disk';
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'none', folder], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `a small disk cannot be mounted here: ${(error as Error).message.split('\n')[0]}`;
  }
}

/** Takes all the room that is left. */
function fill(file: string): void {
  const descriptor = openSync(file, 'w');
  try {
    for (const size of [65_536, 4096, 512, 1]) {
      try {
        for (;;) writeSync(descriptor, Buffer.alloc(size));
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

test('on a full disk a job pauses and says so, survives a restart, and goes on when there is room', async (t) => {
  const folder = path.join(newFolder(t), 'disk');
  mkdirSync(folder);
  const reason = mount(folder);
  if (reason !== undefined) return t.skip(reason);
  lastly(t, () => execFileSync('umount', ['-l', folder]));
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
