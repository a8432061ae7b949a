import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromFloat16Bits, toFloat16Bits } from '../../src/model/float16.ts';

test('every half comes back from its value', () => {
  for (let bits = 0; bits < 1 << 16; bits++) {
    const value = fromFloat16Bits(bits);
    if (Number.isNaN(value)) assert.ok(Number.isNaN(fromFloat16Bits(toFloat16Bits(value))));
    else assert.equal(toFloat16Bits(value), bits);
  }
});

test('values between two halves go to the nearer, a tie to the even one', () => {
  for (const sign of [0, 0x8000]) {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const low = fromFloat16Bits(sign | bits);
      const high = fromFloat16Bits(sign | (bits + 1));
      const tie = (low + high) / 2;
      const nudge = (high - low) / 64;
      assert.equal(toFloat16Bits(tie), sign | (bits + (bits & 1)));
      assert.equal(toFloat16Bits(tie - nudge), sign | bits);
      assert.equal(toFloat16Bits(tie + nudge), sign | (bits + 1));
    }
  }
});

test('known values (IEEE 754-2008)', () => {
  const known: [number, number][] = [
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [1 / 3, 0x3555],
    [Number.POSITIVE_INFINITY, 0x7c00],
  ];
  for (const [value, bits] of known) {
    assert.equal(toFloat16Bits(value), bits);
    if (value !== 1 / 3) assert.equal(fromFloat16Bits(bits), value);
  }
});

test('too small becomes a zero of its sign, too large an infinity', () => {
  assert.equal(toFloat16Bits(2 ** -25), 0);
  assert.equal(toFloat16Bits(-(2 ** -26)), 0x8000);
  assert.equal(toFloat16Bits(2 ** -25 * 1.001), 1);
  assert.equal(toFloat16Bits(65519), 0x7bff);
  assert.equal(toFloat16Bits(65520), 0x7c00);
  assert.equal(toFloat16Bits(-1e30), 0xfc00);
});
