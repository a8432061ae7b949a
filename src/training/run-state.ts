/** What a run writes down so that it can go on after any kind of end, and whether it may. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { TrainingStepper } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import {
  loadTrainingState,
  saveTrainingState,
  type TrainingState,
  trainingStateFile,
} from '../store/training-state.ts';
import { optionName } from './fields.ts';
import type { TrainingJob } from './job.ts';
import { engineChoiceSchema } from './protocol.ts';
import { SETTING_NAMES, type TrainSettings, trainSettingsSchema } from './settings.ts';

const positionSchema = z.strictObject({
  /** Updates made; with the seed it says which batch comes next. */
  step: z.int().nonnegative(),
  /** The step after which the validation part was last evaluated. */
  validatedAt: z.int().nonnegative().nullable(),
  /** Lowest validation loss so far; the checkpoint on disk is of that moment. */
  bestLoss: z.number().nullable(),
  /** That network's loss on the base text; null without one. */
  bestBaseLoss: z.number().nullable().default(null),
  /** Both losses before the first update; null until they are measured. */
  before: z.strictObject({ newText: z.number(), base: z.number().nullable() }).nullable().default(null),
  /** Verses that the network sang before the first update. */
  beforeVerses: z.array(z.string()).default([]),
  /** Validations since `bestLoss`. */
  withoutGain: z.int().nonnegative(),
  /** Updates in a row with a loss far above a uniform guess. */
  highLosses: z.int().nonnegative(),
  /** Whether no update will follow, whatever `step` is. */
  stoppedEarly: z.boolean(),
});

export type Position = z.infer<typeof positionSchema>;

export const BEGINNING: Position = {
  step: 0,
  validatedAt: null,
  bestLoss: null,
  bestBaseLoss: null,
  before: null,
  beforeVerses: [],
  withoutGain: 0,
  highLosses: 0,
  stoppedEarly: false,
};

const recordSchema = z.strictObject({
  /** The text file; it may have moved, `textSha256` decides. */
  data: z.string(),
  /** Of the corpus as it was read. */
  textSha256: z.string(),
  replayData: z.string().nullable().default(null),
  replaySha256: z.string().nullable().default(null),
  initFrom: z.string().nullable(),
  dtype: z.enum(['float32', 'float16']),
  /** What chose the engine: to resume with the same. */
  choice: engineChoiceSchema,
  newCharacters: z.int().nonnegative(),
  settings: trainSettingsSchema,
  position: positionSchema,
});

export type RunRecord = z.infer<typeof recordSchema>;
/** A run as an earlier process left it. */
export interface Interrupted {
  readonly state: TrainingState;
  readonly record: RunRecord;
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What an earlier run with this checkpoint left; undefined where there is nothing. Throws a `UserError` on a damaged file. */
export async function readRun(checkpoint: string): Promise<Interrupted | undefined> {
  const file = trainingStateFile(checkpoint);
  if (!existsSync(file)) return undefined;
  const state = await loadTrainingState(file);
  const record = recordSchema.safeParse(state.record);
  if (!record.success) {
    const field = `state.record.${record.error.issues[0]?.path.join('.')}`;
    throw new UserError('headerField', { file, field }, { cause: record.error });
  }
  return { state, record: record.data };
}

/** Throws a `UserError` unless continuing with this job and text gives what never stopping had given. */
export function assertSameRun(record: RunRecord, job: TrainingJob, text: string): void {
  if ((job.replayData === undefined) !== (record.replayData === null)) {
    throw new UserError('resumeSettings', {
      changes: `--replay-data ${record.replayData ?? '-'} -> ${job.replayData ?? '-'}`,
    });
  }
  const changes = changedSettings(record.settings, job.settings);
  if (job.initFrom !== record.initFrom) {
    changes.push(`--init-from ${record.initFrom ?? '-'} -> ${job.initFrom ?? '-'}`);
  }
  if (job.dtype !== record.dtype) changes.push(`--dtype ${record.dtype} -> ${job.dtype}`);
  if (changes.length > 0) throw new UserError('resumeSettings', { changes: changes.join(', ') });
  if (sha256(text) !== record.textSha256) throw new UserError('resumeData', { file: job.data });
}

/** As `assertSameRun`, of the base text. */
export function assertSameBase(record: RunRecord, file: string, text: string): void {
  if (sha256(text) !== record.replaySha256) throw new UserError('resumeData', { file });
}

function changedSettings(before: TrainSettings, now: TrainSettings): string[] {
  return SETTING_NAMES.filter((name) => before[name] !== now[name]).map(
    (name) => `${optionName(name)} ${before[name]} -> ${now[name]}`,
  );
}

/** Writes down all of a run as it stands now. */
export async function saveRun(
  file: string,
  header: Omit<Checkpoint, 'weights'>,
  stepper: TrainingStepper,
  record: RunRecord,
): Promise<void> {
  await saveTrainingState(file, {
    checkpoint: { ...header, weights: stepper.readWeights() },
    optimizer: stepper.readOptimizer(),
    carried: stepper.readState(),
    record,
  });
}
