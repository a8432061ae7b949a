/**
 * A verse of a network in training, so that people hear how it comes along. Plain sampling on one slot: lyrics
 * for people, with their settings and their queue, are the sampling room's, which training does not know.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Engine } from '../engine/engine.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { START, UNKNOWN } from '../model/network.ts';
import { NgramModel } from '../model/ngram.ts';
import { SongMemory } from '../model/recall.ts';
import { Random } from '../random.ts';

const TEMPERATURE = 0.8;
const LINES = 4;
const CHARACTERS = 120;

export type Singer = Pick<Checkpoint, 'spec' | 'vocabulary' | 'weights' | 'ngram'>;

/** Four lines at most, from the start of a song; the same seed draws the same random numbers. */
export async function singVerse(
  engine: Engine,
  { spec, vocabulary, weights, ngram }: Singer,
  seed: number,
): Promise<string> {
  const stepper = await engine.createSampling(spec, weights, { slots: 1, precision: 'float32' });
  const random = new Random(seed);
  const probabilities = new Float64Array(spec.vocabularySize);
  const model = ngram && new NgramModel(ngram.tables, spec.vocabularySize);
  const memory = new SongMemory(vocabulary.lineEnd);
  let text = '';
  try {
    const slots = Int32Array.of(0);
    stepper.reset(0);
    let token: number = START;
    for (let i = 0; i < CHARACTERS; i++) {
      const begun = text.trim() !== '';
      const logits = stepper.step(slots, Int32Array.of(token), 1);
      model?.distribution(memory, probabilities);
      token = draw(mixed(logits, probabilities, ngram?.weights[memory.place] ?? 0), begun, random);
      if (token === START) break;
      memory.push(token);
      text += vocabulary.character(token);
      if (begun && (text.endsWith('\n\n') || text.trim().split('\n').length > LINES)) break;
      if (i % 16 === 15) await breathe();
    }
  } finally {
    await stepper.close();
  }
  return text.trim().split('\n').slice(0, LINES).join('\n');
}

/** The softmax of logits, and so much of what n-grams say. */
function mixed(logits: Float32Array, byNgrams: Float64Array, weight: number): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const network = Float64Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = network.reduce((a, b) => a + b);
  return network.map((p, id) => ((1 - weight) * p) / sum + weight * byNgrams[id]!);
}

/** A token; never `UNKNOWN`, and no end before there is a beginning. */
function draw(probabilities: Float64Array, mayEnd: boolean, random: Random): number {
  const weights = probabilities.map((p) => p ** (1 / TEMPERATURE));
  weights[UNKNOWN] = 0;
  if (!mayEnd) weights[START] = 0;
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  let last: number = START;
  for (let id = START; id < weights.length; id++) {
    if (weights[id] === 0) continue;
    last = id;
    left -= weights[id]!;
    if (left < 0) break;
  }
  return last;
}
