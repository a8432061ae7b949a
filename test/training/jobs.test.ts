import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { UserError } from '../../src/errors.ts';
import { JobStore } from '../../src/store/jobs.ts';
import type { TrainingJobs } from '../../src/training/jobs.ts';
import type { JobView } from '../../src/training/jobs-api.ts';
import { readableLog } from '../support/log.ts';
import { until } from '../support/until.ts';
import { createJobs, HERE, lastly, newFolder, order, THERE, varFolder } from './fixtures/jobs.ts';

/** On an idle machine much less. */
const SOON_MS = 1000;

const code = (wanted: string) => (error: unknown) => error instanceof UserError && error.code === wanted;

type Options = Partial<Parameters<typeof createJobs>[1]>;

async function open(t: TestContext, options: Options = {}, folder?: string) {
  const place = folder ?? newFolder(t);
  const { log, lines } = readableLog();
  const jobs = await createJobs(place, { log, ...options });
  lastly(t, () => jobs.close());
  /** Of the child that runs. */
  const pid = (): number => Number(lines.findLast(({ msg }) => msg === 'training started')?.child);
  return { jobs, folder: place, lines, pid };
}

const jobFolders = (folder: string): string[] => readdirSync(path.join(varFolder(folder), 'jobs'));

async function reach(
  jobs: TrainingJobs,
  { id, place }: JobView,
  holds: (view: JobView) => boolean,
): Promise<JobView> {
  let view = await jobs.get(place, id);
  await until(async () => {
    view = await jobs.get(place, id);
    return holds(view);
  }, `what is waited for of job ${id}`);
  return view;
}

const learns = ({ state, progress }: JobView): boolean => state === 'running' && progress.fraction > 0;

test('jobs have their turn one after the other; pausing and cancelling make room at once', async (t) => {
  const { jobs, folder, lines } = await open(t);
  const first = await jobs.add(order({ estimatedSeconds: 60 }));
  const second = await jobs.add(order({ name: 'second', estimatedSeconds: 30 }));
  const third = await jobs.add(order({ name: 'third', place: THERE }));
  await reach(jobs, first, learns);
  assert.equal(jobs.current?.id, first.id);
  const engine = lines.find(({ msg }) => msg === 'training engine');
  assert.equal(engine?.job, first.id);
  assert.match(String(engine?.engine), /^WebAssembly (relaxed|simd)(8|16) \(/);
  assert.equal((await jobs.get(HERE, second.id)).waiting?.ahead, 1);
  const { waiting } = await jobs.get(THERE, third.id);
  assert.equal(waiting?.ahead, 2);
  assert.ok(waiting.seconds! > 30, 'the one that runs, and the one before');

  const begun = performance.now();
  const paused = await jobs.pause(HERE, first.id);
  assert.ok(performance.now() - begun < SOON_MS);
  assert.equal(paused.state, 'paused');
  await reach(jobs, second, learns);

  const cancelling = performance.now();
  assert.equal((await jobs.cancel(HERE, second.id)).state, 'cancelled');
  assert.ok(performance.now() - cancelling < SOON_MS);
  assert.equal(jobFolders(folder).length, 2, 'nothing is left of it');
  await reach(jobs, third, learns);

  const resumed = await jobs.resume(HERE, first.id);
  assert.deepEqual([resumed.state, resumed.waiting?.ahead], ['queued', 1]);
  await jobs.cancel(THERE, third.id);
  const { progress } = await reach(jobs, first, learns);
  assert.ok(progress.fraction >= paused.progress.fraction, 'it goes on where it was');
  await assert.rejects(jobs.resume(HERE, second.id), code('jobState'));
});

test('a place knows its own jobs alone, and has room for so many', async (t) => {
  const { jobs, folder } = await open(t, { mostPerPlace: 2 });
  const { id } = await jobs.add(order());
  for (const forbidden of [
    jobs.get(THERE, id),
    jobs.cancel(THERE, id),
    jobs.pause(THERE, id),
    jobs.resume(THERE, id),
    jobs.settle(THERE, id, 'discard'),
    jobs.get({ platform: 'slack', id: HERE.id }, id),
    jobs.get(HERE, Number.NaN),
  ]) {
    await assert.rejects(forbidden, code('jobUnknown'));
  }
  await assert.rejects(jobs.get(HERE, 99), /there are: 1$/);
  await assert.rejects(jobs.get(THERE, id), /\/train starts one/);
  assert.deepEqual(await jobs.list(THERE), []);
  await assert.rejects(jobs.find(THERE, ['running', 'queued']), code('jobNone'));

  const both = await Promise.allSettled([jobs.add(order({ name: 'one' })), jobs.add(order({ name: 'two' }))]);
  const second = both.find(({ status }) => status === 'fulfilled') as PromiseFulfilledResult<JobView>;
  const refused = both.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
  assert.ok(code('jobsTooMany')(refused.reason));
  assert.equal(jobFolders(folder).length, 2);
  await jobs.pause(HERE, id);
  await jobs.pause(HERE, second.value.id);
  await assert.rejects(jobs.find(HERE, ['paused']), code('jobWhich'));
  assert.equal((await jobs.add(order({ place: THERE }))).state, 'queued');
});

test('of two trainings at once that make a model of one name, one is taken', async (t) => {
  const { jobs, folder } = await open(t);
  const both = await Promise.allSettled([jobs.add(order()), jobs.add(order())]);
  const refused = both.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  assert.deepEqual(
    refused.map(({ reason }) => [reason.code, reason.facts]),
    [['jobNameTaken', { job: 1, model: 'songs' }]],
  );
  assert.equal(jobFolders(folder).length, 1);
  assert.equal((await jobs.add(order({ place: THERE }))).id, 2, 'another place has its own names');
});

test('where the message of a training is to be is known with its order', async (t) => {
  const { jobs, folder } = await open(t);
  await jobs.add(order({ message: { channel: 'C1' } }));
  await jobs.close();
  const store = await JobStore.open(path.join(varFolder(folder), 'jobs.db'));
  lastly(t, () => store.close());
  assert.deepEqual(store.list()[0]?.message, { channel: 'C1' });
});

test('a training that is closed is saved and goes on with the next process, its message known', async (t) => {
  const { jobs, folder, pid } = await open(t);
  const job = await jobs.add(order());
  await jobs.remember(job.id, { channel: 'C1', message: '7' });
  const { progress } = await reach(jobs, job, learns);
  const child = pid();
  await jobs.close();
  assert.throws(() => process.kill(child, 0), 'its process is gone');

  const next = await open(t, {}, folder);
  await next.jobs.wake();
  const again = await reach(next.jobs, job, learns);
  assert.ok(again.progress.fraction >= progress.fraction);
  assert.deepEqual(again.message, { channel: 'C1', message: '7' });
  assert.ok((await next.jobs.curve(job.id)).length > 0);

  const other = await open(t, { ownerPatienceMs: 0 }, folder);
  await assert.rejects(other.jobs.add(order()), code('jobsElsewhere'), 'a second process keeps away');
});

test('what is shown of a training does not disturb it, whatever goes wrong there', async (t) => {
  const { jobs, lines } = await open(t);
  const job = await jobs.add(order());
  const forget = jobs.watch(job.id, () => {
    throw new Error('nobody is there');
  });
  await until(() => lines.some(({ msg }) => msg === 'a change of a training was not told'), 'the log');
  await reach(jobs, job, learns);
  forget();
  assert.equal((await jobs.pause(HERE, job.id)).state, 'paused');
  assert.ok(!lines.some(({ msg }) => msg === 'a training could not be managed'));
});

test('nothing is loaded or written where there never was a job', async (t) => {
  const { jobs, folder } = await open(t);
  await jobs.wake();
  assert.deepEqual(await jobs.list(), []);
  await assert.rejects(jobs.get(HERE, 1), code('jobUnknown'));
  await jobs.close();
  assert.ok(!existsSync(varFolder(folder)));
});

test('a child that dies three times has failed with its reason, and can be told to go on', async (t) => {
  const { jobs, pid } = await open(t);
  const job = await jobs.add(order());
  const killed = new Set<number>();
  for (let crash = 0; crash < 3; crash++) {
    await until(() => pid() > 0 && !killed.has(pid()), 'a child');
    killed.add(pid());
    process.kill(pid(), 'SIGKILL');
  }
  const failed = await reach(jobs, job, ({ state }) => state === 'failed');
  assert.equal(failed.reason?.code, 'trainingCrashed');
  assert.match(failed.reason.text('en'), /SIGKILL/);
  await jobs.resume(HERE, job.id);
  await reach(jobs, job, learns);
  assert.equal((await jobs.get(HERE, job.id)).reason, null);
});

test('a job that took the bot with it time and again waits for a person', async (t) => {
  const { jobs, folder } = await open(t);
  const { id } = await jobs.add(order());
  await jobs.close();
  const store = await JobStore.open(path.join(varFolder(folder), 'jobs.db'));
  store.update(id, { state: 'running', attempts: 10 });
  store.close();
  const next = await open(t, {}, folder);
  await next.jobs.wake();
  await until(async () => (await next.jobs.get(HERE, id)).state === 'paused', 'a pause');
  assert.equal((await next.jobs.get(HERE, id)).reason?.code, 'jobStuck');
  const { state } = await next.jobs.resume(HERE, id);
  assert.ok(['queued', 'running'].includes(state));
});

test('what cannot be trained on has failed at once, in words that name the file that was given', async (t) => {
  const { jobs, folder } = await open(t);
  const job = await jobs.add(order({ text: { name: '짧은 글.txt', bytes: Buffer.from('사랑') } }));
  const { reason } = await reach(jobs, job, ({ state }) => state === 'failed');
  assert.match(reason!.text('ko'), /짧은 글\.txt/);
  await assert.rejects(jobs.resume(HERE, job.id), code('jobState'));
  await jobs.close();
  const next = await open(t, {}, folder);
  await next.jobs.wake();
  assert.deepEqual(jobFolders(folder), [], 'its text is not kept');
});

test('what cannot be written is refused before there is a job', async (t) => {
  const { jobs, folder } = await open(t);
  const missing = { name: 'none', file: path.join(folder, 'none.safetensors') };
  await assert.rejects(jobs.add(order({ base: missing })), code('fileMissing'));
  assert.deepEqual(await jobs.list(), []);
  assert.deepEqual(jobFolders(folder), []);
  await jobs.close();
  const file = path.join(folder, 'file');
  writeFileSync(file, '');
  const other = await open(t, { folder: path.join(file, 'var') });
  await assert.rejects(other.jobs.add(order()), UserError);
});
