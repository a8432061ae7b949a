/** Gives a network's logits what the song so far recalls (`model/recall.ts`). Allocates nothing in `mix`. */
import { type Recall, recallWeight, type SongMemory } from '../model/recall.ts';
import { exponential, logarithm } from './exponential.ts';

/** Odds below this change nothing that can be heard. */
const LEAST_ODDS = 1e-4;

/** At this temperature and above, recall has the strength that was fitted. */
const FULL_TEMPERATURE = 0.85;
const DAMPING = 3.5;

/**
 * What the strength is multiplied by at a temperature: a low one makes the likely likelier, and what is recalled is
 * likely, so that at 0.6 two lines in five would be repeats. Measured so that about as many lines return at any
 * temperature as in songs that people wrote (docs/log.md, 2026-11-27). 0 at a temperature of 0.
 */
export function dampingAt(temperature: number): number {
  return temperature >= FULL_TEMPERATURE
    ? 1
    : exponential(DAMPING * (1 / FULL_TEMPERATURE - 1 / temperature));
}

export class Recaller {
  readonly #recall: Recall;
  readonly #vocabularySize: number;
  readonly #ids: Int32Array;
  readonly #counts: Int32Array;

  constructor(recall: Recall, vocabularySize: number) {
    this.#recall = recall;
    this.#vocabularySize = vocabularySize;
    this.#ids = new Int32Array(vocabularySize);
    this.#counts = new Int32Array(vocabularySize);
  }

  /**
   * Changes the logits at [at, at + V), up to a common constant, to those of the mixture
   * p'(c) ~ p(c) + strength * w / (1 - w) * q(c): others than those recalled keep theirs.
   * @param strength 1 as in the songs that were learnt, 0 for none.
   * @param areLogarithms whether the logits are logarithms of probabilities already.
   */
  mix(logits: Float32Array, at: number, memory: SongMemory, strength: number, areLogarithms = false): void {
    const weight = recallWeight(this.#recall, memory);
    const odds = (strength * weight) / (1 - weight);
    if (odds < LEAST_ODDS) return;
    const distinct = memory.followers(this.#ids, this.#counts);
    let total = 0;
    for (let i = 0; i < distinct; i++) total += this.#counts[i]!;
    if (total === 0) return;
    const end = at + this.#vocabularySize;
    let max = 0;
    let sum = 1;
    if (!areLogarithms) {
      max = Number.NEGATIVE_INFINITY;
      for (let i = at; i < end; i++) if (logits[i]! > max) max = logits[i]!;
      sum = 0;
      for (let i = at; i < end; i++) sum += exponential(logits[i]! - max);
    }
    for (let i = 0; i < distinct; i++) {
      const id = at + this.#ids[i]!;
      const recalled = (odds * sum * this.#counts[i]!) / total;
      logits[id] = max + logarithm(exponential(logits[id]! - max) + recalled);
    }
  }
}
