import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { exponential, logarithm } from '../../src/sampling/exponential.ts';

describe('the exponential of numbers that are not positive', () => {
  it('is that of Math.exp to 1e-11', () => {
    fc.assert(
      fc.property(fc.double({ min: -36, max: 0, noNaN: true }), (x) => {
        assert.ok(Math.abs(exponential(x) / Math.exp(x) - 1) < 1e-11, `${x}: ${exponential(x)}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('is exact at 0 and at the edges', () => {
    assert.equal(exponential(0), 1);
    assert.equal(exponential(-0), 1);
    assert.ok(exponential(-36) > 0);
    assert.equal(exponential(-36.0001), 0);
    assert.equal(exponential(Number.NEGATIVE_INFINITY), 0);
  });

  it('has the same bits everywhere', () => {
    const numbers = Float64Array.from({ length: 360 }, (_, i) => exponential(-i / 10));
    const words = new Uint32Array(numbers.buffer);
    const sum = words.reduce((hash, word) => (Math.imul(hash, 31) + word) >>> 0, 7);
    assert.equal(sum, 3274799640);
  });
});

describe('the logarithm', () => {
  it('is that of Math.log to 1e-12', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
        const expected = Math.log(x);
        assert.ok(Math.abs(logarithm(x) - expected) <= 1e-12 * Math.max(1, Math.abs(expected)), `${x}`);
      }),
      { numRuns: 2000 },
    );
    for (const x of [1, 2, Math.SQRT2, 1 - 2 ** -53]) {
      assert.ok(Math.abs(logarithm(x) - Math.log(x)) < 1e-12, `${x}`);
    }
  });

  it('has the same bits everywhere', () => {
    // `**` has not the same bits everywhere.
    const numbers = Float64Array.from({ length: 360 }, (_, i) => logarithm((i + 1) / 64));
    const words = new Uint32Array(numbers.buffer);
    const sum = words.reduce((hash, word) => (Math.imul(hash, 31) + word) >>> 0, 7);
    assert.equal(sum, 1332042938);
  });
});
