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

/** Songs of a text that was learnt before, some of which each epoch has among its own. */
export interface Replay {
  readonly songs: readonly TokenSegment[];
  /** Their share in [0, 1) of what an epoch predicts. */
  readonly share: number;
}

/**
 * Blocks: for each epoch the songs in an order drawn from (seed, epoch), each as START and its characters, a
 * last START, cut into `batchSize` contiguous rows of equal length. The state starts from zero in each epoch.
 * With a replay, each epoch draws songs of it anew and shuffles them in among its own; which ones depends on
 * (seed, epoch) alone too, so that a resumed run needs no memory of them.
 */
export function shuffledBatches(
  segments: readonly TokenSegment[],
  options: {
    readonly batchSize: number;
    readonly seqLength: number;
    readonly seed: number;
    readonly replay?: Replay;
  },
): BatchPlan {
  const { batchSize, seqLength, seed, replay } = options;
  const predictions = countPredictions(segments, replay);
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
        const random = epochRandom(seed, epoch);
        const tokens = replay
          ? mixedEpoch(segments, replay, random)
          : concatenate(random.shuffle([...segments]));
        rows = equalRows(tokens, batchSize, rowLength);
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
export const countPredictions = (segments: readonly TokenSegment[], replay?: Replay): number =>
  replay
    ? ownPredictions(segments) + replayedPredictions(segments, replay)
    : Math.max(0, concatenate(segments).length - 1);

/** Those of them that are of the replay. */
export const replayedPredictions = (segments: readonly TokenSegment[], { songs, share }: Replay): number =>
  songs.length === 0 ? 0 : Math.round((ownPredictions(segments) * share) / (1 - share));

/** Beside other songs every piece is set apart by START as a song is. */
const ownPredictions = (segments: readonly TokenSegment[]): number =>
  segments.reduce((sum, { tokens }) => sum + tokens.length + 1, 0);

/**
 * The epoch's own pieces and whole songs of the replay in one order, and last as much of one more song of the
 * replay as its share lacks, so that every epoch is of the same length.
 */
function mixedEpoch(segments: readonly TokenSegment[], replay: Replay, random: Random): Int32Array {
  const pieces = segments.map(({ tokens }) => ({ tokens, song: true }));
  let left = replayedPredictions(segments, replay);
  let order: TokenSegment[] = [];
  let head = new Int32Array(0);
  while (left > 0) {
    if (order.length === 0) order = random.shuffle([...replay.songs]);
    const { tokens } = order.pop()!;
    if (tokens.length + 1 > left) head = tokens.slice(0, left);
    else pieces.push({ tokens, song: true });
    left -= Math.min(left, tokens.length + 1);
  }
  const whole = concatenate(random.shuffle(pieces));
  const mixed = new Int32Array(whole.length + head.length);
  mixed.set(whole);
  mixed.set(head, whole.length);
  return mixed;
}

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
