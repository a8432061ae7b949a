/**
 * What a training run can be told, with its bounds and its two sets of defaults: ours and char-rnn's.
 * Names are char-rnn's in camel case; the command line spells them in kebab case.
 */
import { z } from 'zod';
import type { GradientClipping, Optimizer } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { CELLS, type NetworkSpec } from '../model/network.ts';
import { choice, flag, number, parseFields, whole } from './fields.ts';

export const OPTIMIZERS = ['adam', 'adamw', 'rmsprop'] as const;
export const SCHEDULES = ['cosine', 'char-rnn'] as const;
export const SPLITS = ['blocks', 'streams', 'tail'] as const;

const REPLAY_RANGE = '0 <= x <= 0.9';
const COOLDOWN_RANGE = '0 <= x <= 0.5';
const BOUND_RANGE = '0 <= x <= 10';

const fields = {
  model: choice(CELLS),
  numLayers: whole(1, 8),
  rnnSize: whole(1, 4096),
  /** 0: as the hidden size. */
  embeddingSize: whole(0, 4096),
  tieWeights: flag(),
  dropout: number(z.number().min(0).lt(1), '0 <= x < 1'),
  /** Of recurrent weights, for a whole step. */
  recurrentDropout: number(z.number().min(0).lt(1), '0 <= x < 1'),

  split: choice(SPLITS),
  trainFrac: number(z.number().gt(0).max(1), '0 < x <= 1'),
  valFrac: number(z.number().min(0).lt(1), '0 <= x < 1'),
  batchSize: whole(1, 4096),
  seqLength: whole(1, 4096),
  maxEpochs: whole(1, 100_000),
  seed: whole(0, 2_147_483_647),

  optimizer: choice(OPTIMIZERS),
  learningRate: number(z.number().gt(0).max(10), '0 < x <= 10'),
  /** RMSProp: decay of the mean of squared gradients. */
  decayRate: number(z.number().min(0).lt(1), '0 <= x < 1'),
  /** AdamW. */
  weightDecay: number(z.number().min(0).max(1), '0 <= x <= 1'),
  clip: choice(['norm', 'value']),
  /** 0: no clipping. */
  gradClip: number(z.number().min(0).max(1e6), '0 <= x <= 1000000'),

  schedule: choice(SCHEDULES),
  /** Cosine: steps of linear warm-up; never more than a tenth of all steps. */
  warmup: whole(0, 1_000_000),
  /** char-rnn: factor at the end of each epoch from `learningRateDecayAfter` on. */
  learningRateDecay: number(z.number().gt(0).max(1), '0 < x <= 1'),
  learningRateDecayAfter: whole(0, 100_000),
  /** Share of the updates, at the end, that have half the dropout and begin again at a tenth of the rate. */
  cooldown: number(z.number().min(0).max(0.5), COOLDOWN_RANGE).default(0).describe(COOLDOWN_RANGE),

  /** Length of the n-grams beside a network that begins anew; 0: none. */
  ngramOrder: whole(0, 8).default(0),

  /** Share of replayed base songs among all that is trained on; counts where the job names a `replayData`. */
  replay: number(z.number().min(0).max(0.9), REPLAY_RANGE).default(0.3).describe(REPLAY_RANGE),
  /** Nats by which the loss on the base text may rise before a network counts as one that forgets. */
  maxBaseLossIncrease: number(z.number().min(0).max(10), BOUND_RANGE).default(0.05).describe(BOUND_RANGE),

  /** Steps between validations; 0: once an epoch. */
  evalValEvery: whole(0, 1_000_000_000),
  /** Validations without a better loss after which training stops; 0: never. */
  patience: whole(0, 100_000),
};

export const trainSettingsSchema = z.strictObject(fields);
export type TrainSettings = Readonly<z.infer<typeof trainSettingsSchema>>;
export type SettingName = keyof TrainSettings;
export const SETTING_NAMES = Object.keys(fields) as SettingName[];

/** Found on `data/ballads` (docs/log.md): lyrics of some 10^6 characters, an hour on two cores. */
export const DEFAULTS: TrainSettings = {
  model: 'lstm',
  numLayers: 1,
  rnnSize: 480,
  embeddingSize: 0,
  tieWeights: true,
  dropout: 0.4,
  recurrentDropout: 0.4,
  split: 'blocks',
  trainFrac: 0.9,
  valFrac: 0.05,
  batchSize: 16,
  seqLength: 64,
  maxEpochs: 26,
  seed: 123,
  optimizer: 'adamw',
  learningRate: 2e-3,
  decayRate: 0.95,
  weightDecay: 0.01,
  clip: 'norm',
  gradClip: 1,
  schedule: 'cosine',
  warmup: 100,
  learningRateDecay: 0.97,
  learningRateDecayAfter: 10,
  cooldown: 0.04,
  ngramOrder: 5,
  replay: 0.3,
  maxBaseLossIncrease: 0.05,
  evalValEvery: 0,
  patience: 10,
};

/**
 * What going on from a trained network has instead of `DEFAULTS`. It needs fewer and smaller steps than a new one;
 * small batches let a small text still make some hundred of them, at a tenth of the speed. Nothing is set apart
 * for tests, so that a small text has more to learn from and to be judged by.
 */
export const FINE_TUNING = {
  maxEpochs: 10,
  batchSize: 8,
  learningRate: 1e-3,
  cooldown: 0,
  trainFrac: 0.9,
  valFrac: 0.1,
} as const satisfies Partial<TrainSettings>;

/** The defaults of char-rnn's train.lua (github.com/karpathy/char-rnn). */
export const CHAR_RNN: TrainSettings = {
  ...DEFAULTS,
  model: 'lstm',
  numLayers: 2,
  rnnSize: 128,
  embeddingSize: 0,
  tieWeights: false,
  dropout: 0,
  recurrentDropout: 0,
  split: 'streams',
  trainFrac: 0.95,
  valFrac: 0.05,
  batchSize: 50,
  seqLength: 50,
  maxEpochs: 50,
  optimizer: 'rmsprop',
  learningRate: 2e-3,
  decayRate: 0.95,
  weightDecay: 0,
  clip: 'value',
  gradClip: 5,
  schedule: 'char-rnn',
  warmup: 0,
  learningRateDecay: 0.97,
  learningRateDecayAfter: 10,
  cooldown: 0,
  ngramOrder: 0,
  evalValEvery: 1000,
  patience: 0,
};

export const PRESETS = { balladeer: DEFAULTS, 'char-rnn': CHAR_RNN } as const;
export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as [PresetName, ...PresetName[]];

/**
 * The settings that were given, the rest from `base`. Throws a `UserError` that names the first one that
 * cannot be, with what is allowed.
 */
export function resolveSettings(
  given: Readonly<Record<string, unknown>>,
  base: TrainSettings = DEFAULTS,
): TrainSettings {
  const settings = withTying(parseFields(trainSettingsSchema, { ...base, ...given }), given);
  assertCompatible(settings);
  return settings;
}

/** Tied weights and an embedding of another size than a layer's exclude each other: what was given goes before a default. */
function withTying(settings: TrainSettings, given: Readonly<Record<string, unknown>>): TrainSettings {
  const { tieWeights, embeddingSize, rnnSize } = settings;
  if (!tieWeights || embeddingSize === 0 || embeddingSize === rnnSize) return settings;
  if (given.embeddingSize === undefined) return { ...settings, embeddingSize: 0 };
  return given.tieWeights === undefined ? { ...settings, tieWeights: false } : settings;
}

function assertCompatible(settings: TrainSettings): void {
  const { trainFrac, valFrac, tieWeights, embeddingSize, rnnSize } = settings;
  if (trainFrac + valFrac > 1 + 1e-9) {
    throw new UserError('flagValue', {
      option: '--val-frac',
      value: String(valFrac),
      expected: `<= ${Number((1 - trainFrac).toFixed(6))} (1 - train-frac)`,
    });
  }
  if (tieWeights && embeddingSize !== 0 && embeddingSize !== rnnSize) {
    throw new UserError('flagValue', {
      option: '--embedding-size',
      value: String(embeddingSize),
      expected: `${rnnSize} (tie-weights: as rnn-size)`,
    });
  }
}

/** The settings that `--init-from` takes from its checkpoint. */
export const NETWORK_SETTINGS = [
  'model',
  'numLayers',
  'rnnSize',
  'embeddingSize',
  'tieWeights',
  'ngramOrder',
] as const satisfies readonly SettingName[];

export function networkOf(settings: TrainSettings, vocabularySize: number): NetworkSpec {
  return {
    cell: settings.model,
    numLayers: settings.numLayers,
    rnnSize: settings.rnnSize,
    embeddingSize: settings.embeddingSize || settings.rnnSize,
    vocabularySize,
    dropout: settings.dropout,
    tied: settings.tieWeights,
  };
}

export function optimizerOf(settings: TrainSettings): Optimizer {
  return {
    name: settings.optimizer,
    beta1: 0.9,
    // A run has a few thousand steps: a second moment of 0.999 would still be warming up in the middle of it.
    beta2: settings.optimizer === 'rmsprop' ? settings.decayRate : 0.99,
    epsilon: 1e-8,
    weightDecay: settings.optimizer === 'adamw' ? settings.weightDecay : 0,
  };
}

export const clippingOf = (settings: TrainSettings): GradientClipping => ({
  by: settings.clip,
  limit: settings.gradClip,
});
