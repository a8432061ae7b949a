/** Sets up a run, from its beginning or from where an earlier process left it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Engine, TrainingStepper } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import type { TrainingRecord } from '../model/checkpoint-metadata.ts';
import { type NetworkSpec, parameterCount, type Weights } from '../model/network.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { loadCheckpoint } from '../store/checkpoints.ts';
import { trainingStateFile } from '../store/training-state.ts';
import type { BatchPlan } from './batches.ts';
import { readCorpus } from './corpus.ts';
import type { Piece } from './evaluate.ts';
import type { TrainingJob } from './job.ts';
import { lossesOf } from './measure.ts';
import { assertFitsMemory } from './memory.ts';
import { beginNetwork, partsOf, planBatches, validationPieces } from './prepare.ts';
import type { ProgressOf } from './progress.ts';
import type { EngineChoice } from './protocol.ts';
import { type Base, readBase } from './replay.ts';
import {
  assertSameBase,
  assertSameRun,
  BEGINNING,
  type Position,
  type RunRecord,
  readRun,
  sha256,
} from './run-state.ts';
import { cooldownFrom } from './schedule.ts';
import { clippingOf, optimizerOf, type TrainSettings } from './settings.ts';
import { songLengths } from './song-length.ts';
import type { Segment } from './split.ts';

/** Of dropout, in the cooldown. */
const COOLDOWN_DROPOUT = 0.5;

/** All that the training loop works with. */
export interface Run {
  readonly job: TrainingJob;
  readonly engine: Engine;
  readonly stateFile: string;
  /** All of the run's checkpoints but training and weights; `recall` and `ngram` are its parent's until the end. */
  readonly network: Omit<Checkpoint, 'training' | 'weights'>;
  /** The training part. */
  readonly learnt: readonly Segment[];
  readonly plan: BatchPlan;
  /** Updates of the whole run. */
  readonly steps: number;
  /** The first update of the cooldown. */
  readonly coolsFrom: number;
  /** The validation part; empty where there is none. */
  readonly pieces: readonly Piece[];
  /** What is held out of the base text; empty where none is watched. */
  readonly basePieces: readonly Piece[];
  /** Another one in the cooldown. */
  stepper: TrainingStepper;
  /** Where the run stands; the loop moves it. */
  readonly position: Position;
  /** All of the run's record but its position. */
  readonly record: Omit<RunRecord, 'position'>;
  readonly started: ProgressOf<'started'>;
}

/** Reads the text, splits it, makes or restores the network. The caller closes `stepper`. Throws `UserError`s. */
export async function openRun(job: TrainingJob, engine: Engine, choice: EngineChoice): Promise<Run> {
  const { settings } = job;
  const limits = { maxBytes: job.maxBytes, minCharacters: 2 * settings.seqLength };
  const { text } = await readCorpus({ file: job.data }, limits);
  const earlier = await earlierRun(job, text);
  const beginning = earlier
    ? { ...earlier.state.checkpoint, newCharacters: earlier.record.newCharacters }
    : beginNetwork(text, settings, job.initFrom === null ? null : await loadCheckpoint(job.initFrom));
  const { spec, vocabulary, recall, ngram, newCharacters } = beginning;

  const parts = partsOf(text, settings);
  const songs = songLengths(parts.train, beginning.songs);
  const base = await baseOf(job, vocabulary, earlier?.record);
  const { batches: plan, replayed } = planBatches(vocabulary, parts.train, settings, base?.train);
  assertFitsMemory(spec, plan);
  const position = earlier ? restoredPosition(earlier.record.position, job.checkpoint) : { ...BEGINNING };
  const steps = plan.stepsPerEpoch * settings.maxEpochs;
  const coolsFrom = cooldownFrom(settings, steps);
  const dropoutScale = position.step < coolsFrom ? 1 : COOLDOWN_DROPOUT;
  const stepper = await createStepper({ engine, spec, plan, settings }, beginning.weights, dropoutScale);
  if (earlier) {
    stepper.writeOptimizer(earlier.state.optimizer);
    stepper.writeState(earlier.state.carried);
  }

  return {
    job,
    engine,
    stateFile: trainingStateFile(job.checkpoint),
    network: { spec, vocabulary, recall, ngram, songs },
    learnt: parts.train,
    plan,
    steps,
    coolsFrom,
    pieces: validationPieces(vocabulary, parts.val, settings.split === 'tail' ? plan.batchSize : 1),
    basePieces: validationPieces(vocabulary, base?.heldOut ?? []),
    stepper,
    position,
    record: {
      data: job.data,
      textSha256: sha256(text),
      replayData: job.replayData ?? null,
      replaySha256: base ? sha256(base.text) : null,
      initFrom: job.initFrom,
      dtype: job.dtype,
      choice,
      newCharacters,
      settings,
    },
    started: {
      type: 'started',
      parameters: parameterCount(spec),
      vocabulary: vocabulary.size,
      newCharacters,
      characters: {
        train: predictedCharacters(parts.train),
        val: predictedCharacters(parts.val),
        test: predictedCharacters(parts.test),
      },
      replayed,
      batchSize: plan.batchSize,
      seqLength: plan.seqLength,
      stepsPerEpoch: plan.stepsPerEpoch,
      steps,
      step: position.step,
      memory: stepper.memoryBytes,
      engine: engine.description,
      replaces: !earlier && existsSync(job.checkpoint),
    },
  };
}

interface StepperPlan {
  readonly engine: Engine;
  readonly spec: NetworkSpec;
  readonly plan: BatchPlan;
  readonly settings: TrainSettings;
}

const createStepper = (
  { engine, spec, plan, settings }: StepperPlan,
  weights: Weights,
  dropoutScale: number,
): Promise<TrainingStepper> =>
  engine.createTraining({ ...spec, dropout: spec.dropout * dropoutScale }, weights, {
    batchSize: plan.batchSize,
    seqLength: plan.seqLength,
    optimizer: optimizerOf(settings),
    clipping: clippingOf(settings),
    recurrentDropout: settings.recurrentDropout * dropoutScale,
    seed: settings.seed,
  });

/** Goes on from where the run stands with less dropout: what held it back from learning by heart holds back its last steps too. */
export async function coolDown(run: Run): Promise<void> {
  const { engine, network, plan, job, stepper } = run;
  const [weights, optimizer, state] = [stepper.readWeights(), stepper.readOptimizer(), stepper.readState()];
  await stepper.close();
  run.stepper = await createStepper(
    { engine, spec: network.spec, plan, settings: job.settings },
    weights,
    COOLDOWN_DROPOUT,
  );
  run.stepper.writeOptimizer(optimizer);
  run.stepper.writeState(state);
}

/** The base text where one is replayed or watched. Throws a `UserError` where that makes no sense. */
async function baseOf(
  { replayData, initFrom, settings }: TrainingJob,
  vocabulary: Vocabulary,
  record: RunRecord | undefined,
): Promise<Base | undefined> {
  if (replayData === undefined) return undefined;
  if (initFrom === null) {
    throw new UserError('flagValue', { option: '--replay-data', value: replayData, expected: '--init-from' });
  }
  if (settings.split !== 'blocks' && settings.replay > 0) {
    throw new UserError('flagValue', {
      option: '--replay',
      value: String(settings.replay),
      expected: '0, --split blocks',
    });
  }
  const base = await readBase(replayData, vocabulary, settings.seqLength);
  if (record) assertSameBase(record, replayData, base.text);
  return base;
}

async function earlierRun(job: TrainingJob, text: string) {
  if (job.resume === 'never') return undefined;
  const earlier = await readRun(job.checkpoint);
  if (earlier) assertSameRun(earlier.record, job, text);
  else if (job.resume === 'required') {
    throw new UserError('resumeNothing', { file: trainingStateFile(job.checkpoint) });
  }
  return earlier;
}

/** Without its checkpoint a run has no best network any more: the next validation makes one. */
function restoredPosition(position: Position, checkpoint: string): Position {
  return existsSync(checkpoint)
    ? { ...position }
    : { ...position, validatedAt: null, bestLoss: null, bestBaseLoss: null, withoutGain: 0 };
}

const predictedCharacters = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { text, song }) => sum + [...text].length - (song ? 0 : 1), 0);

export const epochOf = ({ plan, position }: Pick<Run, 'plan' | 'position'>): number =>
  position.step / plan.stepsPerEpoch;

/** What a checkpoint of the best network says of its training; nothing that depends on the clock. */
export function trainingRecord(run: Pick<Run, 'job' | 'plan' | 'position'>): TrainingRecord {
  const { job, position } = run;
  const losses = job.initFrom === null ? null : lossesOf(position);
  return {
    data: job.name,
    epochs: epochOf(run),
    val_loss: position.bestLoss,
    seed: job.settings.seed,
    parent: job.initFrom === null ? null : path.basename(job.initFrom, '.safetensors'),
    ...(losses && { losses: { new_text: losses.newText, base_text: losses.base } }),
  };
}
