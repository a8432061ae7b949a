/**
 * Counts of character n-grams of every order up to some n, in a trie: a node is an n-gram, its children are
 * the n-grams that go on with one more token. A context is such a node too. It knows token ids, no characters
 * and no probabilities.
 */

/** A text as token ids; the first is only a context. */
export interface CountedText {
  readonly tokens: Int32Array;
  /** Index of the first token that is predicted, 1 or more. */
  readonly first: number;
}

/** N-grams of one length, numbered from 0 in the order in which they were seen. */
export interface Order {
  /** `context * vocabularySize + token` -> number of the n-gram; `context` is one token shorter. */
  readonly children: ReadonlyMap<number, number>;
  /** Times that an n-gram stands in the texts. */
  readonly counts: Int32Array;
  /**
   * In how many ways an n-gram goes on from what is before it: distinct tokens to its left; where nothing can
   * be (its first token begins a text), its count (Chen & Goodman 1999; so do SRILM and KenLM).
   */
  readonly continuations: Int32Array;
  /** The context of each n-gram. */
  readonly contexts: Int32Array;
}

/** The only context of unigrams. */
const EMPTY = 0;
/** No such n-gram. */
export const ABSENT = -1;

export class NgramTrie {
  /** `orders[k - 1]` holds the n-grams of k tokens. */
  readonly orders: readonly Order[];
  readonly vocabularySize: number;

  /** Counts the n-grams of 1 to n tokens that end in a predicted token. */
  constructor(texts: Iterable<CountedText>, vocabularySize: number, n: number) {
    this.vocabularySize = vocabularySize;
    const orders = Array.from({ length: n }, () => new GrowingOrder());
    for (const { tokens, first } of texts) {
      // nodes[k]: the n-gram of the last k tokens read.
      let nodes = Int32Array.of(EMPTY, orders[0].node(EMPTY, tokens[0], vocabularySize));
      for (let i = 1; i < tokens.length; i++) {
        const next = new Int32Array(Math.min(nodes.length + 1, n + 1));
        for (let k = 1; k < next.length; k++) {
          next[k] = orders[k - 1].node(nodes[k - 1], tokens[i], vocabularySize);
        }
        if (i >= first) countEnds(orders, next, i);
        nodes = next;
      }
    }
    this.orders = orders.map((order) => order.finish());
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
    return this.orders[k - 1].children.get(context * this.vocabularySize + token) ?? ABSENT;
  }
}

/**
 * Counts the n-grams that end at index i. One that is seen for the first time is a new way to its ending one
 * token shorter.
 */
function countEnds(orders: readonly GrowingOrder[], nodes: Int32Array, i: number): void {
  for (let k = 1; k < nodes.length; k++) {
    const isNew = orders[k - 1].counts[nodes[k]]++ === 0;
    if (isNew && k > 1) orders[k - 2].continuations[nodes[k - 1]]++;
    if (k === i + 1) orders[k - 1].continuations[nodes[k]]++;
  }
}

class GrowingOrder {
  readonly #children = new Map<number, number>();
  readonly #contexts: number[] = [];
  readonly counts: number[] = [];
  readonly continuations: number[] = [];

  node(context: number, token: number, vocabularySize: number): number {
    const key = context * vocabularySize + token;
    let node = this.#children.get(key);
    if (node === undefined) {
      node = this.counts.length;
      this.#children.set(key, node);
      this.#contexts.push(context);
      this.counts.push(0);
      this.continuations.push(0);
    }
    return node;
  }

  finish(): Order {
    return {
      children: this.#children,
      counts: Int32Array.from(this.counts),
      continuations: Int32Array.from(this.continuations),
      contexts: Int32Array.from(this.#contexts),
    };
  }
}
