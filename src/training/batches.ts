/**
 * Cuts the training part into the batches of truncated back-propagation. A batch depends on its step's number
 * (and the seed) alone. It knows token ids, no characters and no engine.
 *
 * Every row of a batch goes on where that row of the batch before ended; the engine carries the hidden state.
 */
import type { Batch } from '../engine/engine.ts';
import { START } from '../model/network.ts';
import { Random } from '../random.ts';

/** A song, or any other piece of text. */
export interface TokenSegment {
  readonly tokens: Int32Array;
  readonly song: boolean;
}

export interface BatchPlan {
  readonly batchSize: number;
  readonly seqLength: number;
  readonly stepsPerEpoch: number;
  /** Targets in an epoch: none of the training part is lost. */
  readonly targetsPerEpoch: number;
  /** The batch of update number `step`, 0-based, over all epochs. */
  batch(step: number): Batch;
}

/** Predictions `first`, ..., `first + count - 1` of `tokens`: token i is fed, token i + 1 is the target. */
interface Row {
  readonly tokens: Int32Array;
  readonly first: number;
  readonly count: number;
}

/**
 * Blocks: for each epoch the songs in an order drawn from (seed, epoch), each as START and its characters, a
 * last START, cut into `batchSize` contiguous rows of equal length. The state starts from zero in each epoch.
 */
export function shuffledBatches(
  segments: readonly TokenSegment[],
  options: { readonly batchSize: number; readonly seqLength: number; readonly seed: number },
): BatchPlan {
  const { batchSize, seqLength, seed } = options;
  const predictions = countPredictions(segments);
  const rowLength = Math.ceil(predictions / batchSize);
  const stepsPerEpoch = Math.ceil(rowLength / seqLength);
  let rows: readonly Row[] = [];
  let rowsOfEpoch = -1;
  return {
    batchSize,
    seqLength,
    stepsPerEpoch,
    targetsPerEpoch: predictions,
    batch(step) {
      const epoch = Math.floor(step / stepsPerEpoch);
      if (epoch !== rowsOfEpoch) {
        const order = epochRandom(seed, epoch).shuffle([...segments]);
        rows = equalRows(concatenate(order), batchSize, rowLength);
        rowsOfEpoch = epoch;
      }
      const window = step - epoch * stepsPerEpoch;
      const batch = cutWindow(rows, window, seqLength);
      return window === 0 ? { ...batch, fresh: new Uint8Array(batchSize).fill(1) } : batch;
    },
  };
}

/** Streams, as char-rnn: row b is stream b in every epoch; the state is never reset. */
export function streamBatches(streams: readonly TokenSegment[], seqLength: number): BatchPlan {
  const rows = streams.map(({ tokens }) => ({ tokens, first: 0, count: Math.max(0, tokens.length - 1) }));
  const stepsPerEpoch = Math.ceil(Math.max(...rows.map((row) => row.count)) / seqLength);
  return {
    batchSize: rows.length,
    seqLength,
    stepsPerEpoch,
    targetsPerEpoch: rows.reduce((sum, row) => sum + row.count, 0),
    batch: (step) => cutWindow(rows, step % stepsPerEpoch, seqLength),
  };
}

/** Targets of an epoch in blocks: each song's characters and the START that ends it. */
export const countPredictions = (segments: readonly TokenSegment[]): number =>
  Math.max(0, concatenate(segments).length - 1);

function concatenate(segments: readonly TokenSegment[]): Int32Array {
  const length = segments.reduce((sum, { tokens, song }) => sum + tokens.length + (song ? 1 : 0), 0);
  const endsInSong = segments.some((segment) => segment.song);
  const joined = new Int32Array(length + (endsInSong ? 1 : 0));
  let at = 0;
  for (const { tokens, song } of segments) {
    if (song) joined[at++] = START;
    joined.set(tokens, at);
    at += tokens.length;
  }
  if (endsInSong) joined[at] = START;
  return joined;
}

function equalRows(tokens: Int32Array, batchSize: number, rowLength: number): Row[] {
  const predictions = tokens.length - 1;
  return Array.from({ length: batchSize }, (_, b) => {
    const first = Math.min(b * rowLength, predictions);
    return { tokens, first, count: Math.min(rowLength, predictions - first) };
  });
}

/** Window number `window` of every row, time-major; where a row has ended, START is fed and nothing counts. */
function cutWindow(rows: readonly Row[], window: number, seqLength: number): Batch {
  const inputs = new Int32Array(seqLength * rows.length).fill(START);
  const targets = new Int32Array(seqLength * rows.length).fill(-1);
  for (const [b, row] of rows.entries()) {
    const from = window * seqLength;
    const length = Math.min(seqLength, row.count - from);
    for (let t = 0; t < length; t++) {
      inputs[t * rows.length + b] = row.tokens[row.first + from + t]!;
      targets[t * rows.length + b] = row.tokens[row.first + from + t + 1]!;
    }
  }
  return { inputs, targets };
}

/** A generator of its own for each epoch; the multiplier (Knuth's) keeps neighbouring seeds and epochs apart. */
const epochRandom = (seed: number, epoch: number): Random =>
  new Random((Math.imul(seed, 2_654_435_761) ^ Math.imul(epoch + 1, 0x9e37_79b1)) | 0);
