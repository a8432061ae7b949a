import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LogitRow } from '../../src/engine/wasm/logit-row.ts';

const NEVER = Number.NEGATIVE_INFINITY;

function drawing(logits: readonly number[], temperature = 1): { drawn: LogitRow; total: number } {
  const drawn = new LogitRow(60);
  const largest = drawn.load(Float32Array.from([9, ...logits, 9]), 1, 1 + logits.length);
  return { drawn, total: drawn.weigh(largest, temperature) };
}

test('the largest is found anywhere, and one that is not a number', () => {
  for (let i = 0; i < 50; i++) {
    const logits = Float32Array.from({ length: 50 }, (_, j) => (i === j ? 3 : -j));
    assert.equal(new LogitRow(50).load(logits, 0, 50), 3);
    logits[i] = Number.NaN;
    assert.ok(Number.isNaN(new LogitRow(50).load(logits, 0, 50)));
  }
  assert.equal(new LogitRow(5).load(Float32Array.of(-5, -4, 7), 0, 2), -4);
});

test('weights are exp((logit - largest) / temperature)', () => {
  const { total } = drawing([1, 2, 4, NEVER], 0.5);
  assert.ok(Math.abs(total - (1 + Math.exp(-4) + Math.exp(-6))) < 1e-6);
  assert.equal(drawing([1, 2, 4], Number.MIN_VALUE).total, 1);
});

test('what has no weight is never drawn, by 0 or the whole sum, in any block', () => {
  for (const only of [0, 15, 16, 31, 40, 59]) {
    const { drawn, total } = drawing(Array.from({ length: 60 }, (_, i) => (i === only ? 2 : NEVER)));
    for (const share of [0, 0.5, 1, 1.0000001]) assert.equal(drawn.indexAt(share * total), only);
  }
  const { drawn, total } = drawing([NEVER, ...new Array<number>(40).fill(0), NEVER, -200]);
  assert.equal(drawn.indexAt(0), 1);
  assert.equal(drawn.indexAt(total), 40);
});

test('an index is drawn as often as its weight says', () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 60 }),
      (logits) => {
        const { drawn, total } = drawing(logits);
        const most = Math.max(...logits);
        let sum = 0;
        for (const [index, logit] of logits.entries()) {
          const weight = Math.exp(logit - most);
          assert.equal(drawn.indexAt(sum + weight / 2), index);
          sum += weight;
        }
        assert.ok(Math.abs(total / sum - 1) < 1e-6);
      },
    ),
  );
});

test('a mixture has the probabilities of both, and what neither knows stays a number', () => {
  const length = 45;
  const row = new LogitRow(length);
  const own = Array.from({ length }, (_, i) => ((i * 7) % 11) - (i === 3 ? 200 : 0));
  const powers = own.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b);
  for (const weight of [0, 0.3, 0.999]) {
    for (let i = 0; i < length; i++) row.probabilities[i] = i % 2 ? 0 : 2 / (length + 1);
    const logits = Float32Array.from([7, ...own, 8]);
    row.mix(logits, 1, weight);
    for (let i = 0; i < length; i++) {
      const p = ((1 - weight) * powers[i]!) / sum + weight * (i % 2 ? 0 : 2 / (length + 1));
      if (i === 3) assert.ok(logits[1 + i]! < -80 && Number.isFinite(logits[1 + i]));
      else assert.ok(Math.abs(logits[1 + i]! - Math.log(p)) < 2e-6, `${weight}, ${i}`);
    }
    assert.deepEqual([logits[0], logits.at(-1)], [7, 8]);
  }
});

test('logits that are no numbers are not made to look like some', () => {
  const row = new LogitRow(20);
  row.probabilities.fill(1 / 20);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const logits = new Float32Array(20).fill(1);
    logits[4] = bad;
    row.mix(logits, 0, 0.5);
    assert.equal(logits[4], bad);
  }
});
