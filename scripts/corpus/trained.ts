/** Networks that `npm run baselines` trains on the spot: char-rnn's settings in our trainer and in PyTorch. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { describeProgress } from '../../src/cli/progress-text.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Locale, Localized } from '../../src/strings/index.ts';
import type { SplitSettings } from '../../src/training/prepare.ts';
import type { TrainingProgress } from '../../src/training/progress.ts';
import { CHAR_RNN, type TrainSettings } from '../../src/training/settings.ts';
import type { Parts } from '../../src/training/split.ts';
import { train } from '../../src/training/trainer.ts';
import { type Baseline, checkpointBaselines } from './baselines.ts';
import { trainInPytorch } from './pytorch.ts';
import { pythonWithPytorch } from './pytorch-process.ts';

export const TRAINERS = ['char-rnn', 'pytorch'] as const;
export type TrainerName = (typeof TRAINERS)[number];

export interface TrainedOrder {
  /** The file, its name and what stands in it. */
  readonly data: string;
  readonly name: string;
  readonly text: string;
  readonly parts: Parts;
  readonly settings: TrainSettings;
  readonly engine: Engine;
  /** PyTorch's; undefined: one for each core. */
  readonly threads: number | undefined;
  readonly signal: AbortSignal;
  readonly locale: Locale;
}

/** char-rnn's defaults on a split; in streams its rows and their length are the split's own. */
export function charRnnSettings(split: SplitSettings, maxEpochs: number): TrainSettings {
  const { split: mode, trainFrac, valFrac, batchSize, seqLength } = split;
  const layout = mode === 'streams' ? { batchSize, seqLength } : {};
  return { ...CHAR_RNN, split: mode, trainFrac, valFrac, ...layout, maxEpochs };
}

/**
 * Trains and measures: of each run the network with the lowest validation loss. Tells standard error how far it is,
 * and what it leaves out where there is no PyTorch. After `signal` was aborted rows are missing.
 */
export async function trainedBaselines(
  trainers: readonly TrainerName[],
  order: TrainedOrder,
): Promise<Baseline[]> {
  const rows: Baseline[] = [];
  for (const trainer of trainers) {
    if (order.signal.aborted) break;
    const python = trainer === 'pytorch' ? pythonWithPytorch() : undefined;
    if (trainer === 'pytorch' && !python) say(trainer, NO_PYTORCH[order.locale]);
    else rows.push(...(await trainedBaseline(trainer, order, python)));
  }
  return rows;
}

const NO_PYTORCH: Localized = {
  ko: 'PyTorch가 있는 python3가 없어 건너뜁니다.',
  en: 'left out: no python3 with torch on this machine',
};

async function trainedBaseline(
  trainer: TrainerName,
  order: TrainedOrder,
  python: string | undefined,
): Promise<Baseline[]> {
  const { engine, parts, settings } = order;
  const folder = await mkdtemp(path.join(tmpdir(), 'baselines-'));
  try {
    const checkpoint = path.join(folder, `${trainer}.safetensors`);
    for await (const progress of python ? inPytorch(order, checkpoint, python) : inOurs(order, checkpoint)) {
      tell(trainer, progress, order.locale);
    }
    if (order.signal.aborted) return [];
    const { numLayers, rnnSize, maxEpochs } = settings;
    const where = python ? 'PyTorch' : 'our trainer';
    const name = `char-rnn's ${numLayers} x ${rnnSize}, ${maxEpochs} epochs, ${where}`;
    // The network alone: recall is none of char-rnn's.
    const [row] = await checkpointBaselines(engine, checkpoint, parts, settings);
    return [{ ...row, name }];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Of so many steps one is told. */
const TOLD_EVERY = 100;

function tell(trainer: TrainerName, progress: TrainingProgress, locale: Locale): void {
  // Files of a folder that will be gone are nobody's business, nor are verses.
  if (progress.type === 'saved' || progress.type === 'done' || progress.type === 'sample') return;
  if (progress.type === 'step' && progress.step % TOLD_EVERY !== 0) return;
  for (const line of describeProgress(progress, locale).split('\n')) say(trainer, line);
}

const say = (trainer: TrainerName, line: string) => process.stderr.write(`${trainer}: ${line}\n`);

const inPytorch = ({ threads, ...order }: TrainedOrder, checkpoint: string, python: string) =>
  trainInPytorch({ ...order, checkpoint }, { ...order, python, threads: threads ?? availableParallelism() });

const inOurs = ({ data, name, settings, engine, signal }: TrainedOrder, checkpoint: string) =>
  train(
    {
      data,
      name,
      settings,
      checkpoint,
      dtype: 'float32',
      initFrom: null,
      resume: 'never',
      maxBytes: Number.MAX_SAFE_INTEGER,
      // Nobody goes on with it.
      saveEvery: 86_400,
    },
    { engine, choice: engine.trainingChoice(), signal },
  );
