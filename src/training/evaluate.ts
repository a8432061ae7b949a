/**
 * Measures a network on pieces of text, each from a zero state. Of a song every character is predicted (START
 * is fed first), of any other piece all but its first. Pieces are packed into the rows of a batch, so the
 * figures do not depend on the batch's size.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Batch, Engine, TrainingStepper } from '../engine/engine.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { START } from '../model/network.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import type { Segment } from './split.ts';

export interface Evaluation {
  /** Sum of the cross-entropy over all predicted characters, in nats. */
  readonly nats: number;
  /** Predicted characters. */
  readonly chars: number;
}

/** The token ids that are fed and predicted for a piece of text: token i is fed, token i + 1 the target. */
export function evaluationTokens(vocabulary: Vocabulary, segment: Segment): Int32Array {
  const tokens = vocabulary.encode(segment.text);
  if (!segment.song) return tokens;
  const song = new Int32Array(tokens.length + 1);
  song[0] = START;
  song.set(tokens, 1);
  return song;
}

/**
 * Loss of the stepper's present weights. The stepper's carried state is lost. Returns undefined when `signal`
 * is aborted; it is looked at between batches.
 */
export async function evaluateSegments(
  stepper: TrainingStepper,
  pieces: readonly Int32Array[],
  signal?: AbortSignal,
): Promise<Evaluation | undefined> {
  let nats = 0;
  let chars = 0;
  for (const batch of packedBatches(pieces, stepper.batchSize, stepper.seqLength)) {
    await breathe();
    if (signal?.aborted) return undefined;
    const { loss, count } = stepper.evaluate(batch);
    if (count > 0) nats += loss * count;
    chars += count;
  }
  return { nats, chars };
}

/** As `evaluateSegments`, for a checkpoint; `bytes` are those of the predicted characters in UTF-8. */
export async function evaluateParts(
  engine: Engine,
  checkpoint: Checkpoint,
  segments: readonly Segment[],
  options: { readonly batchSize: number; readonly seqLength: number },
): Promise<Evaluation & { readonly bytes: number }> {
  const pieces = segments.map((segment) => evaluationTokens(checkpoint.vocabulary, segment));
  const stepper = await engine.createTraining(checkpoint.spec, checkpoint.weights, {
    batchSize: Math.max(1, Math.min(options.batchSize, pieces.length)),
    seqLength: options.seqLength,
    optimizer: { name: 'rmsprop', beta1: 0, beta2: 0, epsilon: 1e-8, weightDecay: 0 },
    clipping: { by: 'norm', limit: 0 },
    seed: 0,
  });
  try {
    const result = (await evaluateSegments(stepper, pieces))!;
    return { ...result, bytes: segments.reduce((sum, segment) => sum + predictedBytes(segment), 0) };
  } finally {
    await stepper.close();
  }
}

function predictedBytes(segment: Segment): number {
  const [first = ''] = segment.text;
  return Buffer.byteLength(segment.text) - (segment.song ? 0 : Buffer.byteLength(first));
}

/** A piece's place in the row it was given to. */
interface Placed {
  readonly tokens: Int32Array;
  readonly firstWindow: number;
}

function* packedBatches(
  pieces: readonly Int32Array[],
  batchSize: number,
  seqLength: number,
): Generator<Batch> {
  const rows = placeInRows(pieces, batchSize, seqLength);
  const windows = Math.max(...rows.map((row) => row.windows));
  const next = new Int32Array(batchSize);
  for (let window = 0; window < windows; window++) {
    const inputs = new Int32Array(seqLength * batchSize).fill(START);
    const targets = new Int32Array(seqLength * batchSize).fill(-1);
    const fresh = new Uint8Array(batchSize);
    for (const [b, { placed }] of rows.entries()) {
      if (placed[next[b]! + 1]?.firstWindow === window) next[b]!++;
      const piece = placed[next[b]!];
      if (!piece) continue;
      const from = (window - piece.firstWindow) * seqLength;
      if (from === 0) fresh[b] = 1;
      const length = Math.min(seqLength, piece.tokens.length - 1 - from);
      for (let t = 0; t < length; t++) {
        inputs[t * batchSize + b] = piece.tokens[from + t]!;
        targets[t * batchSize + b] = piece.tokens[from + t + 1]!;
      }
    }
    yield { inputs, targets, fresh };
  }
}

/** Longest first, each into the row that is shortest so far (Graham 1969), so that few rows idle at the end. */
function placeInRows(pieces: readonly Int32Array[], batchSize: number, seqLength: number) {
  const rows = Array.from({ length: batchSize }, () => ({ placed: [] as Placed[], windows: 0 }));
  const longestFirst = pieces.filter((tokens) => tokens.length > 1).sort((a, b) => b.length - a.length);
  for (const tokens of longestFirst) {
    const row = rows.reduce((shortest, candidate) =>
      candidate.windows < shortest.windows ? candidate : shortest,
    );
    row.placed.push({ tokens, firstWindow: row.windows });
    row.windows += Math.ceil((tokens.length - 1) / seqLength);
  }
  return rows;
}
