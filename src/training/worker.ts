/**
 * The training process: trains what its host orders and reports. It gives way to everything else on the
 * machine, and when its host is gone it saves and ends.
 */
import { constants, setPriority } from 'node:os';
import { engineOf } from './engine.ts';
import type { TrainingJob } from './job.ts';
import { type EngineOrder, failureReport, orderSchema, type Report } from './protocol.ts';
import { train } from './trainer.ts';

/** Steps are reported no more often; a small network makes hundreds a second. */
const STEP_REPORT_MS = 200;

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
  try {
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
    if (process.connected) process.disconnect();
  }
}

/** Resolves when the report is on its way; a host that is gone hears nothing. */
async function send(report: Report): Promise<void> {
  if (!process.connected) return;
  await new Promise<void>((resolve) => process.send!(report, undefined, undefined, () => resolve()));
}
