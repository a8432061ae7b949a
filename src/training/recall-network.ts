/** What a network predicts of songs, beside what they recall (`recall-weights.ts`): to fit and to measure the mixture. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Engine } from '../engine/engine.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { type Recall, SongMemory } from '../model/recall.ts';
import { type Evaluation, evaluationPiece, type Piece } from './evaluate.ts';
import { likeliestRecall, type Observation, Observer, recallNats } from './recall-weights.ts';
import type { Segment } from './split.ts';

/** Songs that are read side by side. */
const SLOTS = 16;
/** Characters after which no more songs are read for a fit: more hardly change its weights, and nobody waits longer. */
const ENOUGH = 50_000;

/**
 * The weights that suit a network best, by songs that it did not learn. Undefined where there are none.
 * Throws what the engine throws.
 */
export async function fitRecall(
  engine: Engine,
  checkpoint: Checkpoint,
  songs: readonly Piece[],
): Promise<Recall | undefined> {
  if (songs.length === 0) return undefined;
  const all: Observation[] = [];
  for await (const observation of observations(engine, checkpoint, firstOf(songs))) all.push(observation);
  return likeliestRecall(all);
}

/** The first songs that are enough together. */
function firstOf(songs: readonly Piece[]): Piece[] {
  let characters = 0;
  return songs.filter(({ tokens }) => {
    const isWanted = characters < ENOUGH;
    characters += tokens.length;
    return isWanted;
  });
}

/** Loss of the mixture on pieces of text, each from a zero state; undefined of a checkpoint without recall. */
export async function evaluateRecall(
  engine: Engine,
  checkpoint: Checkpoint,
  segments: readonly Segment[],
): Promise<Evaluation | undefined> {
  const { recall, vocabulary } = checkpoint;
  if (!recall) return undefined;
  const pieces = segments.map((segment) => evaluationPiece(vocabulary, segment));
  let nats = 0;
  let chars = 0;
  for await (const observation of observations(engine, checkpoint, pieces)) {
    nats += recallNats(recall, observation);
    chars++;
  }
  return { nats, chars };
}

/** A piece on its way through a slot. */
interface Reading {
  readonly piece: Piece;
  readonly slot: number;
  readonly memory: SongMemory;
  /** Tokens that were fed. */
  fed: number;
}

/** Reads pieces side by side; what is predicted comes in no order that means anything, but always in the same. */
async function* observations(
  engine: Engine,
  { spec, weights, vocabulary }: Checkpoint,
  pieces: readonly Piece[],
): AsyncGenerator<Observation, void, void> {
  const waiting = pieces.filter(({ tokens }) => tokens.length > 1);
  const stepper = await engine.createSampling(spec, weights, { slots: SLOTS, precision: 'float32' });
  const observer = new Observer(spec.vocabularySize);
  let readings: Reading[] = [];
  const free = Array.from({ length: SLOTS }, (_, slot) => slot);
  try {
    while (waiting.length + readings.length > 0) {
      for (const piece of waiting.splice(0, free.length)) {
        const slot = free.pop()!;
        stepper.reset(slot);
        readings.push({ piece, slot, memory: new SongMemory(vocabulary.lineEnd), fed: 0 });
      }
      const slots = Int32Array.from(readings, ({ slot }) => slot);
      const tokens = Int32Array.from(readings, ({ piece, fed }) => piece.tokens[fed]!);
      const logits = stepper.step(slots, tokens, readings.length);
      for (const [i, { piece, memory, fed }] of readings.entries()) {
        memory.push(tokens[i]!);
        readings[i]!.fed++;
        if (fed < piece.unmeasured) continue;
        const own = logits.subarray(i * spec.vocabularySize, (i + 1) * spec.vocabularySize);
        const target = piece.tokens[fed + 1]!;
        yield observer.observe(memory, target, probability(own, target));
      }
      const isRead = ({ piece, fed }: Reading) => fed === piece.tokens.length - 1;
      free.push(...readings.filter(isRead).map(({ slot }) => slot));
      readings = readings.filter((reading) => !isRead(reading));
      await breathe();
    }
  } finally {
    await stepper.close();
  }
}

/** Softmax at one id. */
function probability(logits: Float32Array, id: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > max) max = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - max);
  return Math.exp(logits[id]! - max) / sum;
}
