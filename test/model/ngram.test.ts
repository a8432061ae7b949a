import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KneserNey } from '../../scripts/corpus/kneser-ney.ts';
import { NgramTrie } from '../../scripts/corpus/ngrams.ts';
import { UserError } from '../../src/errors.ts';
import { START, UNKNOWN } from '../../src/model/network.ts';
import { type History, type Ngram, NgramModel, type NgramTables } from '../../src/model/ngram.ts';
import { decodingNgram, encodeNgram } from '../../src/model/ngram-bytes.ts';
import { SongMemory } from '../../src/model/recall.ts';
import { atOnce } from '../../src/model/steps.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { type CountedText, countNgrams } from '../../src/training/ngram-counts.ts';
import { mergeNgrams } from '../../src/training/ngram-merge.ts';
import { DISCOUNT_SHARE, ngramTables, tablesOf } from '../../src/training/ngram-tables.ts';

const VOCABULARY = 8;
const MOST = 1e6;

const songs = fc.array(fc.array(fc.integer({ min: 2, max: 6 }), { minLength: 1, maxLength: 40 }), {
  minLength: 1,
  maxLength: 6,
});
const order = fc.integer({ min: 1, max: 5 });
const asText = (song: readonly number[]): CountedText => ({
  tokens: Int32Array.of(START, ...song, START),
  first: 1,
});

function historyOf(tokens: readonly number[]): History {
  const memory = new SongMemory(-1);
  for (const token of tokens) memory.push(token);
  return memory;
}

function distribution(tables: NgramTables, tokens: readonly number[]): Float64Array {
  const result = new Float64Array(VOCABULARY);
  new NgramModel(tables, VOCABULARY).distribution(historyOf(tokens), result);
  return result;
}

const decode = (bytes: Uint8Array): Ngram => atOnce(decodingNgram(bytes, VOCABULARY, 'song.safetensors'));

test('n-grams are counted as one counts by hand', () => {
  fc.assert(
    fc.property(songs, order, (songs, order) => {
      const counted = countNgrams(songs.map(asText), VOCABULARY, order);
      const byHand = new Map<string, number>();
      for (const { tokens } of songs.map(asText)) {
        for (let end = 1; end < tokens.length; end++) {
          for (let begin = Math.max(0, end - order + 1); begin <= end; begin++) {
            const gram = tokens.slice(begin, end + 1).join(' ');
            byHand.set(gram, (byHand.get(gram) ?? 0) + 1);
          }
        }
      }
      const names: string[][] = [];
      const found = new Map<string, number>();
      for (const [k, { contexts, tokens, counts }] of counted.entries()) {
        names.push(
          [...tokens].map((token, j) => (k === 0 ? `${token}` : `${names[k - 1]![contexts[j]!]} ${token}`)),
        );
        for (const [j, name] of names[k]!.entries()) if (counts[j]! > 0) found.set(name, counts[j]!);
      }
      assert.deepEqual(new Map([...found].sort()), new Map([...byHand].sort()));
    }),
  );
});

/** With the discounts as they were estimated. */
const discounted = (tables: NgramTables): NgramTables => ({
  ...tables,
  orders: tables.orders.map((order) => ({
    ...order,
    discounts: order.discounts.map((discount) => discount / DISCOUNT_SHARE),
  })),
});

test('with every n-gram kept and all of the discounts the distribution is Kneser-Ney’s, whatever was read before', () => {
  const before = fc.array(fc.integer({ min: 2, max: 7 }), { maxLength: 7 });
  fc.assert(
    fc.property(songs, before, (songs, before) => {
      const texts = songs.map(asText);
      // Trigrams are the longest of which all are kept.
      const found = distribution(discounted(ngramTables(texts, VOCABULARY, 3, MOST)), before);
      const model = new KneserNey(new NgramTrie(texts, VOCABULARY, 3), VOCABULARY - 1);
      const context = [START, ...before].reduce(
        (nodes, token) => model.advance(nodes, token),
        model.beginning,
      );
      const expected = new Float64Array(3);
      for (let token = START; token < VOCABULARY; token++) {
        model.probabilities(context, token, expected);
        assert.ok(
          Math.abs(found[token]! - expected[2]!) < 1e-12,
          `${token}: ${found[token]}, ${expected[2]}`,
        );
      }
      assert.equal(found[UNKNOWN], 0);
    }),
  );
});

test('probabilities sum to 1 and none is 0, however few n-grams are kept', () => {
  fc.assert(
    fc.property(songs, order, fc.integer({ min: 0, max: 60 }), (songs, order, most) => {
      const tables = ngramTables(songs.map(asText), VOCABULARY, order, most);
      for (const before of [[], songs[0]!.slice(0, 3), [7], songs.at(-1)!]) {
        const found = distribution(tables, before);
        assert.ok(Math.abs(found.reduce((a, b) => a + b) - 1) < 1e-12);
        assert.ok(found.every((p, token) => p > 0 || token === UNKNOWN));
      }
    }),
  );
});

test('of a large text the n-grams that stand there oftenest are kept, with their contexts', () => {
  const often = Array.from({ length: 9 }, () => [2, 3, 4, 5, 6]);
  const seldom = [[6, 5, 4, 3, 2]];
  const lengths = (most: number) =>
    ngramTables([...often, ...seldom].map(asText), VOCABULARY, 5, most).orders.map(
      ({ tokens }) => tokens.length,
    );
  // Once is too seldom for four tokens and more.
  assert.deepEqual(lengths(MOST), [6, 12, 10, 4, 3]);
  assert.deepEqual(lengths(30), [6, 6, 5, 4, 3]);
});

test('what the n-grams say depends on the last tokens of the song, and on where it begins', () => {
  const tables = ngramTables(
    Array.from({ length: 5 }, () => asText([2, 3, 2, 4])),
    VOCABULARY,
    3,
  );
  assert.ok(distribution(tables, [])[2]! > 0.7);
  assert.ok(distribution(tables, [2])[3]! > 0.7, 'after the first 2 comes 3');
  assert.ok(distribution(tables, [2, 3, 2])[4]! > 0.7, 'after the second comes 4');
  assert.deepEqual(distribution(tables, [5, 6, 7, 3, 2]), distribution(tables, [2, 3, 2]));
  assert.ok(distribution(tables, [2, 3, 2, 4])[START]! > 0.7);
  assert.ok(Math.abs(distribution(tables, [-0xac00, -0xac01]).reduce((a, b) => a + b) - 1) < 1e-12);
});

test('merged n-grams are those of both texts', () => {
  fc.assert(
    fc.property(songs, songs, order, (one, other, order) => {
      const tables = (songs: readonly number[][]) => ngramTables(songs.map(asText), VOCABULARY, order, MOST);
      const countsOf = ({ orders }: NgramTables): Map<string, number> => {
        const found = new Map<string, number>();
        let contexts = [''];
        for (const [k, { tokens, counts }] of orders.entries()) {
          const starts = k === 0 ? [0, tokens.length] : orders[k - 1]!.starts;
          const names = contexts.flatMap((context, i) =>
            [...tokens.slice(starts[i], starts[i + 1])].map((token) => `${context} ${token}`),
          );
          for (const [j, name] of names.entries()) found.set(name, counts[j]!);
          contexts = names;
        }
        return found;
      };
      const [a, b] = [tables(one), tables(other)];
      const merged = mergeNgrams(a, b);
      const expected = countsOf(a);
      for (const [name, count] of countsOf(b)) expected.set(name, (expected.get(name) ?? 0) + count);
      assert.deepEqual(new Map([...countsOf(merged)].sort()), new Map([...expected].sort()));
      const sum = distribution(merged, one[0]!).reduce((a, b) => a + b);
      assert.ok(Math.abs(sum - 1) < 1e-12);
      assert.deepEqual(decode(encodeNgram({ tables: merged, weights: [0.5, 0.5, 0.5] })).tables, merged);
    }),
  );
});

test('sums that could not be read again are not made', () => {
  const order = { tokens: Int32Array.of(2), counts: Int32Array.of(2 ** 28), discounts: [0.5, 1, 1.5] };
  const tables = {
    total: 2 ** 29,
    orders: [{ ...order, starts: Int32Array.of(0, 0), totals: Int32Array.of(0) }],
  };
  const known = { vocabulary: Vocabulary.of('가'), ngram: { tables, weights: [0.5, 0.5, 0.5] } };
  assert.equal(tablesOf(known, [{ text: '가가', song: true }], 5, false), tables);
  const small = { ...known, ngram: { tables: { ...tables, total: 2 ** 28 }, weights: [0.5, 0.5, 0.5] } };
  const merged = tablesOf(small, [{ text: '가가', song: true }], 5, false)!;
  assert.deepEqual([...merged.orders[0]!.counts], [1, 2 ** 28 + 2]);
  assert.deepEqual(decode(encodeNgram({ tables: merged, weights: [0.5, 0.5, 0.5] })).tables, merged);
});

test('a text is known by its runs of three', () => {
  const model = new NgramModel(ngramTables([asText([2, 3, 4, 5, 3])], VOCABULARY, 5), VOCABULARY);
  assert.ok(model.knows(Int32Array.of(START, 2, 3, 4, 5, 3, START)));
  assert.ok(model.knows(Int32Array.of(4, 5, 3)));
  assert.ok(!model.knows(Int32Array.of(START, 2, 3, 4, 5, 2)));
});

test('n-grams come back from their bytes, about 3 of them each', () => {
  fc.assert(
    fc.property(
      songs,
      order,
      fc.array(fc.double({ min: 0, max: 0.9999, noNaN: true }), { minLength: 3, maxLength: 3 }),
      (songs, order, weights) => {
        const ngram: Ngram = { tables: ngramTables(songs.map(asText), VOCABULARY, order), weights };
        const bytes = encodeNgram(ngram);
        const count = ngram.tables.orders.reduce((sum, { tokens }) => sum + tokens.length, 0);
        assert.ok(bytes.length <= 26 + 24 * order + 2 + 4 * count);
        assert.deepEqual(decode(bytes), ngram);
      },
    ),
  );
});

test('counts of any size come back from their bytes', () => {
  const total = 2 ** 29;
  const order = {
    tokens: Int32Array.of(2, 7),
    counts: Int32Array.of(total - 200, 127),
    starts: Int32Array.of(0, 0, 0),
    totals: Int32Array.of(0, 0),
    discounts: [0.5, 1, 1.5],
  };
  const ngram = { tables: { total, orders: [order] }, weights: [0.25, 0.25, 0.25] };
  assert.deepEqual(decode(encodeNgram(ngram)), ngram);
});

test('more n-grams than any training keeps are refused before they fill the memory', () => {
  const size = 1500;
  const fill = (length: number, value: (i: number) => number) =>
    Int32Array.from({ length }, (_, i) => value(i));
  const discounts = [0.5, 1, 1.5];
  const unigrams = {
    tokens: fill(size, (i) => i),
    counts: fill(size, () => 1),
    starts: fill(size + 1, (i) => i * size),
    totals: fill(size, () => size),
    discounts,
  };
  const bigrams = {
    tokens: fill(size * size, (i) => i % size),
    counts: fill(size * size, () => 1),
    starts: new Int32Array(size * size + 1),
    totals: new Int32Array(size * size),
    discounts,
  };
  const bytes = encodeNgram({
    tables: { total: size, orders: [unigrams, bigrams] },
    weights: [0.5, 0.5, 0.5],
  });
  assert.throws(() => atOnce(decodingNgram(bytes, size, 'song.safetensors')), UserError);
});

test('changed, cut or lengthened bytes are refused, or are n-grams too', () => {
  const texts = [
    [2, 3, 4, 2, 3, 5],
    [4, 2, 3, 4, 6],
  ].map(asText);
  const bytes = encodeNgram({ tables: ngramTables(texts, VOCABULARY, 4), weights: [0.3, 0.3, 0.3] });
  const assertSafe = (damaged: Uint8Array): void => {
    let ngram: Ngram;
    try {
      ngram = decode(damaged);
    } catch (error) {
      assert.ok(error instanceof UserError && error.code === 'headerField', String(error));
      return;
    }
    assert.ok(ngram.weights.every((weight) => weight >= 0 && weight < 1));
    for (const before of [[], [2, 3], [4, 2, 3], [2, 3, 4]]) {
      const found = distribution(ngram.tables, before);
      assert.ok(Math.abs(found.reduce((a, b) => a + b) - 1) < 1e-9);
      assert.ok(found.every((p) => p >= 0));
    }
  };
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decode(bytes.subarray(0, length)), UserError, `${length} bytes`);
  }
  assert.throws(() => decode(Uint8Array.of(...bytes, 0)), UserError);
  for (let at = 0; at < bytes.length; at++) {
    for (const change of [1, 2, 128, 255]) {
      const damaged = bytes.slice();
      damaged[at]! ^= change;
      assertSafe(damaged);
    }
  }
});
