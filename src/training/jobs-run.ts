/** One job in one child process: hears it, and writes down what a restart has to know. */

import type { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { JobChanges, JobRow, JobStore } from '../store/jobs.ts';
import { startTraining, type Training, type TrainingEvent } from './host.ts';
import type { TrainingJob } from './job.ts';
import type { JobProgress } from './jobs-api.ts';
import { progressOf } from './jobs-record.ts';
import type { ProgressOf } from './progress.ts';
import type { EngineOrder } from './protocol.ts';

/** Points of a whole curve: what a picture can show. */
const MOST_POINTS = 400;
const SAVE_PROGRESS_MS = 5000;

export type RunEnd =
  | ProgressOf<'done'>
  | { readonly type: 'failed'; readonly error: UserError }
  | { readonly type: 'stopped' };

export interface JobRunOptions {
  readonly row: JobRow;
  readonly job: TrainingJob;
  readonly folder: string;
  readonly engine: EngineOrder;
  readonly store: JobStore;
  readonly log: Log;
  readonly onProgress: () => void;
}

export class JobRun {
  readonly #options: JobRunOptions;
  readonly #training: Training;
  #progress: JobProgress;
  #savedAt = 0;
  /** Updates before it began, and now. */
  #from = 0;
  #step = 0;
  #learnt = false;
  #nextPoint = 0;
  #losses: number[] = [];

  /** Starts the child. */
  constructor(options: JobRunOptions) {
    this.#options = options;
    this.#progress = { ...progressOf(options.row), secondsLeft: undefined };
    this.#training = startTraining(options.job, options.engine, options.folder);
  }

  /** Of the child; undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#training.pid;
  }

  get progress(): JobProgress {
    return this.#progress;
  }

  /** Resolves when the child is gone. */
  async end(): Promise<RunEnd> {
    let end: RunEnd = { type: 'stopped' };
    for await (const event of this.#training.events) {
      if (event.type === 'done' || event.type === 'failed') end = event;
      this.#progress = nextProgress(this.#progress, event, this.#options.job.settings.maxEpochs);
      this.#note(event);
      this.#options.onProgress();
    }
    this.#record({ progress: this.#progress });
    return end;
  }

  /** Saves and ends. */
  stop(): Promise<void> {
    return this.#training.cancel();
  }

  kill(): Promise<void> {
    return this.#training.kill();
  }

  #note(event: TrainingEvent): void {
    switch (event.type) {
      case 'started':
        this.#options.log.info({ job: this.#options.row.id, engine: event.engine }, 'training engine');
        this.#from = event.step;
        this.#step = event.step;
        this.#tolerate((store, id) => store.cutPoints(id, event.step));
        break;
      case 'step':
        this.#addToCurve(event);
        if (performance.now() - this.#savedAt >= SAVE_PROGRESS_MS) this.#record({ progress: this.#progress });
        break;
      case 'validated': {
        const { step, epoch, valLoss, baseLoss } = event;
        this.#tolerate((store, id) =>
          store.addPoint(id, { step, epoch, loss: this.#meanLoss(), valLoss, baseLoss }),
        );
        break;
      }
      case 'saved':
        this.#saved();
        break;
      case 'sample':
        this.#tolerate((store, id) => store.addSample(id, { epoch: event.epoch, text: event.text }));
        break;
      case 'stopped':
      case 'done':
      case 'failed':
        break;
      default:
        event satisfies never;
    }
  }

  /** Another start will begin further on: it is no attempt at the same. */
  #saved(): void {
    const learnt = this.#learnt;
    this.#learnt ||= this.#step > this.#from;
    this.#record({ progress: this.#progress, ...(this.#learnt && !learnt ? { attempts: 0 } : {}) });
  }

  #addToCurve({ step, steps, epoch, loss }: ProgressOf<'step'>): void {
    this.#step = step;
    this.#losses.push(loss);
    if (step < this.#nextPoint) return;
    this.#nextPoint = step + Math.ceil(steps / MOST_POINTS);
    const point = { step, epoch, loss: this.#meanLoss(), valLoss: null, baseLoss: null };
    this.#tolerate((store, id) => store.addPoint(id, point));
  }

  /** Of the steps since the last point. */
  #meanLoss(): number | null {
    const losses = this.#losses;
    this.#losses = [];
    return losses.length === 0 ? null : losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  }

  #record(changes: Partial<JobChanges>): void {
    this.#savedAt = performance.now();
    this.#tolerate((store, id) => store.update(id, changes, { light: true }));
  }

  /** What is lost with it is a picture's point: no reason to end a training on a disk that is full for a while. */
  #tolerate(write: (store: JobStore, id: number) => void): void {
    const { store, row, log } = this.#options;
    try {
      write(store, row.id);
    } catch (error) {
      log.warn({ job: row.id, err: error }, 'progress of a training was not written');
    }
  }
}

function nextProgress(progress: JobProgress, event: TrainingEvent, epochs: number): JobProgress {
  switch (event.type) {
    case 'started': {
      const { characters, newCharacters, parameters, memory, engine, stepsPerEpoch, step, steps } = event;
      const made = { epoch: step / stepsPerEpoch, epochs, fraction: step / steps };
      return {
        ...progress,
        ...made,
        characters: characters.train,
        newCharacters,
        parameters,
        memory,
        engine,
      };
    }
    case 'step': {
      const { epoch, loss, charsPerSecond, secondsLeft, step, steps } = event;
      return { ...progress, epoch, loss, charsPerSecond, secondsLeft, fraction: step / steps };
    }
    case 'validated':
      return event.best ? { ...progress, epoch: event.epoch, valLoss: event.valLoss } : progress;
    case 'sample':
      return { ...progress, sample: { epoch: event.epoch, text: event.text } };
    case 'done':
      return { ...progress, epoch: event.epochs, fraction: 1, secondsLeft: 0, valLoss: event.valLoss };
    default:
      return progress;
  }
}
