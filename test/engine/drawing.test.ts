import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Drawing } from '../../src/engine/wasm/drawing.ts';

const NEVER = Number.NEGATIVE_INFINITY;

function drawing(logits: readonly number[], temperature = 1): { drawn: Drawing; total: number } {
  const drawn = new Drawing(60);
  const largest = drawn.load(Float32Array.from([9, ...logits, 9]), 1, 1 + logits.length);
  return { drawn, total: drawn.weigh(largest, temperature) };
}

test('the largest is found anywhere, and one that is not a number', () => {
  for (let i = 0; i < 50; i++) {
    const logits = Float32Array.from({ length: 50 }, (_, j) => (i === j ? 3 : -j));
    assert.equal(new Drawing(50).load(logits, 0, 50), 3);
    logits[i] = Number.NaN;
    assert.ok(Number.isNaN(new Drawing(50).load(logits, 0, 50)));
  }
  assert.equal(new Drawing(5).load(Float32Array.of(-5, -4, 7), 0, 2), -4);
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
