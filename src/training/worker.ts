/**
 * The training process: trains what its host orders and reports. It gives way to everything else on the
 * machine, and when its host is gone it saves and ends.
 */
import { constants, setPriority } from 'node:os';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { makeFolder } from '../store/files.ts';
import { type Lock, takeLock } from '../store/lock.ts';
import { engineOf } from './engine.ts';
import type { TrainingJob } from './job.ts';
import { type EngineOrder, failureReport, orderSchema, type Report } from './protocol.ts';
import { train } from './trainer.ts';

/** Steps are reported no more often; a small network makes hundreds a second. */
const STEP_REPORT_MS = 200;
/** The worker of a host that was killed saves before it ends: until then it has the folder. */
const LOCK_FILE = '.lock';
const LOCK_PATIENCE_MS = 60_000;

// Before the engine starts its threads, which inherit it.
setPriority(constants.priority.PRIORITY_LOW);

const cancellation = new AbortController();
const cancel = () => cancellation.abort();
process.on('disconnect', cancel);
process.on('SIGINT', cancel);
process.on('SIGTERM', cancel);
process.on('message', (message) => {
  const order = orderSchema.parse(message);
  if (order.type === 'cancel') cancel();
  else void work(order.job, order.engine);
});

async function work(job: TrainingJob, ordered: EngineOrder): Promise<void> {
  let lastStep = Number.NEGATIVE_INFINITY;
  let lock: Lock | undefined;
  try {
    lock = await lockFolder(path.dirname(job.checkpoint));
    if (!lock) return;
    const { engine, choice } = await engineOf(job, ordered);
    for await (const progress of train(job, { engine, choice, signal: cancellation.signal })) {
      const now = performance.now();
      if (progress.type === 'step' && now - lastStep < STEP_REPORT_MS) continue;
      if (progress.type === 'step') lastStep = now;
      await send(progress);
    }
  } catch (error) {
    process.exitCode = 1;
    await send(failureReport(error));
  } finally {
    lock?.release();
    if (process.connected) process.disconnect();
  }
}

/** Undefined when it is told to end meanwhile. */
async function lockFolder(folder: string): Promise<Lock | undefined> {
  await makeFolder(folder);
  const { signal } = cancellation;
  const lock = await takeLock(path.join(folder, LOCK_FILE), { patienceMs: LOCK_PATIENCE_MS, signal });
  if (!lock && !signal.aborted) throw new UserError('jobLocked', { folder });
  return lock;
}

/** Resolves when the report is on its way; a host that is gone hears nothing. */
async function send(report: Report): Promise<void> {
  if (!process.connected) return;
  await new Promise<void>((resolve) => process.send!(report, undefined, undefined, () => resolve()));
}
