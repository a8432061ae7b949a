/**
 * Character n-grams beside a network: what a text said often, word for word, which a small network is slow to learn
 * and quick to blur. The model is interpolated Kneser-Ney with three discounts an order (Chen & Goodman, "An empirical
 * study of smoothing techniques for language modeling", Computer Speech and Language 13, 1999),
 *
 *   p_k(w | h) = max(c(hw) - D(c(hw)), 0) / c(h) + freed(h) p_(k-1)(w | h'),
 *
 * c is the number of times for the highest order and the number of continuations for lower ones, h' the context h
 * without its first token, freed(h) what the discounts left over; below the unigrams all tokens are alike. N-grams that
 * were seen too seldom to be kept count in c(h) alone, so what was theirs goes to the shorter context.
 * The mixture with the network is p(w) = (1 - weight) p_network(w) + weight p_n(w). Where a line begins the weight is another:
 * how long verses are is what a network knows and n-grams do not. It knows token ids and no text.
 */
import { START, UNKNOWN } from './network.ts';

/** The n-grams of one length, those of one context together and by ascending token. */
export interface NgramOrder {
  /** The token that each ends with. */
  readonly tokens: Int32Array;
  readonly counts: Int32Array;
  /** [j], [j + 1]: where in the next order those stand that go on from j. Of the highest order all 0. */
  readonly starts: Int32Array;
  /** c(h) of each as a context; 0 where nothing goes on from it. */
  readonly totals: Int32Array;
  /** D(1), D(2), and D(c) for c of 3 or more. */
  readonly discounts: readonly number[];
}

export interface NgramTables {
  /** c of the empty context. */
  readonly total: number;
  /** By length, from 1 on. */
  readonly orders: readonly NgramOrder[];
}

/** What a checkpoint holds. */
export interface Ngram {
  readonly tables: NgramTables;
  /** Of the n-grams in the mixture, in [0, 1), by the place of the next token (`PLACES` of recall.ts). */
  readonly weights: readonly number[];
}

/** No such n-gram. */
export const ABSENT = -1;
/** N-grams of this length are kept even if they stand in the text once. */
const WHOLE = 3;

/** The last tokens of a song. */
export interface History {
  /** The token so many before the next one, from 1 on; undefined before the first. */
  back(distance: number): number | undefined;
  /** Where the next one stands: within a line, first in its line, first after a blank line. */
  readonly place: number;
}

export class NgramModel {
  readonly #orders: readonly NgramOrder[];
  /** p_1 by token. */
  readonly #unigrams: Float64Array;

  constructor({ orders, total }: NgramTables, vocabularySize: number) {
    this.#orders = orders;
    this.#unigrams = unigrams(orders[0]!, total, vocabularySize);
  }

  /** Writes p(w | history) into `result` [V]; that of `UNKNOWN` is 0. Allocates nothing. */
  distribution(history: History, result: Float64Array | Float32Array): void {
    result.fill(0);
    let left = 1;
    for (let length = this.#orders.length - 1; length > 0; length--) {
      const context = this.#context(history, length);
      if (context !== ABSENT) left *= this.#add(length, context, left, result);
    }
    for (let token = 0; token < result.length; token++) result[token]! += left * this.#unigrams[token]!;
  }

  /** Whether all runs of so many tokens as the longest of which all are kept stand in the text. */
  knows(tokens: Int32Array): boolean {
    const length = Math.min(WHOLE, this.#orders.length);
    for (let from = 0; from + length <= tokens.length; from++) {
      let node = 0;
      for (let order = 0; order < length && node !== ABSENT; order++) {
        node = this.#child(order, node, tokens[from + order]!);
      }
      if (node === ABSENT) return false;
    }
    return true;
  }

  /** Adds what a context says, times `share`; returns what its discounts leave over. */
  #add(length: number, context: number, share: number, result: Float64Array | Float32Array): number {
    const { starts, totals } = this.#orders[length - 1]!;
    const { tokens, counts, discounts } = this.#orders[length]!;
    const total = totals[context]!;
    let used = 0;
    for (let j = starts[context]!; j < starts[context + 1]!; j++) {
      const count = counts[j]!;
      const discounted = count - discounts[Math.min(count, 3) - 1]!;
      used += discounted;
      result[tokens[j]!]! += (share * discounted) / total;
    }
    return total === 0 ? 1 : (total - used) / total;
  }

  /** The n-gram of the last `length` tokens; before a song stands START. */
  #context(history: History, length: number): number {
    let node = 0;
    for (let order = 0; order < length; order++) {
      const distance = length - order;
      const token = history.back(distance);
      if (token === undefined && history.back(distance - 1) === undefined && distance > 1) return ABSENT;
      node = this.#child(order, node, token ?? START);
      if (node === ABSENT) return ABSENT;
    }
    return node;
  }

  #child(order: number, context: number, token: number): number {
    const { tokens } = this.#orders[order]!;
    if (order === 0) return findToken(tokens, 0, tokens.length, token);
    const { starts } = this.#orders[order - 1]!;
    return findToken(tokens, starts[context]!, starts[context + 1]!, token);
  }
}

/** Where a token stands among ascending ones at [from, to), by bisection, or `ABSENT`. */
export function findToken(tokens: Int32Array, from: number, to: number, token: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (tokens[middle]! < token) low = middle + 1;
    else if (tokens[middle]! > token) high = middle;
    else return middle;
  }
  return ABSENT;
}

function unigrams({ tokens, counts, discounts }: NgramOrder, total: number, size: number): Float64Array {
  const result = new Float64Array(size);
  let used = 0;
  for (let j = 0; j < tokens.length; j++) {
    const discounted = counts[j]! - discounts[Math.min(counts[j]!, 3) - 1]!;
    used += discounted;
    result[tokens[j]!] = discounted / total;
  }
  const left = total === 0 ? 1 : (total - used) / total;
  for (let token = 0; token < size; token++) if (token !== UNKNOWN) result[token]! += left / (size - 1);
  return result;
}
