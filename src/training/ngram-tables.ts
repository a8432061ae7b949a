/** From the n-grams of a text to those that a checkpoint keeps (`model/ngram.ts`). */
import type { Checkpoint } from '../model/checkpoint.ts';
import type { NgramOrder, NgramTables } from '../model/ngram.ts';
import { MAX_NGRAMS, MAX_TOTAL } from '../model/ngram-bytes.ts';
import { type CountedOrder, type CountedText, countedText, countNgrams } from './ngram-counts.ts';
import { mergeNgrams } from './ngram-merge.ts';
import type { Segment } from './split.ts';

/** Most n-grams that are kept: a million bytes of a file and six of memory. */
const MOST = 400_000;
/** How often an n-gram of each length must stand in the text at the least: one that stands there once is chance. */
const LEAST_TIMES = [1, 1, 1, 2] as const;
/** The same of a text that a network went on to, as of chats: what stands there once may be somebody's number. */
const LEAST_TIMES_MORE = [1, 2] as const;
/** From this length on n-grams of a larger text must stand there more often. */
const SELDOM_FROM = 2;

/** With more than this many a network that went on to other texts takes in `FEW` of a next one; with `FULL`, none. */
const MANY = 800_000;
const FEW = 50_000;
const FULL = MAX_NGRAMS - MOST;

/** Of the discounts: the network knows what else may come, so n-grams beside it may be surer of what they saw (docs/log.md). */
export const DISCOUNT_SHARE = 0.25;

/** What KenLM takes where a text is too small for the estimate (`--discount_fallback`). */
const FALLBACK = [0.5, 1, 1.5] as const;

/** D(1), D(2) and D(3): c - (c + 1) Y n(c + 1) / n(c), Y = n(1) / (n(1) + 2 n(2)), n(c): n-grams that were counted c times. */
export function discountsOf(counts: Int32Array): readonly number[] {
  const n = [0, 0, 0, 0, 0];
  for (let i = 0; i < counts.length; i++) if (counts[i]! < n.length) n[counts[i]!]!++;
  const y = n[1]! / (n[1]! + 2 * n[2]!);
  const discounts = [1, 2, 3].map((c) => c - ((c + 1) * y * n[c + 1]!) / n[c]!);
  return discounts.every((discount, i) => discount > 0 && discount <= i + 1) ? discounts : FALLBACK;
}

/**
 * The n-grams of a network that learnt a text: those of the text, and those that it had before. Undefined where there are
 * none: a network that goes on has them if its parent did, one that begins anew if `order` is not 0.
 */
export function tablesOf(
  { ngram, vocabulary }: Pick<Checkpoint, 'ngram' | 'vocabulary'>,
  learnt: readonly Segment[],
  order: number,
  isNew: boolean,
): NgramTables | undefined {
  const texts = learnt.map((segment) => countedText(vocabulary, segment));
  const known = ngram?.tables;
  if (isNew) return order === 0 ? undefined : ngramTables(texts, vocabulary.size, order);
  if (!known) return undefined;
  const count = known.orders.reduce((sum, { tokens }) => sum + tokens.length, 0);
  if (count > FULL || hasHugeTotals(known)) return known;
  const room = Math.min(MOST, Math.max(FEW, MANY - count));
  return mergeNgrams(known, ngramTables(texts, vocabulary.size, known.orders.length, room, LEAST_TIMES_MORE));
}

/** Such as no text has: their sums could not be read again. */
const hasHugeTotals = ({ total, orders }: NgramTables): boolean =>
  [Int32Array.of(total), ...orders.map(({ totals }) => totals)].some((totals) =>
    totals.some((total) => total > MAX_TOTAL / 2),
  );

/** The n-grams of texts with up to `order` tokens, longer ones that are seldom left out until there are no more than `most` in all. */
export function ngramTables(
  texts: Iterable<CountedText>,
  vocabularySize: number,
  order: number,
  most = MOST,
  least: readonly number[] = LEAST_TIMES,
): NgramTables {
  const counted = countNgrams(texts, vocabularySize, order);
  const kept = keptOf(counted, leastTimes(counted, most, least));
  const orders = counted.map((of, k) => tableOf(counted, kept, k, of));
  return { total: sumOf(evidence(counted, 0)), orders };
}

/** Counts of the highest order, continuations of the others. */
const evidence = (counted: readonly CountedOrder[], k: number): Int32Array =>
  k === counted.length - 1 ? counted[k]!.counts : counted[k]!.continuations;

/** By length, how often an n-gram must stand in the text to be kept: as seldom as `most` n-grams in all allow. */
function leastTimes(
  counted: readonly CountedOrder[],
  most: number,
  least: readonly number[],
): readonly number[] {
  const oftener = (times: number) =>
    counted.map((_, k) => least[Math.min(k, least.length - 1)]! + (k + 1 < SELDOM_FROM ? 0 : times));
  const lengthAt = (times: number) =>
    keptOf(counted, oftener(times)).reduce((sum, { length }) => sum + length, 0);
  let from = 0;
  let to = lengthAt(0) <= most ? 0 : counted[0]!.counts.reduce((a, b) => Math.max(a, b));
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (lengthAt(middle) <= most) to = middle;
    else from = middle + 1;
  }
  return oftener(from);
}

const sumOf = (counts: Int32Array): number => counts.reduce((sum, count) => sum + count, 0);

/** Of each length, the n-grams that stand in the text so many times and whose contexts do. */
function keptOf(counted: readonly CountedOrder[], least: readonly number[]): Int32Array[] {
  const all: Int32Array[] = [];
  let isKept = Uint8Array.of(1);
  for (const [k, { contexts, counts }] of counted.entries()) {
    const next = new Uint8Array(counts.length);
    const kept = new Int32Array(counts.length);
    let length = 0;
    for (let j = 0; j < counts.length; j++) {
      if (counts[j]! < least[k]! || isKept[contexts[j]!] === 0) continue;
      kept[length++] = j;
      next[j] = 1;
    }
    all.push(kept.subarray(0, length));
    isKept = next;
  }
  return all;
}

function tableOf(
  counted: readonly CountedOrder[],
  kept: readonly Int32Array[],
  k: number,
  { tokens }: CountedOrder,
): NgramOrder {
  const own = kept[k]!;
  const counts = evidence(counted, k);
  const starts = new Int32Array(own.length + 1);
  const totals = new Int32Array(own.length);
  const longer = counted[k + 1];
  if (longer) {
    const sums = new Int32Array(tokens.length);
    const next = evidence(counted, k + 1);
    for (let j = 0; j < next.length; j++) sums[longer.contexts[j]!]! += next[j]!;
    const after = kept[k + 1]!;
    for (let i = 0, at = 0; i < own.length; i++) {
      starts[i] = at;
      while (at < after.length && longer.contexts[after[at]!] === own[i]) at++;
      starts[i + 1] = at;
      if (starts[i]! < at) totals[i] = sums[own[i]!]!;
    }
  }
  return {
    tokens: own.map((j) => tokens[j]!),
    counts: own.map((j) => counts[j]!),
    starts,
    totals,
    discounts: discountsOf(counts.filter((count) => count > 0)).map((discount) => discount * DISCOUNT_SHARE),
  };
}
