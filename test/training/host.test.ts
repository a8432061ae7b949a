import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { constants, getPriority } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { takeLock } from '../../src/store/lock.ts';
import { startTraining, type TrainingEvent } from '../../src/training/host.ts';
import type { TrainingJob } from '../../src/training/job.ts';
import { readRun } from '../../src/training/run-state.ts';
import { train } from '../../src/training/trainer.ts';
import { collect, smallJob, temporaryFolder, testEngine } from './fixtures/runs.ts';

/** A second on an idle machine; the child gives way to the other tests. */
const SOON_MS = 3000;
const ONE_THREAD = { engine: 'wasm', threads: 1 } as const;

/** A job that would take minutes. */
const longJob = async (folder: string): Promise<TrainingJob> =>
  smallJob(folder, { maxEpochs: 10_000, patience: 0 });

async function all(events: AsyncIterable<TrainingEvent>): Promise<TrainingEvent[]> {
  const collected: TrainingEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('the child process trains to the bits that this process trains to, at low priority', async (t) => {
  const job = await smallJob(await temporaryFolder(t));
  const training = startTraining(job, ONE_THREAD);
  let priority: number | undefined;
  const events: TrainingEvent[] = [];
  for await (const event of training.events) {
    if (event.type === 'started') priority = getPriority(training.pid);
    events.push(event);
  }
  assert.equal(events[0]!.type, 'started');
  assert.equal(events.at(-1)!.type, 'done');
  assert.ok(events.some(({ type }) => type === 'step') && events.some(({ type }) => type === 'validated'));
  assert.equal(priority, constants.priority.PRIORITY_LOW);

  const here = await smallJob(await temporaryFolder(t));
  await collect(train(here, { engine: await testEngine() }));
  assert.deepEqual(await readFile(job.checkpoint), await readFile(here.checkpoint));
});

test('cancel saves and resolves soon, twice as well as once', async (t) => {
  const job = await longJob(await temporaryFolder(t));
  const training = startTraining(job, ONE_THREAD);
  let cancelled: Promise<number> | undefined;
  let last: TrainingEvent | undefined;
  for await (const event of training.events) {
    last = event;
    if (event.type === 'step' && !cancelled) {
      const begun = performance.now();
      cancelled = Promise.all([training.cancel(), training.cancel()]).then(() => performance.now() - begun);
    }
  }
  assert.ok((await cancelled!) < SOON_MS, `${await cancelled} ms`);
  assert.ok(last?.type === 'stopped' && last.reason === 'cancelled');
  assert.equal((await readRun(job.checkpoint))!.record.position.step, last.step);
  assert.ok(!isAlive(training.pid!));
  await training.cancel();
});

test('what a person can change comes back as the error that it was', async (t) => {
  const job = { ...(await smallJob(await temporaryFolder(t))), data: '/nowhere/input.txt' };
  const events = await all(startTraining(job, ONE_THREAD).events);
  assert.equal(events.length, 1);
  const [failed] = events;
  assert.ok(failed?.type === 'failed');
  assert.equal(failed.error.code, 'fileMissing');
  assert.match(failed.error.text('ko'), /\/nowhere\/input\.txt 파일이 없습니다/);
});

test('a child that is killed is a failure with its reason, and this process goes on', async (t) => {
  const job = await longJob(await temporaryFolder(t));
  const training = startTraining(job, ONE_THREAD);
  let last: TrainingEvent | undefined;
  for await (const event of training.events) {
    if (event.type === 'step') process.kill(training.pid!, 'SIGKILL');
    last = event;
  }
  assert.ok(last?.type === 'failed');
  assert.equal(last.error.code, 'trainingCrashed');
  assert.match(last.error.message, /SIGKILL/);
});

test('a child whose heap is full is a failure with its reason, and this process goes on', async (t) => {
  const folder = await temporaryFolder(t);
  const text = Array.from({ length: 200_000 }, (_, i) => `봄${i.toString(36)}`).join('\n\n\n');
  const job = { ...(await smallJob(folder, {}, text)), maxBytes: 10_000_000 };
  const events = await all(startTraining(job, ONE_THREAD, undefined, 24).events);
  const last = events.at(-1);
  assert.ok(last?.type === 'failed' && last.error.code === 'trainingCrashed', JSON.stringify(last));
  assert.match(last.error.message, /SIGABRT|exit code 134/);
  assert.match(String(last.error.cause), /heap/);
});

test('a child that cannot even begin is a failure with its reason', async (t) => {
  const job = { ...(await smallJob(await temporaryFolder(t))), settings: {} } as unknown as TrainingJob;
  const [failed] = await all(startTraining(job, ONE_THREAD).events);
  assert.ok(failed?.type === 'failed');
  assert.match(failed.error.message, /exit code 1/);
  assert.match(String(failed.error.cause), /learningRate/, 'its last words are kept for the log');
});

test('a child whose host is killed saves and ends', async (t) => {
  const job = await longJob(await temporaryFolder(t));
  const host = spawn(
    process.execPath,
    [fileURLToPath(new URL('./fixtures/host.js', import.meta.url)), JSON.stringify(job)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  t.after(() => host.kill('SIGKILL'));
  let worker = 0;
  let steps = 0;
  for await (const line of host.stdout.setEncoding('utf8')) {
    worker ||= Number(/worker (\d+)/.exec(line)?.[1] ?? 0);
    if (/step/.test(line) && steps++ === 0) host.kill('SIGKILL');
  }
  const deadline = Date.now() + 5000;
  while (isAlive(worker) && Date.now() < deadline) await wait(20);
  assert.ok(worker > 0 && !isAlive(worker));
  assert.ok((await readRun(job.checkpoint))!.record.position.step > 0);
});

test('a child whose reports make no sense ends its training, and nothing else', async (t) => {
  const job = await smallJob(await temporaryFolder(t));
  const odd =
    'const send = process.send?.bind(process); process.send = (report, ...more) =>' +
    " send(report.type === 'step' ? { ...report, loss: NaN } : report, ...more)";
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(odd)}`;
  const training = startTraining(job, ONE_THREAD);
  if (before === undefined) delete process.env.NODE_OPTIONS;
  else process.env.NODE_OPTIONS = before;
  const last = (await all(training.events)).at(-1)!;
  assert.ok(last.type === 'failed' && last.error.code === 'trainingCrashed');
  assert.equal(isAlive(training.pid!), false);
});

test('a child waits until the one before it has left the folder', async (t) => {
  const [taken, free] = [await temporaryFolder(t), await temporaryFolder(t)];
  const lock = await takeLock(path.join(taken, '.lock'));
  const waiting = startTraining(await smallJob(taken, { maxEpochs: 1 }), ONE_THREAD);
  const events: TrainingEvent[] = [];
  const ended = (async () => {
    for await (const event of waiting.events) events.push(event);
  })();
  // Started after it, and done before it has begun.
  assert.equal((await all(startTraining(await smallJob(free), ONE_THREAD).events)).at(-1)!.type, 'done');
  assert.equal(events.length, 0);
  lock!.release();
  await ended;
  assert.equal(events.at(-1)!.type, 'done');
});
