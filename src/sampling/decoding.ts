/**
 * From logits to the next token: temperature, top-k, top-p, argmax. Sums run in a fixed order, so that the
 * choice depends on the logits, the settings and the random number alone. A decoder allocates nothing in `choose`.
 */
import { UserError } from '../errors.ts';
import { START } from '../model/network.ts';
import type { Random } from '../random.ts';
import { exponential } from './exponential.ts';
import { Likeliest } from './likeliest.ts';

export interface DecodingSettings {
  readonly temperature: number;
  /** At least the vocabulary's size for all. */
  readonly topK: number;
  /** 1 for all. */
  readonly topP: number;
  readonly argmax: boolean;
}

export class Decoder {
  readonly #vocabularySize: number;
  /** Sums of weights, by token id or by rank. */
  readonly #cumulative: Float64Array;
  /** Token ids by rank. */
  readonly #ranked: Int32Array;
  readonly #likeliest: Likeliest;

  constructor(vocabularySize: number) {
    this.#vocabularySize = vocabularySize;
    this.#cumulative = new Float64Array(vocabularySize);
    this.#ranked = new Int32Array(vocabularySize);
    this.#likeliest = new Likeliest(vocabularySize);
  }

  /**
   * Chooses a token by the logits at [at, at + V). `UNKNOWN` is never chosen, `START` only if allowed.
   * Throws a `UserError` on logits that are not numbers, as those of a network whose training failed.
   */
  choose(
    logits: Float32Array,
    at: number,
    settings: DecodingSettings,
    startAllowed: boolean,
    random: Random,
  ): number {
    // The reserved ids are the first two, so the allowed ones are all from here on.
    const first = startAllowed ? START : START + 1;
    const best = this.#argmax(logits, at, first);
    if (settings.argmax) return best;
    const max = logits[at + best]!;
    const all = this.#vocabularySize - first;
    if (settings.topK >= all && settings.topP >= 1) {
      return first + this.#draw(this.#weighAll(logits, at, first, max, settings.temperature), random);
    }
    return this.#ranked[this.#draw(this.#weighLikeliest(logits, at, first, max, settings), random)]!;
  }

  #argmax(logits: Float32Array, at: number, first: number): number {
    let best = first;
    let max = Number.NEGATIVE_INFINITY;
    for (let id = first; id < this.#vocabularySize; id++) {
      const logit = logits[at + id]!;
      if (logit > max) {
        max = logit;
        best = id;
      } else if (Number.isNaN(logit)) throw new UserError('logitsNotFinite', {});
    }
    if (!Number.isFinite(max)) throw new UserError('logitsNotFinite', {});
    return best;
  }

  /** Sums up the weights of all allowed ids in their order; returns their number. */
  #weighAll(logits: Float32Array, at: number, first: number, max: number, temperature: number): number {
    const cumulative = this.#cumulative;
    const count = this.#vocabularySize - first;
    let total = 0;
    for (let i = 0; i < count; i++) {
      total += exponential((logits[at + first + i]! - max) / temperature);
      cumulative[i] = total;
    }
    return count;
  }

  /** Ranks the ids that top-k and top-p leave and sums up their weights; returns their number. */
  #weighLikeliest(
    logits: Float32Array,
    at: number,
    first: number,
    max: number,
    { temperature, topK, topP }: DecodingSettings,
  ): number {
    const cumulative = this.#cumulative;
    const most = Math.min(topK, this.#vocabularySize - first);
    // With top-k the mass is that of the k likeliest, known when they are ranked; else that of all.
    const byMass = most === this.#vocabularySize - first;
    const mass = byMass ? cumulative[this.#weighAll(logits, at, first, max, temperature) - 1]! : 0;
    this.#likeliest.load(logits, at, first, this.#vocabularySize);
    let count = 0;
    let total = 0;
    while (count < most && !(byMass && total >= topP * mass)) {
      const id = this.#likeliest.take();
      total += exponential((logits[at + id]! - max) / temperature);
      this.#ranked[count] = id;
      cumulative[count++] = total;
    }
    return byMass || topP >= 1 ? count : 1 + this.#firstAbove(topP * total, count, true);
  }

  /** An index below `count`, with the probability of its weight. */
  #draw(count: number, random: Random): number {
    return this.#firstAbove(random.uniform() * this.#cumulative[count - 1]!, count, false);
  }

  /** The first index whose cumulative sum is above `target` (or equal, where that is enough); else the last. */
  #firstAbove(target: number, count: number, equalIsEnough: boolean): number {
    const cumulative = this.#cumulative;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      const sum = cumulative[middle]!;
      if (sum > target || (equalIsEnough && sum === target)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
