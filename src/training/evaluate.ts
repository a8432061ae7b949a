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

/** What is fed from a zero state. */
export interface Piece {
  /** Token i is fed, token i + 1 is its target. */
  readonly tokens: Int32Array;
  /** So many of the first predictions only warm the state up and are not measured. */
  readonly unmeasured: number;
}

/** A segment as one piece, all of it measured. */
export function evaluationPiece(vocabulary: Vocabulary, { text, song }: Segment): Piece {
  const characters = vocabulary.encode(text);
  if (!song) return { tokens: characters, unmeasured: 0 };
  const tokens = new Int32Array(characters.length + 1);
  tokens[0] = START;
  tokens.set(characters, 1);
  return { tokens, unmeasured: 0 };
}

/** Characters after which the state of a network hardly depends on whether it began from zero there. */
const WARM_UP = 500;

/**
 * A long piece for so many rows side by side, where one row alone would take as long as all of them: each goes
 * over the last characters of the row before first, so that nearly the loss of the whole piece comes out
 * (docs/log.md, 2026-11-27).
 */
export function cutForRows({ tokens }: Piece, rows: number): Piece[] {
  const predictions = Math.max(0, tokens.length - 1);
  const share = Math.ceil(predictions / rows);
  return Array.from({ length: share > 0 ? Math.ceil(predictions / share) : 0 }, (_, row) => {
    const measuredFrom = row * share;
    const from = Math.max(0, measuredFrom - WARM_UP);
    return {
      tokens: tokens.subarray(from, measuredFrom + share + 1),
      unmeasured: measuredFrom - from,
    };
  });
}

/**
 * Loss of the stepper's present weights. The stepper's carried state is lost. Returns undefined when `signal`
 * is aborted; it is looked at between batches.
 */
export async function evaluateSegments(
  stepper: TrainingStepper,
  pieces: readonly Piece[],
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
  const pieces = segments.map((segment) => evaluationPiece(checkpoint.vocabulary, segment));
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
interface Placed extends Piece {
  readonly firstWindow: number;
}

function* packedBatches(pieces: readonly Piece[], batchSize: number, seqLength: number): Generator<Batch> {
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
        if (from + t >= piece.unmeasured) targets[t * batchSize + b] = piece.tokens[from + t + 1]!;
      }
    }
    yield { inputs, targets, fresh };
  }
}

/** Longest first, each into the row that is shortest so far (Graham 1969), so that few rows idle at the end. */
function placeInRows(pieces: readonly Piece[], batchSize: number, seqLength: number) {
  const rows = Array.from({ length: batchSize }, () => ({ placed: [] as Placed[], windows: 0 }));
  const longestFirst = pieces
    .filter(({ tokens }) => tokens.length > 1)
    .sort((a, b) => b.tokens.length - a.tokens.length);
  for (const { tokens, unmeasured } of longestFirst) {
    const row = rows.reduce((shortest, candidate) =>
      candidate.windows < shortest.windows ? candidate : shortest,
    );
    row.placed.push({ tokens, unmeasured, firstWindow: row.windows });
    row.windows += Math.ceil((tokens.length - 1) / seqLength);
  }
  return rows;
}
