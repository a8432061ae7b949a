/**
 * Trains in a child process, so that a crash, a lack of memory or a busy core there cannot take this process
 * down. It knows neither the chat nor what is trained.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.ts';
import { EventQueue } from './event-queue.ts';
import type { TrainingJob } from './job.ts';
import { keepEnds } from './last-words.ts';
import { heapLimit } from './memory.ts';
import type { TrainingProgress } from './progress.ts';
import { type EngineOrder, type Order, reportedError, reportSchema } from './protocol.ts';

/** A training's end without `done`: what was thrown there, or how the process ended. */
export interface TrainingFailure {
  readonly type: 'failed';
  readonly error: UserError;
}
export type TrainingEvent = TrainingProgress | TrainingFailure;

export interface Training {
  /** For one reader; ends with `done`, `stopped` (cancelled) or `failed`. Steps that were not read in time are left out. */
  readonly events: AsyncIterable<TrainingEvent>;
  /** Saves and ends the training; resolves when its process is gone. */
  cancel(): Promise<void>;
  /** Ends it at once: what was learnt since the last saving is lost. Resolves when its process is gone. */
  kill(): Promise<void>;
  /** Of the training process; undefined when it could not be started. */
  readonly pid: number | undefined;
}

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));
/** A step of the largest network and the writing of its state take less, also where others have the cores. */
const CANCEL_PATIENCE_MS = 60_000;

/**
 * Starts a job in a process of its own and of low priority; `folder` is where its relative paths begin, `heap` the MiB
 * that its JavaScript may take. Throws nothing: what fails is an event.
 */
export function startTraining(
  job: TrainingJob,
  engine: EngineOrder = {},
  folder?: string,
  heap = heapLimit(job.maxBytes),
): Training {
  const child = fork(WORKER, {
    execArgv: [...ownFlags(), `--max-old-space-size=${heap}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(folder === undefined ? {} : { cwd: folder }),
  });
  const events = new EventQueue<TrainingEvent>(
    (newer, older) => newer.type === 'step' && older.type === 'step',
  );
  const lastWords = keepEnds(child.stderr);
  let ended = false;

  child.on('message', (message) => {
    if (ended) return;
    const heard = reportSchema.safeParse(message);
    if (!heard.success) {
      // Whatever went wrong there, it must not take this process along.
      child.kill('SIGKILL');
      const error = new UserError('trainingCrashed', { reason: 'odd report' }, { cause: heard.error });
      events.push({ type: 'failed', error });
      ended = true;
      return;
    }
    const report = heard.data;
    const event = report.type === 'failed' ? { type: report.type, error: reportedError(report) } : report;
    ended ||= isEnd(event);
    events.push(event);
  });
  const gone = whenGone(child).then((reason) => {
    if (!ended) {
      const error = new UserError('trainingCrashed', { reason }, { cause: lastWords() });
      events.push({ type: 'failed', error });
    }
    events.end();
  });
  give(child, { type: 'start', job, engine });

  return {
    events,
    pid: child.pid,
    async cancel() {
      give(child, { type: 'cancel' });
      const impatience = setTimeout(() => child.kill('SIGKILL'), CANCEL_PATIENCE_MS);
      await gone;
      clearTimeout(impatience);
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Node's flags of this process, without a program that stands among them (`node -e`). */
function ownFlags(): string[] {
  const flags = process.execArgv;
  const program = flags.findIndex((flag) => /^(-e|-p|-pe|--eval|--print)$/.test(flag));
  return program < 0 ? flags : flags.toSpliced(program, 2);
}

const isEnd = (event: TrainingEvent): boolean =>
  event.type === 'done' ||
  event.type === 'failed' ||
  (event.type === 'stopped' && event.reason === 'cancelled');

/** Sends unless the child is gone, which is heard elsewhere. */
function give(child: ChildProcess, order: Order): void {
  if (child.connected) child.send(order, () => {});
}

/** Resolves with how the process ended, after its last message was heard. */
function whenGone(child: ChildProcess): Promise<string> {
  const heard = new Promise<void>((resolve) => child.once('disconnect', resolve));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      void heard.then(() => resolve(signal ?? `exit code ${code}`));
    });
  });
}
