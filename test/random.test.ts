import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../src/random.ts';

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('random numbers', () => {
  it('are the same for the same seed, and go on from a state', () => {
    const [one, two] = [new Random(7), new Random(7)];
    assert.equal(one.uniform(), two.uniform());
    const resumed = new Random(one.state);
    assert.deepEqual([resumed.uniform(), resumed.below(9)], [two.uniform(), two.below(9)]);
  });

  it('differ from seed to seed at once: the first numbers of small seeds fill [0, 1) evenly', () => {
    for (const skipped of [0, 1, 2, 5]) {
      const numbers = Array.from({ length: 400 }, (_, seed) => {
        const random = new Random(seed);
        for (let i = 0; i < skipped; i++) random.uniform();
        return random.uniform();
      });
      const tenths = Array.from(
        { length: 10 },
        (_, i) => numbers.filter((u) => Math.floor(10 * u) === i).length,
      );
      assert.ok(
        tenths.every((count) => count > 20 && count < 65),
        `after ${skipped}: ${tenths}`,
      );
    }
  });

  it('have the moments of their distributions', () => {
    const random = new Random(1);
    const normal = Array.from({ length: 20_000 }, () => random.normal());
    assert.ok(Math.abs(mean(normal)) < 0.03);
    assert.ok(Math.abs(mean(normal.map((x) => x * x)) - 1) < 0.05);
    const below = Array.from({ length: 1000 }, () => random.below(3));
    assert.deepEqual([...new Set(below)].sort(), [0, 1, 2]);
  });
});
