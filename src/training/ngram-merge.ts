/**
 * The n-grams of a network that went on to a new text: those that it had, and those of the new text. Counts are added,
 * also of continuations: what came before an n-gram in both texts counts twice, as nobody knows it any more.
 */
import type { NgramOrder, NgramTables } from '../model/ngram.ts';

const NONE = -1;

/** Both have the same order; discounts are those of `known`. */
export function mergeNgrams(known: NgramTables, added: NgramTables): NgramTables {
  const orders: NgramOrder[] = [];
  let contexts: Merged = { known: [0], added: [0] };
  for (let k = 0; k < known.orders.length; k++) {
    const children = [known, added].map(({ orders }) => childrenOf(orders, k)) as [Children, Children];
    const { merged, starts } = mergeChildren(contexts, children);
    if (k > 0) orders[k - 1] = { ...orders[k - 1]!, starts };
    orders.push(mergeOrder(merged, known.orders[k]!, added.orders[k]!));
    contexts = merged;
  }
  return { total: known.total + added.total, orders };
}

/** N-grams of one length by their places in the one and the other, or `NONE`. */
interface Merged {
  readonly known: readonly number[];
  readonly added: readonly number[];
}

interface Children {
  readonly tokens: Int32Array;
  /** First and end of those of a context. */
  range(context: number): readonly [from: number, to: number];
}

function childrenOf(orders: readonly NgramOrder[], k: number): Children {
  const { tokens } = orders[k]!;
  if (k === 0) return { tokens, range: () => [0, tokens.length] };
  const { starts } = orders[k - 1]!;
  return {
    tokens,
    range: (context) => (context === NONE ? [0, 0] : [starts[context]!, starts[context + 1]!]),
  };
}

function mergeChildren(contexts: Merged, [known, added]: readonly [Children, Children]) {
  const merged = { known: [] as number[], added: [] as number[] };
  const starts = new Int32Array(contexts.known.length + 1);
  for (let context = 0; context < contexts.known.length; context++) {
    let [i, end] = known.range(contexts.known[context]!);
    let [j, addedEnd] = added.range(contexts.added[context]!);
    while (i < end || j < addedEnd) {
      const one = i < end ? known.tokens[i]! : Number.POSITIVE_INFINITY;
      const other = j < addedEnd ? added.tokens[j]! : Number.POSITIVE_INFINITY;
      merged.known.push(one <= other ? i++ : NONE);
      merged.added.push(other <= one ? j++ : NONE);
    }
    starts[context + 1] = merged.known.length;
  }
  return { merged, starts };
}

function mergeOrder({ known, added }: Merged, one: NgramOrder, other: NgramOrder): NgramOrder {
  const sum = (of: 'counts' | 'totals') =>
    Int32Array.from(known, (i, at) => (one[of][i] ?? 0) + (other[of][added[at]!] ?? 0));
  return {
    tokens: Int32Array.from(known, (i, at) => one.tokens[i] ?? other.tokens[added[at]!]!),
    counts: sum('counts'),
    starts: new Int32Array(known.length + 1),
    totals: sum('totals'),
    discounts: one.discounts,
  };
}
