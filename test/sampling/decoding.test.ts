import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../../src/errors.ts';
import { START, UNKNOWN } from '../../src/model/network.ts';
import { Random } from '../../src/random.ts';
import { Decoder, type DecodingSettings } from '../../src/sampling/decoding.ts';

const PLAIN: DecodingSettings = { temperature: 1, topK: 1000, topP: 1, argmax: false };

/** The definition, by a full sort. Returns ids with their probabilities. */
function distribution(
  logits: number[],
  settings: DecodingSettings,
  startAllowed: boolean,
): Map<number, number> {
  const allowed = logits.map((_, id) => id).filter((id) => id !== UNKNOWN && (startAllowed || id !== START));
  const ranked = allowed.sort((a, b) => logits[b]! - logits[a]! || a - b).slice(0, settings.topK);
  const weights = ranked.map((id) => Math.exp((logits[id]! - logits[ranked[0]!]!) / settings.temperature));
  const mass = weights.reduce((sum, weight) => sum + weight);
  let count = 0;
  let total = 0;
  do total += weights[count++]!;
  while (count < ranked.length && total < settings.topP * mass * (1 - 1e-12));
  return new Map(ranked.slice(0, count).map((id, rank) => [id, weights[rank]! / total]));
}

const settingsArbitrary: fc.Arbitrary<DecodingSettings> = fc.record({
  temperature: fc.double({ min: 0.05, max: 5, noNaN: true }),
  topK: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant(1000)),
  topP: fc.oneof(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.constant(1)),
  argmax: fc.constant(false),
});
// Tenths, for ties.
const logitsArbitrary = fc.array(
  fc.integer({ min: -60, max: 60 }).map((n) => Math.fround(n / 10)),
  { minLength: 3, maxLength: 30 },
);

/** How often each id comes in n draws. */
function draw(
  logits: number[],
  settings: DecodingSettings,
  startAllowed: boolean,
  n: number,
): Map<number, number> {
  const decoder = new Decoder(logits.length);
  const random = new Random(1);
  const padded = Float32Array.from([Number.NaN, ...logits]);
  const counts = new Map<number, number>();
  for (let i = 0; i < n; i++) {
    const id = decoder.choose(padded, 1, settings, startAllowed, random);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** The id that a uniform number u stands for: the first whose probabilities, summed in order, exceed it. */
function idAt(u: number, probabilities: Map<number, number>, byId: boolean): number {
  const ids = [...probabilities.keys()];
  if (byId) ids.sort((a, b) => a - b);
  let sum = 0;
  return ids.find((id) => {
    sum += probabilities.get(id)!;
    return sum > u;
  })!;
}

describe('decoding', () => {
  it('chooses what the definitions of temperature, top-k and top-p say', () => {
    fc.assert(
      fc.property(
        logitsArbitrary,
        settingsArbitrary,
        fc.boolean(),
        fc.nat(),
        (logits, settings, startAllowed, seed) => {
          const expected = distribution(logits, settings, startAllowed);
          const allowed = logits.length - (startAllowed ? 1 : 2);
          const byId = settings.topK >= allowed && settings.topP === 1;
          const [random, twin] = [new Random(seed), new Random(seed)];
          const decoder = new Decoder(logits.length);
          for (let i = 0; i < 20; i++) {
            const id = decoder.choose(Float32Array.from(logits), 0, settings, startAllowed, random);
            // Weights are single precision: a number next to a border may fall to either side.
            const u = twin.uniform();
            const around = [u - 1e-6, u + 1e-6].map((x) => idAt(Math.min(x, 1 - 1e-9), expected, byId));
            assert.ok(around.includes(id), `${id}, not ${around.join(' or ')}`);
          }
        },
      ),
    );
  });

  for (const settings of [
    PLAIN,
    { ...PLAIN, temperature: 0.6 },
    { ...PLAIN, topK: 4 },
    { ...PLAIN, topP: 0.8 },
    { ...PLAIN, topK: 5, topP: 0.7, temperature: 1.5 },
  ]) {
    it(`draws with the probabilities of the definition: ${JSON.stringify(settings)}`, () => {
      const logits = [9, 1.5, 0.5, 2, -1, 1, 1, 0, -3, 1.75];
      const n = 20_000;
      const counts = draw(logits, settings, true, n);
      for (const [id, probability] of distribution(logits, settings, true)) {
        const deviation = Math.sqrt(n * probability * (1 - probability));
        assert.ok(Math.abs((counts.get(id) ?? 0) - n * probability) <= 4 * deviation + 1, `${id}`);
      }
    });
  }

  it('never chooses the unknown character, nor the start unless it may', () => {
    const logits = [50, 40, 0, 1];
    assert.ok(!draw(logits, PLAIN, true, 500).has(UNKNOWN));
    assert.deepEqual([...draw(logits, PLAIN, false, 500).keys()].sort(), [2, 3]);
    assert.deepEqual(draw(logits, { ...PLAIN, argmax: true }, false, 1), new Map([[3, 1]]));
    assert.deepEqual(draw(logits, { ...PLAIN, topK: 1 }, true, 20), new Map([[START, 20]]));
  });

  it('tends to argmax as the temperature falls to 0', () => {
    fc.assert(
      fc.property(logitsArbitrary, fc.constantFrom(1e-3, 1e-30, Number.MIN_VALUE), (logits, temperature) => {
        const [best, ...others] = distribution(logits, { ...PLAIN, topK: 2 }, true).keys();
        fc.pre(others.every((id) => logits[id] !== logits[best!]));
        assert.deepEqual(draw(logits, { ...PLAIN, argmax: true }, true, 1), new Map([[best, 1]]));
        assert.deepEqual(draw(logits, { ...PLAIN, temperature }, true, 5), new Map([[best, 5]]));
        assert.deepEqual(draw(logits, { ...PLAIN, temperature, topP: 0.9 }, true, 5), new Map([[best, 5]]));
      }),
    );
  });

  it('never chooses what has no weight, be the random number 0', () => {
    const zero = new Random([0, 0, 0, 0]);
    assert.equal(zero.uniform(), 0);
    const logits = Float32Array.of(0, 0, -100, -100, 0, -100);
    assert.equal(new Decoder(6).choose(logits, 0, PLAIN, false, zero), 4);
  });

  it('depends on the random number alone, one for each choice', () => {
    const logits = Float32Array.from({ length: 50 }, (_, i) => Math.sin(i));
    const [one, other] = [new Random(4), new Random(4)];
    const decoder = new Decoder(50);
    const first = Array.from({ length: 20 }, () => decoder.choose(logits, 0, PLAIN, true, one));
    for (const id of first) {
      assert.equal(new Decoder(50).choose(logits, 0, PLAIN, true, other), id);
      decoder.choose(logits, 0, { ...PLAIN, topK: 3, topP: 0.5 }, true, new Random(9));
    }
    assert.deepEqual(one.state, other.state);
  });

  it('says so when logits are not numbers', () => {
    const isBroken = (error: unknown) => error instanceof UserError && error.code === 'logitsNotFinite';
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => draw([0, 1, 2, bad, 1], PLAIN, true, 1), isBroken);
    }
    const none = new Array(5).fill(Number.NEGATIVE_INFINITY);
    assert.throws(() => draw(none, { ...PLAIN, argmax: true }, true, 1), isBroken);
  });
});
