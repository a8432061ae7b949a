/**
 * A verse of a network in training, so that people hear how it comes along. Plain sampling on one slot: lyrics
 * for people, with their settings and their queue, are the sampling room's, which training does not know.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Engine } from '../engine/engine.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { START, UNKNOWN } from '../model/network.ts';
import { Random } from '../random.ts';

const TEMPERATURE = 0.8;
const LINES = 4;
const CHARACTERS = 120;

/** Four lines at most, from the start of a song; the same seed draws the same random numbers. */
export async function singVerse(
  engine: Engine,
  { spec, vocabulary, weights }: Pick<Checkpoint, 'spec' | 'vocabulary' | 'weights'>,
  seed: number,
): Promise<string> {
  const stepper = await engine.createSampling(spec, weights, { slots: 1, precision: 'float32' });
  const random = new Random(seed);
  let text = '';
  try {
    const slots = Int32Array.of(0);
    stepper.reset(0);
    let token: number = START;
    for (let i = 0; i < CHARACTERS; i++) {
      const begun = text.trim() !== '';
      token = draw(stepper.step(slots, Int32Array.of(token), 1), begun, random);
      if (token === START) break;
      text += vocabulary.character(token);
      if (begun && (text.endsWith('\n\n') || text.trim().split('\n').length > LINES)) break;
      if (i % 16 === 15) await breathe();
    }
  } finally {
    await stepper.close();
  }
  return text.trim().split('\n').slice(0, LINES).join('\n');
}

/** A token from the softmax of the logits; never `UNKNOWN`, and no end before there is a beginning. */
function draw(logits: Float32Array, mayEnd: boolean, random: Random): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let id = START; id < logits.length; id++) most = Math.max(most, logits[id]!);
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - most) / TEMPERATURE));
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
