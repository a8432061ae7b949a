import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { Likeliest } from '../../src/sampling/likeliest.ts';

it('gives ids by falling logits, equal ones by their order', () => {
  const likeliest = new Likeliest(40);
  const smallNumbers = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 3, maxLength: 40 });
  fc.assert(
    fc.property(
      smallNumbers,
      fc.nat(2),
      fc.nat(3),
      fc.integer({ min: -6, max: 6 }),
      (values, first, at, atLeast) => {
        const logits = Float32Array.from([...new Array(at).fill(99), ...values]);
        const ids = values.map((_, id) => id).filter((id) => id >= first && values[id]! >= atLeast);
        const expected = ids.sort((a, b) => values[b]! - values[a]! || a - b);
        likeliest.load(logits, at, first, values.length, atLeast);
        assert.deepEqual(
          ids.map(() => likeliest.take()),
          expected,
        );
        assert.equal(likeliest.size, 0);
      },
    ),
  );
});
