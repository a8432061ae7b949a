/** The engine of a job: one that goes on keeps what it was begun with, so that it ends with the same bits. */
import type { Engine } from '../engine/engine.ts';
import { chooseEngine } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import type { TrainingJob } from './job.ts';
import type { EngineChoice, EngineOrder } from './protocol.ts';
import { readRun } from './run-state.ts';

export interface JobEngine {
  readonly engine: Engine;
  /** What it resolved to: to be recorded with the run. */
  readonly choice: EngineChoice;
}

/** What was recorded does not run here any more: another machine, another Node, a library that was removed. */
const GONE: readonly string[] = ['engineMissing', 'kernelsUnusable'];

/**
 * The engine that an interrupted run of the job was recorded with, where it runs here; else the one that is ordered.
 * Throws a `UserError` where that cannot be, or the run's file is damaged.
 */
export async function engineOf(job: TrainingJob, order: EngineOrder): Promise<JobEngine> {
  const earlier = job.resume === 'never' ? undefined : await readRun(job.checkpoint);
  if (earlier) {
    try {
      return await resolve({ ...order, ...earlier.record.choice });
    } catch (error) {
      if (!(error instanceof UserError && GONE.includes(error.code))) throw error;
    }
  }
  return resolve(order);
}

async function resolve(order: EngineOrder): Promise<JobEngine> {
  const { engine } = await chooseEngine(order);
  return { engine, choice: engine.trainingChoice() };
}
