/** What is learnt to a loss: a text by the trainer's defaults, cut into the very batches that the trainer makes. */
import path from 'node:path';
import type { Checkpoint } from '../../src/model/checkpoint.ts';
import { saveCheckpoint } from '../../src/store/checkpoints.ts';
import { streamBatches } from '../../src/training/batches.ts';
import { beginNetwork, partsOf, planBatches } from '../../src/training/prepare.ts';
import { learningRateAt } from '../../src/training/schedule.ts';
import { clippingOf, optimizerOf, resolveSettings, type TrainSettings } from '../../src/training/settings.ts';
import type { LearningWork, WorkBatch } from './protocol.ts';

/** Settings that may be given; the rest is the trainer's. */
export type GivenSettings = Partial<
  Pick<
    TrainSettings,
    'model' | 'numLayers' | 'rnnSize' | 'embeddingSize' | 'dropout' | 'batchSize' | 'seqLength' | 'maxEpochs'
  >
>;

/** Nats per character of the validation part, to be reached. */
export const LEARNING = { loss: 1.5, quickLoss: 2.6 } as const;

/** The network of the original article's rapper, held out as char-rnn does, an embedding as wide as a layer. */
const USUAL_SETTINGS = {
  numLayers: 3,
  rnnSize: 300,
  embeddingSize: 0,
  split: 'streams',
  trainFrac: 0.95,
  valFrac: 0.05,
  // PyTorch's side has one dropout for the whole run.
  cooldown: 0,
} as const;

/** For tests. */
const QUICK_SETTINGS = { ...USUAL_SETTINGS, numLayers: 1, rnnSize: 64, maxEpochs: 2 } as const;

/** Throws a `UserError` on settings that do not fit. */
export const learningSettings = (given: GivenSettings, quick: boolean): TrainSettings =>
  resolveSettings({ ...(quick ? QUICK_SETTINGS : USUAL_SETTINGS), ...given });

export interface Learning {
  readonly work: LearningWork;
  readonly stepsPerEpoch: number;
  /** Of the whole schedule. */
  readonly steps: number;
  /** Characters that are predicted in an epoch, and in an evaluation. */
  readonly characters: { readonly train: number; readonly val: number };
}

/**
 * The work of a text, by the parts of the trainer. The weights that it begins with are put into `folder`. Throws a
 * `UserError` where the text is too small.
 */
export async function learningWork(text: string, settings: TrainSettings, folder: string): Promise<Learning> {
  const { spec, vocabulary, weights } = beginNetwork(text, settings, null);
  const parts = partsOf(text, settings);
  const { batches: plan } = planBatches(vocabulary, parts.train, settings);
  const { batchSize, seqLength, stepsPerEpoch } = plan;
  const heldOut = parts.val.map(({ text: part }) => ({ tokens: vocabulary.encode(part), song: false }));
  const validation = streamBatches(heldOut, seqLength);
  const steps = stepsPerEpoch * settings.maxEpochs;
  const training = { data: 'none', epochs: 0, val_loss: null, seed: settings.seed, parent: null };
  const checkpoint = path.join(folder, 'beginning.safetensors');
  await saveCheckpoint(checkpoint, { spec, vocabulary, weights, training } satisfies Checkpoint);
  return {
    work: {
      kind: 'learning',
      spec,
      batchSize,
      seqLength,
      batches: allBatches(plan),
      validation: allBatches(validation),
      learningRates: Array.from({ length: steps }, (_, step) =>
        learningRateAt(settings, step, steps, stepsPerEpoch),
      ),
      checkpoint,
      optimizer: optimizerOf(settings),
      clipping: clippingOf(settings),
      recurrentDropout: settings.recurrentDropout,
      seed: settings.seed,
    },
    stepsPerEpoch,
    steps,
    characters: { train: plan.targetsPerEpoch, val: validation.targetsPerEpoch },
  };
}

const allBatches = ({ stepsPerEpoch, batch }: ReturnType<typeof streamBatches>): WorkBatch[] =>
  Array.from({ length: stepsPerEpoch }, (_, step) => {
    const { inputs, targets } = batch(step);
    return { inputs: [...inputs], targets: [...targets] };
  });
