/**
 * The training that the bot runs: one at a time, in a child process, published as a model when it is done.
 * Its text, state and best network lie in a folder of their own below the models until then, so that nothing
 * half-trained is ever listed, and the same order given again goes on where a cancelled one stopped.
 * It knows bytes and folders, no chat.
 */
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { systemCode, UserError } from '../errors.ts';
import type { Training, TrainingEvent } from './host.ts';
import type { TrainingJob } from './job.ts';
import type { EngineChoice } from './protocol.ts';

const SUFFIX = '.safetensors';
const WORK_FOLDER = '.training';
/** Most of the work that a crash can cost. */
const SAVE_EVERY_SECONDS = 30;
/** Failures after which the same order can go on where it stopped; after others it would fail again. */
const RESUMABLE: readonly string[] = ['trainingCrashed', 'diskFull', 'folderNotWritable'];
/** A network that has learnt already needs fewer and smaller steps than a new one. */
const FINE_TUNING = { maxEpochs: 10, learningRate: 1e-3 };

export interface TrainingOrder {
  /** Name of the model to be. */
  readonly name: string;
  readonly text: { readonly name: string; readonly bytes: Uint8Array };
  /** Checkpoint file to go on from; null trains a new network. */
  readonly base: string | null;
  /** Folder of the checkpoint to be. */
  readonly publishTo: string;
  readonly epochs?: number | undefined;
  readonly seed?: number | undefined;
}

/** How far a training is. */
export interface TrainingView {
  readonly name: string;
  /** Passes over the text: made, and in all. */
  readonly epoch: number;
  readonly epochs: number;
  /** 0 to 1. */
  readonly fraction: number;
  /** Nats per character: of the last batch, and the lowest on the validation part. */
  readonly loss?: number;
  readonly valLoss?: number | null;
  readonly charsPerSecond?: number;
  readonly secondsLeft?: number;
  /** Of the training part, known once it is read. */
  readonly characters?: number;
  readonly newCharacters?: number;
}

export type TrainingEnd =
  | {
      readonly kind: 'done';
      readonly valLoss: number | null;
      readonly epochs: number;
      readonly seconds: number;
    }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface RunningTraining {
  readonly view: TrainingView;
  /** Never rejects. When it is `done` the model can be used. */
  readonly ended: Promise<TrainingEnd>;
}

export interface TrainingJobsOptions {
  /** Where checkpoints are published. */
  readonly folder: string;
  readonly maxBytes: number;
  readonly engine: EngineChoice;
}

interface Current {
  readonly name: string;
  view: TrainingView;
  training: Training | undefined;
  ended: Promise<TrainingEnd>;
  cancelled: boolean;
}

export class TrainingJobs {
  readonly #options: TrainingJobsOptions;
  #current: Current | undefined;

  constructor(options: TrainingJobsOptions) {
    this.#options = options;
  }

  /** The training that runs now. */
  get current(): RunningTraining | undefined {
    return this.#current;
  }

  /**
   * Starts a training; resolves when its text was found good and it runs. `onChange` is told of its progress.
   * Throws a `UserError` while another runs, on a text that cannot be trained on, and where its files cannot
   * be written.
   */
  async start(order: TrainingOrder, onChange: (view: TrainingView) => void): Promise<RunningTraining> {
    if (this.#current) throw new UserError('trainingRunning', { model: this.#current.name });
    const current: Current = {
      name: order.name,
      view: { name: order.name, epoch: 0, epochs: 0, fraction: 0 },
      training: undefined,
      ended: Promise.resolve({ kind: 'cancelled' }),
      cancelled: false,
    };
    this.#current = current;
    const running = new Promise<void>((resolve) => {
      current.ended = this.#run(order, current, onChange, resolve)
        .catch((error: unknown): TrainingEnd => ({ kind: 'failed', error }))
        .finally(() => {
          this.#current = undefined;
        });
    });
    const early = await Promise.race([running, current.ended]);
    if (early?.kind === 'failed') throw early.error;
    return current;
  }

  /** Saves and ends the running training; resolves when its process is gone. Throws a `UserError` where there is none. */
  async cancel(): Promise<string> {
    const current = this.#current;
    if (!current) throw new UserError('trainingNone', {});
    current.cancelled = true;
    await current.training?.cancel();
    await current.ended;
    return current.name;
  }

  /** Saves and ends what runs. */
  async close(): Promise<void> {
    if (this.#current) await this.cancel();
  }

  async #run(
    order: TrainingOrder,
    current: Current,
    onChange: (view: TrainingView) => void,
    onStart: () => void,
  ): Promise<TrainingEnd> {
    // Loaded here, so that answering the first lyric does not wait for what only training needs.
    const { startTraining } = await import('./host.ts');
    const job = await this.#prepare(order);
    if (current.cancelled) return { kind: 'cancelled' };
    current.training = startTraining(job, this.#options.engine);
    let last: TrainingEvent | undefined;
    for await (const event of current.training.events) {
      last = event;
      current.view = nextView(current.view, event, job);
      if (event.type === 'started') onStart();
      else onChange(current.view);
    }
    if (last?.type === 'failed') {
      if (!RESUMABLE.includes(last.error.code)) await removeFolder(path.dirname(job.data));
      return { kind: 'failed', error: namingFile(last.error, job.data, order.text.name) };
    }
    if (last?.type !== 'done') return { kind: 'cancelled' };
    await this.#publish(job, order);
    return { kind: 'done', valLoss: last.valLoss, epochs: last.epochs, seconds: last.seconds };
  }

  /** Writes the order into the training's folder; what an earlier training of the same order left there is kept. */
  async #prepare(order: TrainingOrder): Promise<TrainingJob> {
    const [{ resolveSettings }, { makeFolder, writeFileAtomic }] = await Promise.all([
      import('./settings.ts'),
      import('../store/files.ts'),
    ]);
    const folder = path.join(this.#options.folder, WORK_FOLDER, order.name);
    const job: TrainingJob = {
      data: path.join(folder, 'input.txt'),
      name: path.parse(order.text.name).name,
      settings: resolveSettings({
        ...(order.base === null ? {} : FINE_TUNING),
        ...(order.epochs === undefined ? {} : { maxEpochs: order.epochs }),
        ...(order.seed === undefined ? {} : { seed: order.seed }),
      }),
      checkpoint: path.join(folder, `${order.name}${SUFFIX}`),
      dtype: 'float32',
      initFrom: order.base,
      resume: 'if-possible',
      maxBytes: this.#options.maxBytes,
      saveEvery: SAVE_EVERY_SECONDS,
    };
    const record = path.join(folder, 'job.json');
    const json = Buffer.from(JSON.stringify(job));
    if ((await hasContent(record, json)) && (await hasContent(job.data, order.text.bytes))) return job;
    await removeFolder(folder);
    await makeFolder(folder);
    await writeFileAtomic(job.data, order.text.bytes);
    await writeFileAtomic(record, json);
    return job;
  }

  /** In one step: the model is listed in whole or not at all. */
  async #publish(job: TrainingJob, { name, publishTo }: TrainingOrder): Promise<void> {
    await mkdir(publishTo, { recursive: true });
    await rename(job.checkpoint, path.join(publishTo, `${name}${SUFFIX}`));
    await removeFolder(path.dirname(job.checkpoint));
  }
}

function nextView(view: TrainingView, event: TrainingEvent, job: TrainingJob): TrainingView {
  switch (event.type) {
    case 'started': {
      const { characters, newCharacters, stepsPerEpoch, step, steps } = event;
      const epochs = job.settings.maxEpochs;
      const done = { epoch: step / stepsPerEpoch, epochs, fraction: step / steps };
      return { ...view, ...done, characters: characters.train, newCharacters };
    }
    case 'step': {
      const { epoch, loss, charsPerSecond, secondsLeft, step, steps } = event;
      return { ...view, epoch, loss, charsPerSecond, secondsLeft, fraction: step / steps };
    }
    case 'validated':
      return event.best ? { ...view, epoch: event.epoch, valLoss: event.valLoss } : view;
    case 'done':
      return { ...view, epoch: event.epochs, fraction: 1, valLoss: event.valLoss };
    default:
      return view;
  }
}

const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

async function hasContent(file: string, bytes: Uint8Array): Promise<boolean> {
  try {
    return Buffer.compare(await readFile(file), bytes) === 0;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** People know the file that they gave, not our copy of it. */
function namingFile(error: UserError, copy: string, given: string): unknown {
  const facts = error.facts as unknown as Record<string, unknown>;
  return facts.file === copy ? new UserError(error.code, { ...facts, file: given } as never) : error;
}
