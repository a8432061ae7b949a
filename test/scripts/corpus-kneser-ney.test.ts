import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { KneserNey } from '../../scripts/corpus/kneser-ney.ts';
import { NgramTrie } from '../../scripts/corpus/ngrams.ts';
import type { CountedText } from '../../src/training/ngram-counts.ts';
import { discountsOf } from '../../src/training/ngram-tables.ts';

const HIGHEST = 5;
/** 0 is never predicted, 1 begins and ends a text. */
const VOCABULARY = 7;
const OUTCOMES = [1, 2, 3, 4, 5, 6];
const BEGINNING = 1;

/** Token 6 stands in no text: it is unseen. */
const text = fc
  .record({
    middle: fc.array(fc.integer({ min: 2, max: 5 }), { minLength: 1, maxLength: 30 }),
    song: fc.boolean(),
  })
  .map(
    ({ middle, song }): CountedText =>
      song
        ? { tokens: Int32Array.of(BEGINNING, ...middle, BEGINNING), first: 1 }
        : { tokens: Int32Array.of(BEGINNING, ...middle), first: 2 },
  );
const texts = fc.array(text, { minLength: 1, maxLength: 6 });

const modelOf = (texts: readonly CountedText[]): KneserNey =>
  new KneserNey(new NgramTrie(texts, VOCABULARY, HIGHEST), OUTCOMES.length);

function probabilities(model: KneserNey, context: readonly number[], token: number): Float64Array {
  const nodes = context.reduce((nodes, next) => model.advance(nodes, next), model.beginning);
  const result = new Float64Array(HIGHEST);
  model.probabilities(nodes, token, result);
  return result;
}

test('probabilities over all outcomes sum to 1 for every order, in any context', () => {
  const context = fc.array(fc.integer({ min: 2, max: 6 }), { maxLength: 7 });
  fc.assert(
    fc.property(texts, context, (texts, rest) => {
      const model = modelOf(texts);
      const all = OUTCOMES.map((token) => probabilities(model, [BEGINNING, ...rest], token));
      for (let k = 0; k < HIGHEST; k++) {
        assert.ok(all.every((of) => of[k] > 0));
        const sum = all.reduce((sum, of) => sum + of[k], 0);
        assert.ok(Math.abs(sum - 1) < 1e-12, `order ${k + 1}: ${sum}`);
      }
    }),
  );
});

/** The definition, word for word, on n-grams as strings; `^` is the beginning of a text. */
class Definition {
  readonly #counts = new Map<string, number>();

  constructor(texts: readonly CountedText[]) {
    for (const { tokens, first } of texts) {
      const symbols = [...tokens].map((token, i) => (i === 0 ? '^' : String(token)));
      for (let end = first; end < symbols.length; end++) {
        for (let start = 0; start <= end; start++) {
          const gram = symbols.slice(start, end + 1).join('');
          this.#counts.set(gram, (this.#counts.get(gram) ?? 0) + 1);
        }
      }
    }
  }

  /** Of the n-grams of k symbols. */
  #adjusted(k: number, isHighest: boolean): Map<string, number> {
    const grams = [...this.#counts].filter(([gram]) => gram.length === k);
    if (isHighest) return new Map(grams);
    return new Map(
      grams.map(([gram, count]) => {
        if (gram.startsWith('^')) return [gram, count];
        const longer = [...this.#counts.keys()].filter((other) => other.length === k + 1);
        return [gram, longer.filter((other) => other.slice(1) === gram).length];
      }),
    );
  }

  /** @param history symbols before `token`; only the last n - 1 matter. */
  probability(n: number, history: string, token: number): number {
    const context = history.slice(Math.max(0, history.length - (n - 1)));
    return this.#interpolated(context, String(token), context.length === n - 1);
  }

  #interpolated(context: string, token: string, isHighest: boolean): number {
    const lower = context === '' ? 1 / OUTCOMES.length : this.#interpolated(context.slice(1), token, false);
    const adjusted = this.#adjusted(context.length + 1, isHighest);
    const discounts = discountsOf(Int32Array.from(adjusted.values()));
    const discount = (count: number) => discounts[Math.min(count, 3) - 1];
    const following = [...adjusted].filter(([gram]) => gram.slice(0, -1) === context);
    const total = following.reduce((sum, [, count]) => sum + count, 0);
    if (total === 0) return lower;
    const freed = following.reduce((sum, [, count]) => sum + discount(count), 0);
    const count = adjusted.get(context + token) ?? 0;
    return (count > 0 ? count - discount(count) : 0) / total + (freed / total) * lower;
  }
}

test('probabilities are those of the definition', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.integer({ min: 2, max: 6 }), { maxLength: 6 }), (texts, rest) => {
      const model = modelOf(texts);
      const definition = new Definition(texts);
      for (const token of OUTCOMES) {
        const found = probabilities(model, [BEGINNING, ...rest], token);
        for (let n = 1; n <= HIGHEST; n++) {
          const expected = definition.probability(n, `^${rest.join('')}`, token);
          assert.ok(Math.abs(found[n - 1] - expected) < 1e-12, `order ${n}: ${found[n - 1]}, ${expected}`);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('discounts are estimated from the counts of counts, or taken from KenLM', () => {
  // 8 n-grams counted once, 4 twice, 2 three times, 1 four times: Y = 8 / (8 + 2 * 4) = 1/2.
  const counts = Int32Array.of(...Array(8).fill(1), ...Array(4).fill(2), 3, 3, 4);
  assert.deepEqual(discountsOf(counts), [
    1 - 2 * 0.5 * (4 / 8),
    2 - 3 * 0.5 * (2 / 4),
    3 - 4 * 0.5 * (1 / 2),
  ]);
  assert.deepEqual(discountsOf(Int32Array.of(1, 1, 2)), [0.5, 1, 1.5]);
});
