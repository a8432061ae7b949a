/** From a text and settings to what is trained on: the parts, the batches, the network at its start. */
import { UserError } from '../errors.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import type { SongLengths } from '../model/checkpoint-metadata.ts';
import { growVocabulary } from '../model/grow.ts';
import { assertNetwork, initialWeights, type NetworkSpec, type Weights } from '../model/network.ts';
import type { Ngram } from '../model/ngram.ts';
import type { Recall } from '../model/recall.ts';
import { Vocabulary } from '../model/vocabulary.ts';
import {
  type BatchPlan,
  countPredictions,
  replayedPredictions,
  shuffledBatches,
  streamBatches,
  type TokenSegment,
} from './batches.ts';
import { cutForRows, evaluationPiece, type Piece } from './evaluate.ts';
import { networkOf, type TrainSettings } from './settings.ts';
import { type Parts, type Segment, splitText } from './split.ts';

export type SplitSettings = Pick<
  TrainSettings,
  'split' | 'batchSize' | 'seqLength' | 'trainFrac' | 'valFrac'
>;

/** A network at the start of a run. */
export interface Beginning {
  readonly spec: NetworkSpec;
  readonly vocabulary: Vocabulary;
  readonly weights: Weights;
  /** The checkpoint's that it began from. */
  readonly recall?: Recall | undefined;
  readonly ngram?: Ngram | undefined;
  readonly songs?: SongLengths | undefined;
  /** Characters that the checkpoint it began from did not know. */
  readonly newCharacters: number;
}

/**
 * Splits a text as a run with these settings does. Streams: where the text is too small for `batchSize`
 * streams of 2 sequences each, there are fewer. Throws a `UserError` on less than 2 sequences.
 */
export function partsOf(text: string, settings: SplitSettings): Parts {
  const { split: mode, seqLength, trainFrac, valFrac } = settings;
  let { batchSize } = settings;
  if (mode === 'streams') {
    const sequences = Math.floor([...text].length / seqLength);
    if (sequences < 2) throw tooSmall(sequences * seqLength, seqLength);
    batchSize = Math.min(batchSize, Math.floor(sequences / 2));
  }
  return splitText(text, { mode, batchSize, seqLength, trainFrac, valFrac });
}

/** The batches of a run, and how many characters of each epoch are replayed. */
export interface Plan {
  readonly batches: BatchPlan;
  readonly replayed: number;
}

/**
 * The batches of the training part, among which `settings.replay` of them are of `base`. Blocks and tail: where
 * the part is too small for `batchSize` rows of one sequence each, there are fewer rows. Throws a `UserError` on
 * less than 2 sequences.
 */
export function planBatches(
  vocabulary: Vocabulary,
  train: readonly Segment[],
  settings: TrainSettings,
  base: readonly Segment[] = [],
): Plan {
  const { seqLength, seed, replay: share } = settings;
  const encode = ({ text, song }: Segment): TokenSegment => ({ tokens: vocabulary.encode(text), song });
  const segments = train.map(encode);
  if (settings.split === 'streams') return { batches: streamBatches(segments, seqLength), replayed: 0 };
  const replay = base.length > 0 && share > 0 ? { songs: base.map(encode), share } : undefined;
  const predictions = countPredictions(segments, replay);
  if (predictions < 2 * seqLength) throw tooSmall(predictions, seqLength);
  const batchSize = Math.min(settings.batchSize, Math.floor(predictions / seqLength));
  return {
    batches: shuffledBatches(segments, { batchSize, seqLength, seed, ...(replay && { replay }) }),
    replayed: replay ? replayedPredictions(segments, replay) : 0,
  };
}

/** The validation part as `evaluateSegments` takes it, each segment cut for so many rows. */
export const validationPieces = (vocabulary: Vocabulary, segments: readonly Segment[], rows = 1): Piece[] =>
  segments.flatMap((segment) => cutForRows(evaluationPiece(vocabulary, segment), rows));

/**
 * A fresh network over the whole text's characters, or a checkpoint's grown by those that it does not know;
 * dropout is the settings' in both cases.
 */
export function beginNetwork(text: string, settings: TrainSettings, parent: Checkpoint | null): Beginning {
  if (parent) {
    const { spec, vocabulary, weights, added } = growVocabulary(parent, text);
    return {
      spec: { ...spec, dropout: settings.dropout },
      vocabulary,
      weights,
      recall: parent.recall,
      ngram: parent.ngram,
      songs: parent.songs,
      newCharacters: added,
    };
  }
  const vocabulary = Vocabulary.of(text);
  const spec = networkOf(settings, vocabulary.size);
  assertNetwork(spec);
  return { spec, vocabulary, weights: initialWeights(spec, settings.seed), newCharacters: 0 };
}

const tooSmall = (characters: number, seqLength: number): UserError =>
  new UserError('textTooSmall', { characters, needed: 2 * seqLength, seqLength });
