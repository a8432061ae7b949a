/**
 * How songs recall themselves (`model/recall.ts`), learnt from songs that were held out: there the network is as
 * surprised as it will be by songs to come. The weights of the mixture are those of the greatest likelihood, found
 * by expectation maximisation (Dempster, Laird & Rubin 1977; for mixtures of language models Jelinek & Mercer 1980).
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Engine } from '../engine/engine.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import {
  LENGTHS,
  type Match,
  PLACES,
  type Recall,
  recallWeight,
  SongMemory,
  TIMES,
} from '../model/recall.ts';
import { type Evaluation, evaluationPiece, type Piece } from './evaluate.ts';
import type { Segment } from './split.ts';

/** Songs that are read side by side. */
const SLOTS = 16;
const ITERATIONS = 50;
/** Observations without any recall that every weight begins with: what was hardly seen is hardly trusted. */
const DOUBT = 1;
const DECIMALS = 4;

/** One predicted character. */
interface Observation extends Match {
  /** Probabilities of the character by the network alone, and by what the song recalls. */
  readonly network: number;
  readonly recalled: number;
}

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
  const buckets = range(PLACES).map(() =>
    range(TIMES).map(() => range(LENGTHS).map((): Observation[] => [])),
  );
  for await (const observation of observations(engine, checkpoint, songs)) {
    const { place, times, longest } = observation;
    if (longest === 0) continue;
    buckets[place]![Math.min(times, TIMES) - 1]![Math.min(longest, LENGTHS) - 1]!.push(observation);
  }
  const weightOf = (bucket: Observation[]) => Number(likeliestWeight(bucket).toFixed(DECIMALS));
  return { weights: buckets.map((place) => place.map((times) => times.map(weightOf))) };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function likeliestWeight(bucket: readonly Observation[]): number {
  let weight = 0.5;
  for (let i = 0; i < ITERATIONS; i++) {
    let expected = 0;
    for (const { network, recalled } of bucket) {
      if (recalled > 0) expected += (weight * recalled) / ((1 - weight) * network + weight * recalled);
    }
    weight = expected / (bucket.length + DOUBT);
  }
  return weight;
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
    const { network, recalled } = observation;
    const weight = recallWeight(recall, observation);
    nats -= Math.log((1 - weight) * network + weight * recalled);
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
  const followers = new Followers(spec.vocabularySize);
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
      for (const [i, reading] of readings.entries()) {
        reading.memory.push(tokens[i]!);
        reading.fed++;
        const own = logits.subarray(i * spec.vocabularySize, (i + 1) * spec.vocabularySize);
        if (reading.fed > reading.piece.unmeasured) yield followers.observe(reading, own);
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

class Followers {
  readonly #ids: Int32Array;
  readonly #counts: Int32Array;

  constructor(vocabularySize: number) {
    this.#ids = new Int32Array(vocabularySize);
    this.#counts = new Int32Array(vocabularySize);
  }

  /** @param logits [V] of the token that comes next in the reading. */
  observe({ piece, fed, memory }: Reading, logits: Float32Array): Observation {
    const target = piece.tokens[fed]!;
    const { place, longest, times } = memory;
    const distinct = memory.followers(this.#ids, this.#counts);
    let total = 0;
    let ofTarget = 0;
    for (let i = 0; i < distinct; i++) {
      total += this.#counts[i]!;
      if (this.#ids[i] === target) ofTarget = this.#counts[i]!;
    }
    return {
      network: probability(logits, target),
      recalled: ofTarget && ofTarget / total,
      place,
      longest,
      times,
    };
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
