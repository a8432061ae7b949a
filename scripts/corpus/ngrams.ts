/**
 * The n-grams of every order up to some n as a trie: a node is an n-gram, its children are the n-grams that go on with
 * one more token. A context is such a node too. It knows token ids, no characters and no probabilities.
 */
import { ABSENT, findToken } from '../../src/model/ngram.ts';
import { type CountedOrder, type CountedText, countNgrams } from '../../src/training/ngram-counts.ts';

/** The only context of unigrams. */
const EMPTY = 0;

export class NgramTrie {
  /** `orders[k - 1]` holds the n-grams of k tokens. */
  readonly orders: readonly CountedOrder[];
  /** [k - 1][context], [context + 1]: where among the n-grams of k tokens those stand that go on from a context. */
  readonly #starts: readonly Int32Array[];

  /** Counts the n-grams of 1 to n tokens that end in a predicted token. */
  constructor(texts: Iterable<CountedText>, vocabularySize: number, n: number) {
    this.orders = countNgrams(texts, vocabularySize, n);
    this.#starts = this.orders.map(({ contexts }, k) =>
      startsOf(contexts, k === 0 ? 1 : this.orders[k - 1].tokens.length),
    );
  }

  /**
   * Moves on by one token: `nodes[k]` is the n-gram of the last k tokens, or `ABSENT`; result likewise, with one
   * more entry until there are `orders.length + 1`.
   */
  advance(nodes: Int32Array, token: number): Int32Array {
    const next = new Int32Array(Math.min(nodes.length + 1, this.orders.length + 1));
    for (let k = 1; k < next.length; k++) next[k] = this.child(k, nodes[k - 1], token);
    return next;
  }

  /** `nodes` before the first token. */
  get beginning(): Int32Array {
    return Int32Array.of(EMPTY);
  }

  /** The n-gram of k tokens that goes on from a context of k - 1 with a token, or `ABSENT`. */
  child(k: number, context: number, token: number): number {
    if (context === ABSENT) return ABSENT;
    const starts = this.#starts[k - 1];
    return findToken(this.orders[k - 1].tokens, starts[context], starts[context + 1], token);
  }
}

/** Of ascending contexts. */
function startsOf(contexts: Int32Array, count: number): Int32Array {
  const starts = new Int32Array(count + 1);
  for (const context of contexts) starts[context + 1]++;
  for (let context = 0; context < count; context++) starts[context + 1] += starts[context];
  return starts;
}
