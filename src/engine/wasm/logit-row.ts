/**
 * What is done to a row of logits, of any engine, before a token is chosen, on the sampling kernels: the same on every
 * machine. Weights are single precision (relative error about 1e-7); their sums run in one fixed order. Allocates nothing
 * but views once it is made.
 */
import { samplingModule } from './builds.ts';
import { createMemory, instantiate, type Kernels, RESERVED_BYTES } from './kernels.ts';

/** Floats of a block. */
const BLOCK = 16;
/** Of single precision, so that no factor is infinite. */
const LARGEST_FACTOR = 3e38;

export class LogitRow {
  /** Of each token, to be written before `mix`. */
  readonly probabilities: Float32Array;
  readonly #length: number;
  readonly #kernels: Kernels;
  readonly #blocks: number;
  /** Logits, then weights; filled up with -Infinity, then 0. */
  readonly #values: Float32Array;
  /** Of the weights of each block. */
  readonly #sums: Float32Array;

  /** @param length the most logits of a row. */
  constructor(length: number) {
    this.#length = length;
    this.#blocks = Math.ceil(length / BLOCK);
    const bytes = this.#blocks * BLOCK * 4;
    const memory = createMemory(RESERVED_BYTES + 2 * bytes + this.#blocks * 4);
    this.#kernels = instantiate(samplingModule(), memory);
    this.#values = new Float32Array(memory.buffer, RESERVED_BYTES, this.#blocks * BLOCK);
    this.probabilities = new Float32Array(memory.buffer, RESERVED_BYTES + bytes, length);
    this.#sums = new Float32Array(memory.buffer, RESERVED_BYTES + 2 * bytes, this.#blocks);
  }

  /** Takes the logits [from, to) and returns the largest; NaN where one is. */
  load(logits: Float32Array, from: number, to: number): number {
    const values = this.#values;
    values.set(logits.subarray(from, to));
    values.fill(Number.NEGATIVE_INFINITY, to - from);
    return this.#kernels.largest(this.#blocks, values.byteOffset);
  }

  /** Turns what was loaded into weights exp((logit - largest) / temperature); returns their sum. */
  weigh(largest: number, temperature: number): number {
    const factor = Math.min(1 / temperature, LARGEST_FACTOR);
    this.#kernels.weigh(this.#blocks, this.#values.byteOffset, largest, factor, this.#sums.byteOffset);
    let total = 0;
    for (let block = 0; block < this.#blocks; block++) total += this.#sums[block]!;
    return total;
  }

  /** Changes the logits [at, at + length) to ln((1 - weight) softmax(logits) + weight * probabilities), if all are numbers. */
  mix(logits: Float32Array, at: number, weight: number): void {
    const largest = this.load(logits, at, at + this.#length);
    if (!Number.isFinite(largest)) return;
    const share = (1 - weight) / this.weigh(largest, 1);
    const { byteOffset } = this.#values;
    this.#kernels.mixLogarithms(this.#blocks, byteOffset, this.probabilities.byteOffset, share, weight);
    logits.set(this.#values.subarray(0, this.#length), at);
  }

  /**
   * The index into what was loaded whose share of the sum of weights, summed by index, holds `target`. An interval
   * holds its lower end and not its upper, so that what has no weight is never drawn.
   */
  indexAt(target: number): number {
    let left = target;
    let block = 0;
    while (block < this.#blocks && left >= this.#sums[block]!) left -= this.#sums[block++]!;
    let index = block * BLOCK;
    const end = Math.min(index + BLOCK, this.#values.length);
    while (index < end && left >= this.#values[index]!) left -= this.#values[index++]!;
    if (index === end) index--; // rounding has led past the last
    while (this.#values[index] === 0) index--;
    return index;
  }
}
