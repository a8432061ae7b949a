/**
 * Interpolated Kneser-Ney smoothing with three discounts for each order (modified Kneser-Ney; Chen & Goodman,
 * "An empirical study of smoothing techniques for language modeling", Computer Speech and Language 13, 1999):
 *
 *   p_k(w | h) = max(c(hw) - D(c(hw)), 0) / c(h) + gamma(h) p_(k-1)(w | h'),
 *
 * c is the number of times for the highest order and the number of continuations for lower ones, h' the
 * context h without its first token, gamma(h) the mass that the discounts freed. The order below unigrams is
 * uniform, so that unseen tokens have a probability.
 */
import { ABSENT } from '../../src/model/ngram.ts';
import type { CountedOrder } from '../../src/training/ngram-counts.ts';
import { discountsOf } from '../../src/training/ngram-tables.ts';
import type { NgramTrie } from './ngrams.ts';

/** Sums over the n-grams that go on from a context. */
interface Level {
  readonly counts: Int32Array;
  readonly totals: Float64Array;
  /** Probability mass that the discounts free, by context. */
  readonly freed: Float64Array;
  /** D(c) for c = 1, 2, and 3 or more. */
  readonly discounts: readonly number[];
}

/** All models of orders 1 to n at once: they share all but their highest order. */
export class KneserNey {
  readonly #trie: NgramTrie;
  /** As highest order. */
  readonly #highest: readonly Level[];
  /** As an order below the highest. */
  readonly #lower: readonly Level[];
  readonly #uniform: number;

  /** @param outcomes number of tokens that can be predicted: the uniform distribution's. */
  constructor(trie: NgramTrie, outcomes: number) {
    this.#trie = trie;
    this.#uniform = 1 / outcomes;
    const contexts = (k: number): number => (k === 0 ? 1 : trie.orders[k - 1].counts.length);
    this.#highest = trie.orders.map((order, k) => levelOf(order, order.counts, contexts(k)));
    this.#lower = trie.orders.map((order, k) => levelOf(order, order.continuations, contexts(k)));
  }

  /** The context before the first token of a text. */
  get beginning(): Int32Array {
    return this.#trie.beginning;
  }

  /** The context after one more token. */
  advance(context: Int32Array, token: number): Int32Array {
    return this.#trie.advance(context, token);
  }

  /**
   * `result[n - 1]` = probability of a token by the model of order n.
   * @param context as `advance` gives it.
   */
  probabilities(context: Int32Array, token: number, result: Float64Array): void {
    let lower = this.#uniform;
    for (let k = 1; k <= this.#trie.orders.length; k++) {
      // Near the beginning of a text there are no longer contexts.
      const own = context[k - 1] ?? ABSENT;
      const node = this.#trie.child(k, own, token);
      result[k - 1] = interpolate(this.#highest[k - 1], own, node, lower);
      lower = interpolate(this.#lower[k - 1], own, node, lower);
    }
  }
}

function interpolate(level: Level, context: number, node: number, lower: number): number {
  const total = context === ABSENT ? 0 : level.totals[context];
  if (total === 0) return lower;
  const count = node === ABSENT ? 0 : level.counts[node];
  const discounted = count === 0 ? 0 : count - level.discounts[Math.min(count, 3) - 1];
  return discounted / total + (level.freed[context] / total) * lower;
}

function levelOf(order: CountedOrder, counts: Int32Array, contexts: number): Level {
  const discounts = discountsOf(counts);
  const totals = new Float64Array(contexts);
  const freed = new Float64Array(contexts);
  for (const [node, count] of counts.entries()) {
    totals[order.contexts[node]] += count;
    if (count > 0) freed[order.contexts[node]] += discounts[Math.min(count, 3) - 1];
  }
  return { counts, totals, freed, discounts };
}
