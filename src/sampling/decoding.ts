/**
 * From logits to the next token: temperature, top-k, top-p, argmax. Sums run in a fixed order, so that the
 * choice depends on the logits, the settings and the random number alone. A decoder allocates nothing in `choose`.
 */
import { LogitRow } from '../engine/wasm/logit-row.ts';
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
  readonly #row: LogitRow;
  /** Sums of weights by rank. */
  readonly #cumulative: Float64Array;
  /** Token ids by rank. */
  readonly #ranked: Int32Array;
  readonly #likeliest: Likeliest;

  constructor(vocabularySize: number) {
    this.#vocabularySize = vocabularySize;
    this.#row = new LogitRow(vocabularySize);
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
    const max = this.#row.load(logits, at + first, at + this.#vocabularySize);
    if (!Number.isFinite(max)) throw new UserError('logitsNotFinite', {});
    if (settings.argmax) return logits.indexOf(max, at + first) - at;
    const all = this.#vocabularySize - first;
    if (settings.topK >= all && settings.topP >= 1) {
      const total = this.#row.weigh(max, settings.temperature);
      return first + this.#row.indexAt(random.uniform() * total);
    }
    return this.#ranked[this.#draw(this.#weighLikeliest(logits, at, first, max, settings), random)]!;
  }

  /** Ranks the ids that top-k and top-p leave and sums up their weights; returns their number. */
  #weighLikeliest(
    logits: Float32Array,
    at: number,
    first: number,
    max: number,
    { temperature, topK, topP }: DecodingSettings,
  ): number {
    const all = this.#vocabularySize - first;
    if (topK < all) {
      this.#loadMost(topK, logits, at, first, max);
      const count = this.#rank(logits, at, max, temperature, topK, Number.POSITIVE_INFINITY);
      return topP >= 1 ? count : 1 + this.#firstFrom(topP * this.#cumulative[count - 1]!, count);
    }
    const mass = this.#row.weigh(max, temperature);
    // All ids of a weight below (1 - p) * mass / n together have less than (1 - p) * mass: p is reached without
    // them. The margin is for rounding.
    const atLeast = max + temperature * (Math.log(((1 - topP) * mass) / all) - 0.01);
    this.#likeliest.load(logits, at, first, this.#vocabularySize, atLeast);
    return this.#rank(logits, at, max, temperature, all, topP * mass);
  }

  /** Loads at least the k likeliest ids: those within a span below the best, wide enough. */
  #loadMost(k: number, logits: Float32Array, at: number, first: number, max: number): void {
    for (let span = 4; ; span *= 2) {
      this.#likeliest.load(logits, at, first, this.#vocabularySize, max - span);
      if (this.#likeliest.size >= k || span === Number.POSITIVE_INFINITY) return;
    }
  }

  /** Ranks loaded ids until they are `most`, or their weights sum up to `mass`; returns their number. */
  #rank(
    logits: Float32Array,
    at: number,
    max: number,
    temperature: number,
    most: number,
    mass: number,
  ): number {
    let count = 0;
    let total = 0;
    while (count < most && total < mass && this.#likeliest.size > 0) {
      const id = this.#likeliest.take();
      total += exponential((logits[at + id]! - max) / temperature);
      this.#ranked[count] = id;
      this.#cumulative[count++] = total;
    }
    return count;
  }

  /** An index below `count`, with the probability of its weight. */
  #draw(count: number, random: Random): number {
    const target = random.uniform() * this.#cumulative[count - 1]!;
    let index = this.#firstFrom(target, count);
    // An interval holds its lower end and not its upper; those of weight 0 are empty.
    while (this.#cumulative[index]! <= target) index++;
    return index;
  }

  /** The first of `count` indices whose cumulative sum is `target` or more; else the last. */
  #firstFrom(target: number, count: number): number {
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#cumulative[middle]! >= target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
