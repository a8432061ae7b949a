/** What becomes of a training that is done: rows and files as a child leaves them, so that none has to run. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { UserError } from '../../src/errors.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { type JobChanges, JobStore } from '../../src/store/jobs.ts';
import { Settings } from '../../src/store/settings.ts';
import type { JobOutcome } from '../../src/training/jobs-api.ts';
import { resolveSettings } from '../../src/training/settings.ts';
import { writeCheckpoint } from '../support/checkpoint.ts';
import { readableLog } from '../support/log.ts';
import { createJobs, HERE, lastly, modelsFolder, newFolder, varFolder } from './fixtures/jobs.ts';

const code = (wanted: string) => (error: unknown) => error instanceof UserError && error.code === wanted;

const BETTER: JobOutcome = {
  losses: { newText: { before: 5, after: 2 }, base: { before: 1.5, after: 1.51 } },
  verdict: 'publish',
  samples: [],
  epochs: 3,
  seconds: 60,
};

/** A job that is done, as an earlier process left it. */
async function prepare(t: TestContext, outcome: JobOutcome, changes: Partial<JobChanges> = {}) {
  const folder = newFolder(t);
  const own = path.join(varFolder(folder), 'jobs', 'abc');
  mkdirSync(own, { recursive: true });
  await writeCheckpoint(own, 'songs');
  renameSync(path.join(own, 'songs.safetensors'), path.join(own, 'model.safetensors'));
  writeFileSync(path.join(own, 'input.txt'), '비밀');
  writeFileSync(path.join(own, 'model.safetensors.state'), 'large');
  const store = await JobStore.open(path.join(varFolder(folder), 'jobs.db'));
  const record = {
    user: 'someone',
    locale: 'ko',
    name: 'songs',
    textName: 'songs.txt',
    baseName: 'ballad',
    baseFile: null,
    replays: false,
    settings: resolveSettings({}),
    estimatedSeconds: null,
  };
  const { id } = store.add({ place: HERE, folder: 'abc', order: record, createdAt: Date.now() });
  store.update(id, { state: 'done', outcome, endedAt: 1_800_000_000_000, ...changes });
  store.close();
  return { folder, own, id };
}

async function open(t: TestContext, folder: string) {
  const jobs = await createJobs(folder, { log: readableLog().log });
  lastly(t, () => jobs.close());
  return jobs;
}

const published = (folder: string): string =>
  path.join(modelsFolder(folder), 'places', 'discord-1', 'songs.safetensors');
const defaultOf = async (folder: string) =>
  (await Settings.open(path.join(varFolder(folder), 'settings.json'))).of(HERE).model;

test('published, it is the default of its place, and its file says where it comes from', async (t) => {
  const { folder, own, id } = await prepare(t, BETTER);
  const jobs = await open(t, folder);
  assert.equal((await jobs.get(HERE, id)).decision, null);
  assert.deepEqual(readdirSync(own), ['model.safetensors'], 'the text and the state are not kept');
  const [one, two] = await Promise.all([jobs.settle(HERE, id, 'publish'), jobs.settle(HERE, id, 'publish')]);
  assert.deepEqual([one.decision, two.decision], ['publish', 'publish'], 'pressed twice');
  assert.equal(await defaultOf(folder), 'songs');
  const { training } = await loadCheckpoint(published(folder));
  assert.equal(training.parent, 'ballad');
  assert.equal(training.date, new Date(1_800_000_000_000).toISOString());
  assert.deepEqual(training.losses, {
    new_text: { before: 5, after: 2 },
    base_text: { before: 1.5, after: 1.51 },
  });
  assert.ok(!existsSync(own));
  await assert.rejects(jobs.settle(HERE, id, 'discard'), code('jobDecided'));
  await assert.rejects(jobs.cancel(HERE, id), code('jobState'));
});

test('what did not get better can be kept beside the others, but not become the default', async (t) => {
  const { folder, id } = await prepare(t, { ...BETTER, verdict: { keepBecause: 'baseWorse' } });
  const jobs = await open(t, folder);
  await assert.rejects(jobs.settle(HERE, id, 'publish'), code('jobVerdict'));
  assert.ok(!existsSync(published(folder)));
  await jobs.settle(HERE, id, 'keep');
  assert.ok(existsSync(published(folder)));
  assert.equal(await defaultOf(folder), undefined);
});

test('discarded, nothing is left of it', async (t) => {
  const { folder, own, id } = await prepare(t, BETTER);
  const jobs = await open(t, folder);
  await jobs.settle(HERE, id, 'discard');
  assert.ok(!existsSync(own) && !existsSync(published(folder)));
});

test('a decision that a crash has cut off is carried out by the next process', async (t) => {
  const { folder, own, id } = await prepare(t, BETTER, { deciding: 'publish' });
  const jobs = await open(t, folder);
  await jobs.wake();
  assert.equal((await jobs.get(HERE, id)).decision, 'publish');
  assert.ok(existsSync(published(folder)) && !existsSync(own));
  assert.equal(await defaultOf(folder), 'songs');
});

test('a decision that cannot be carried out can be made again', async (t) => {
  const { folder, own, id } = await prepare(t, BETTER);
  const jobs = await open(t, folder);
  await jobs.wake();
  renameSync(path.join(own, 'model.safetensors'), path.join(own, 'away'));
  await assert.rejects(jobs.settle(HERE, id, 'keep'), code('fileMissing'));
  renameSync(path.join(own, 'away'), path.join(own, 'model.safetensors'));
  assert.equal((await jobs.settle(HERE, id, 'keep')).decision, 'keep');
});

test('folders that no job needs are removed at the start', async (t) => {
  const { folder, own } = await prepare(t, BETTER, { state: 'cancelled' });
  const orphan = path.join(varFolder(folder), 'jobs', 'orphan');
  mkdirSync(orphan);
  const jobs = await open(t, folder);
  await jobs.wake();
  assert.ok(!existsSync(orphan) && !existsSync(own));
});

const CRASHED = {
  state: 'failed',
  reason: { code: 'trainingCrashed', facts: { reason: 'SIGKILL' } },
} as const;

test('a failed job goes on while its files are there', async (t) => {
  const endedAt = Date.now() - 8 * 24 * 3_600_000;
  const { folder, own, id } = await prepare(t, BETTER, { ...CRASHED, endedAt });
  const jobs = await open(t, folder);
  await jobs.list();
  assert.ok(!existsSync(own));
  await assert.rejects(jobs.resume(HERE, id), code('jobState'));
  assert.equal((await jobs.get(HERE, id)).state, 'failed');
});

test('a failed job goes on where its place has room for it', async (t) => {
  const { folder, id } = await prepare(t, BETTER, { ...CRASHED, endedAt: Date.now() });
  const store = await JobStore.open(path.join(varFolder(folder), 'jobs.db'));
  const { order } = store.get(id)!;
  store.update(store.add({ place: HERE, folder: 'def', order, createdAt: Date.now() }).id, {
    state: 'paused',
  });
  store.close();
  const jobs = await createJobs(folder, { log: readableLog().log, mostPerPlace: 1 });
  lastly(t, () => jobs.close());
  await assert.rejects(jobs.resume(HERE, id), code('jobsTooMany'));
});

test('a failed job does not go on beside another of its name', async (t) => {
  const { folder, id } = await prepare(t, BETTER, { ...CRASHED, endedAt: Date.now() });
  const store = await JobStore.open(path.join(varFolder(folder), 'jobs.db'));
  const { order } = store.get(id)!;
  const other = store.add({ place: HERE, folder: 'def', order, createdAt: Date.now() }).id;
  store.update(other, { state: 'paused' });
  store.close();
  const jobs = await createJobs(folder, { log: readableLog().log });
  lastly(t, () => jobs.close());
  await assert.rejects(jobs.resume(HERE, id), code('jobNameTaken'));
  await jobs.cancel(HERE, other);
  assert.equal((await jobs.resume(HERE, id)).state, 'queued');
});
