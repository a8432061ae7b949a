/** What a network, its n-grams and what a song recalls predict together: to fit and to measure the mixture. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Engine } from '../engine/engine.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { START } from '../model/network.ts';
import { NgramModel, type NgramTables } from '../model/ngram.ts';
import { SongMemory } from '../model/recall.ts';
import { evaluationPiece, type Piece } from './evaluate.ts';
import { likeliestWeight } from './mixture-weight.ts';
import { likeliestRecall, type Observation, Observer, recallNats } from './recall-weights.ts';
import type { Segment } from './split.ts';

/** Pieces that are read side by side. */
const SLOTS = 16;
/** Characters after which no more pieces are read for a fit: more hardly change its weights, and nobody waits longer. */
const ENOUGH = 50_000;

export type Mixture = Pick<Checkpoint, 'ngram' | 'recall'>;

/** Of n-grams beside a network, by place, before anything was read that it did not learn: `data/ballads` (docs/log.md). */
const USUAL_WEIGHTS = [0.33, 0.11, 0.29] as const;
/** As so many characters it counts among those that are read. */
const USUAL_CHARACTERS = 30;

/**
 * The weights that suit a network best, by pieces of text that it did not learn: first those of the n-grams, where there are
 * any, then, if the pieces are songs, those of the recall beside both. Undefined when `signal` is aborted. Throws what the
 * engine throws.
 * @param weights what is thought of the n-grams' beforehand.
 */
export async function fitMixture(
  engine: Engine,
  network: Omit<Checkpoint, keyof Mixture>,
  pieces: readonly Piece[],
  { tables, weights = USUAL_WEIGHTS, signal }: FitOptions = {},
): Promise<Mixture | undefined> {
  const all: Prediction[] = [];
  for await (const prediction of predictions(engine, network, beginningOf(pieces), tables)) {
    if (signal?.aborted) return undefined;
    all.push(prediction);
  }
  const weightAt = (weight: number, place: number) =>
    likeliestWeight(
      all.filter((each) => each.place === place).map(({ alone, ngram }) => ({ alone, recalled: ngram })),
      { weight, observations: USUAL_CHARACTERS },
    );
  const ngram = tables && { tables, weights: weights.map(weightAt) };
  const areSongs = pieces.length > 0 && pieces.every(({ tokens }) => tokens[0] === START);
  const mixed = ngram ? all.map((each) => withNgrams(each, ngram.weights)) : all;
  return { ...(ngram && { ngram }), ...(areSongs && { recall: likeliestRecall(mixed) }) };
}

export interface FitOptions {
  readonly tables?: NgramTables | undefined;
  readonly weights?: readonly number[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The first pieces, the last of them cut, that are enough together. */
function beginningOf(pieces: readonly Piece[]): Piece[] {
  let left = ENOUGH;
  return pieces.flatMap((piece) => {
    const tokens = piece.tokens.subarray(0, Math.max(0, left) + 1);
    left -= piece.tokens.length;
    return tokens.length > 1 ? [{ ...piece, tokens }] : [];
  });
}

/** Sums over predicted characters, in nats; of what a checkpoint does not have there is none. */
export interface MixtureLoss {
  readonly chars: number;
  /** Of the network with its n-grams. */
  readonly ngramNats?: number;
  /** With what each song recalls, too. */
  readonly recallNats?: number;
}

/** Losses of the mixtures on pieces of text, each from a zero state; undefined of a network that is alone. */
export async function evaluateMixture(
  engine: Engine,
  checkpoint: Checkpoint,
  segments: readonly Segment[],
): Promise<MixtureLoss | undefined> {
  const { ngram, recall, vocabulary } = checkpoint;
  if (!ngram && !recall) return undefined;
  const pieces = segments.map((segment) => evaluationPiece(vocabulary, segment));
  const sums = { chars: 0, ngram: 0, recall: 0 };
  for await (const prediction of predictions(engine, checkpoint, pieces, ngram?.tables)) {
    const observation = ngram ? withNgrams(prediction, ngram.weights) : prediction;
    sums.chars++;
    sums.ngram -= Math.log(observation.alone);
    if (recall) sums.recall += recallNats(recall, observation);
  }
  return {
    chars: sums.chars,
    ...(ngram && { ngramNats: sums.ngram }),
    ...(recall && { recallNats: sums.recall }),
  };
}

/** An observation of the network alone, and the character's probability by the n-grams; 0 without any. */
interface Prediction extends Observation {
  readonly ngram: number;
}

function withNgrams(prediction: Prediction, weights: readonly number[]): Observation {
  const weight = weights[prediction.place]!;
  return { ...prediction, alone: (1 - weight) * prediction.alone + weight * prediction.ngram };
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
async function* predictions(
  engine: Engine,
  { spec, weights, vocabulary }: Omit<Checkpoint, keyof Mixture>,
  pieces: readonly Piece[],
  tables: NgramTables | undefined,
): AsyncGenerator<Prediction, void, void> {
  const waiting = pieces.filter(({ tokens }) => tokens.length > 1);
  const stepper = await engine.createSampling(spec, weights, { slots: SLOTS, precision: 'float32' });
  const observer = new Observer(spec.vocabularySize);
  const model = tables && new NgramModel(tables, spec.vocabularySize);
  const byNgrams = new Float64Array(spec.vocabularySize);
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
        if (tokens[i] === START) memory.clear();
        else memory.push(tokens[i]!);
        readings[i]!.fed++;
        if (fed < piece.unmeasured) continue;
        const own = logits.subarray(i * spec.vocabularySize, (i + 1) * spec.vocabularySize);
        const target = piece.tokens[fed + 1]!;
        model?.distribution(memory, byNgrams);
        yield { ...observer.observe(memory, target, probability(own, target)), ngram: byNgrams[target]! };
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
