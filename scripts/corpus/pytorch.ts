/**
 * Training in PyTorch as `src/training/trainer.ts` does it: from the same weights, on the same batches in the same
 * order, with the same learning rates, judged at the same steps. Only the arithmetic is PyTorch's.
 */
import type { Engine } from '../../src/engine/engine.ts';
import type { Checkpoint } from '../../src/model/checkpoint.ts';
import { saveCheckpoint } from '../../src/store/checkpoints.ts';
import { evaluateParts } from '../../src/training/evaluate.ts';
import { beginNetwork, partsOf, planBatches } from '../../src/training/prepare.ts';
import type { TrainingProgress } from '../../src/training/progress.ts';
import { learningRateAt } from '../../src/training/schedule.ts';
import { optimizerOf, type TrainSettings } from '../../src/training/settings.ts';
import type { Segment } from '../../src/training/split.ts';
import { PytorchProcess } from './pytorch-process.ts';

export interface PytorchJob {
  readonly text: string;
  /** Of the text, in the checkpoint. */
  readonly name: string;
  /** With RMSProp, clipping by value and no dropout, or a `RangeError` is thrown. */
  readonly settings: TrainSettings;
  /** Where the network with the lowest validation loss stands, if any part is held out; else the last. */
  readonly checkpoint: string;
}

export interface PytorchContext {
  readonly python: string;
  readonly threads: number;
  /** Measures what PyTorch has learnt. */
  readonly engine: Engine;
  readonly signal?: AbortSignal;
}

/** Ends early when `signal` is aborted. */
export async function* trainInPytorch(
  job: PytorchJob,
  { python, threads, engine, signal }: PytorchContext,
): AsyncGenerator<TrainingProgress, void, void> {
  const { text, settings } = job;
  assertSupported(settings);
  const { weights, ...network } = beginNetwork(text, settings, null);
  const parts = partsOf(text, settings);
  const { batches } = planBatches(network.vocabulary, parts.train, settings);
  const steps = batches.stepsPerEpoch * settings.maxEpochs;
  const { beta2: alpha, epsilon } = optimizerOf(settings);
  const pytorch = new PytorchProcess(python);
  const clock = startClock(steps);
  let bestLoss: number | null = null;
  try {
    const { spec } = network;
    await pytorch.begin({ spec, weights, optimizer: { alpha, epsilon }, clip: settings.gradClip, threads });
    for (let step = 1; step <= steps && !signal?.aborted; step++) {
      const learningRate = learningRateAt(settings, step - 1, steps, batches.stepsPerEpoch);
      const { count, ...result } = await pytorch.step(
        batches.batch(step - 1),
        learningRate,
        batches.batchSize,
      );
      const epoch = step / batches.stepsPerEpoch;
      yield { type: 'step', step, steps, epoch, ...result, learningRate, ...clock(step, count) };
      if (step !== steps && step % (settings.evalValEvery || batches.stepsPerEpoch) !== 0) continue;

      const record = { data: job.name, epochs: epoch, val_loss: null, seed: settings.seed, parent: null };
      const learnt = { ...network, weights: await pytorch.weights(), training: record };
      const valLoss = await lossOn(engine, learnt, parts.val, settings);
      const best = valLoss === null || bestLoss === null || valLoss < bestLoss;
      if (best) {
        bestLoss = valLoss;
        await saveCheckpoint(
          job.checkpoint,
          { ...learnt, training: { ...record, val_loss: valLoss } },
          'float32',
        );
      }
      if (valLoss !== null) yield { type: 'validated', step, epoch, valLoss, baseLoss: null, best };
    }
  } finally {
    await pytorch.close();
  }
}

/** After each step: the speed since the beginning, and the time that the others will take at it. */
function startClock(steps: number) {
  const begun = performance.now();
  let chars = 0;
  return (step: number, count: number) => {
    chars += count;
    const seconds = (performance.now() - begun) / 1000;
    return { charsPerSecond: chars / seconds, secondsLeft: (seconds / step) * (steps - step) };
  };
}

async function lossOn(
  engine: Engine,
  network: Checkpoint,
  segments: readonly Segment[],
  settings: TrainSettings,
): Promise<number | null> {
  if (segments.length === 0) return null;
  const { nats, chars } = await evaluateParts(engine, network, segments, settings);
  return nats / chars;
}

function assertSupported(settings: TrainSettings): void {
  const { optimizer, clip, gradClip, dropout, recurrentDropout, tieWeights } = settings;
  const clipped = gradClip === 0 || clip === 'value';
  if (optimizer !== 'rmsprop' || !clipped || dropout > 0 || recurrentDropout > 0 || tieWeights) {
    throw new RangeError('pytorch.py has RMSProp and clipping by value, no dropout and no tied weights');
  }
}
