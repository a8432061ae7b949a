/** Seeded random numbers whose state can be saved and restored: the only source of chance in training and sampling. */
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/**
 * A state of well mixed bits from a seed (the finaliser of MurmurHash3). The library's own seeding leaves small seeds
 * with almost the same first numbers, all near 1: every lyric would begin with the last character of its vocabulary.
 */
function spread(seed: number): number[] {
  return [1, 2, 3, 4].map((i) => {
    let x = (seed + Math.imul(i, 0x9e3779b9)) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return x ^ (x >>> 16);
  });
}

export class Random {
  readonly #generator: RandomGenerator;

  /** @param source a seed (any 32-bit integer), or a state taken from `state`. */
  constructor(source: number | readonly number[]) {
    this.#generator = xoroshiro128plusFromState(typeof source === 'number' ? spread(source) : source);
  }

  /** Uniform in [0, 1), 32 bits of it. */
  uniform(): number {
    return (this.#generator.next() >>> 0) / 4294967296;
  }

  /** Uniform whole number in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal (Box and Muller 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Fisher-Yates, in place. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }

  /** Enough to continue the sequence with `new Random(state)`. */
  get state(): readonly number[] {
    return this.#generator.getState();
  }
}
