import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LENGTHS, PLACES, type Recall, SongMemory, TIMES } from '../../src/model/recall.ts';
import { dampingAt, Recaller } from '../../src/sampling/recaller.ts';
import type { SampleRequest } from '../../src/sampling/request.ts';
import { createSampler, randomCheckpoint, sampleRequest } from './fixtures.ts';

const evenly = (weight: number): Recall => ({
  weights: Array.from({ length: PLACES }, () =>
    Array.from({ length: TIMES }, () => new Array<number>(LENGTHS).fill(weight)),
  ),
});

const softmax = (logits: ArrayLike<number>): number[] => {
  const powers = Array.from(logits, (logit) => Math.exp(logit));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
};

/** 3 came after 2 twice, 4 once. */
const SONG = [2, 3, 5, 2, 4, 5, 6, 2, 3, 7, 2];
const LOGITS = [0.5, -1, 2, -30, 0.25, 1, -2, 3];

describe('the mixture with what the song recalls', () => {
  it('has the probabilities of the formula, wherever the logits stand', () => {
    const memory = new SongMemory(-1);
    for (const token of SONG) memory.push(token);
    const own = softmax(LOGITS);
    for (const [weight, strength] of [
      [0.4, 1],
      [0.4, 2.5],
      [0.99, 1],
      [0.4, 0],
    ] as const) {
      const logits = Float32Array.from([9, 9, ...LOGITS, 9]);
      new Recaller(evenly(weight), 8).mix(logits, 2, memory, strength);
      const odds = (strength * weight) / (1 - weight);
      const recalled = [0, 0, 0, 2 / 3, 1 / 3, 0, 0, 0];
      const expected = own.map((p, id) => (p + odds * recalled[id]!) / (1 + odds));
      for (const [id, p] of softmax(logits.subarray(2, 10)).entries()) {
        assert.ok(Math.abs(p - expected[id]!) < 1e-6, `${weight}, ${strength}, ${id}: ${p}, ${expected[id]}`);
      }
      assert.deepEqual([logits[0], logits[1], logits[10]], [9, 9, 9]);
      const logarithms = Float32Array.from(own, Math.log);
      new Recaller(evenly(weight), 8).mix(logarithms, 0, memory, strength, true);
      for (const [id, p] of softmax(logarithms).entries()) assert.ok(Math.abs(p - expected[id]!) < 1e-6);
    }
  });

  it('changes nothing where nothing comes back', () => {
    const logits = Float32Array.from(LOGITS);
    new Recaller(evenly(0.9), 8).mix(logits, 0, new SongMemory(-1), 1);
    assert.deepEqual([...logits], [...Float32Array.from(LOGITS)]);
  });
});

describe('the strength of the recall', () => {
  it('is whole from 0.85 on and falls with the temperature, to 0', () => {
    assert.deepEqual([0.85, 1, 2].map(dampingAt), [1, 1, 1]);
    const falling = [0.85, 0.8, 0.7, 0.6, 0.5, 0.3, 0.1, 0].map(dampingAt);
    assert.deepEqual(
      falling.toSorted((a, b) => b - a),
      falling,
    );
    assert.ok(Math.abs(dampingAt(0.6) - 0.18) < 0.005);
    assert.equal(dampingAt(0), 0);
  });
});

/** Lines of 4 characters or more that stand in a lyric more than once. */
function repeatedLines(text: string): number {
  const lines = text.split('\n').filter((line) => line.length >= 4);
  return lines.length - new Set(lines).size;
}

describe('a lyric that recalls itself', () => {
  const checkpoint = { ...randomCheckpoint(), recall: evenly(0.8) };
  const request = (given: Partial<SampleRequest> = {}) =>
    sampleRequest({ length: 400, temperature: 1, ...given });

  it('repeats its lines, more so when asked to, and not at all at 0', async (t) => {
    const sampler = await createSampler(t, checkpoint);
    const plain = await createSampler(t, randomCheckpoint());
    const repeats = async (recall: number) => {
      const lyrics = [1, 2, 3, 4].map((seed) => sampler.sample(request({ seed, recall })));
      return (await Promise.all(lyrics)).reduce((sum, { text }) => sum + repeatedLines(text), 0);
    };
    const [none, usual, much] = [await repeats(0), await repeats(1), await repeats(10)];
    assert.ok(none < usual && usual < much, `${none}, ${usual}, ${much}`);
    const [silent, bare] = [await sampler.sample(request({ recall: 0 })), await plain.sample(request())];
    assert.equal(silent.text, bare.text);
  });

  it('repeats itself no more for being calm, and never when it always takes the likeliest', async (t) => {
    const sampler = await createSampler(t, checkpoint);
    const plain = await createSampler(t, randomCheckpoint());
    const repeats = async (given: Partial<SampleRequest>) => {
      const lyrics = [1, 2, 3, 4].map((seed) => sampler.sample(request({ seed, ...given })));
      return (await Promise.all(lyrics)).reduce((sum, { text }) => sum + repeatedLines(text), 0);
    };
    const [calm, usual] = [await repeats({ temperature: 0.5 }), await repeats({ temperature: 1 })];
    const undamped = await repeats({ temperature: 0.5, recall: 10 });
    assert.ok(calm <= usual && usual < undamped, `${calm}, ${usual}, ${undamped}`);
    const likeliest = { argmax: true, primeText: '' };
    const [recalling, alone] = [sampler, plain].map((of) => of.sample(request(likeliest)));
    assert.equal((await recalling!).text, (await alone!).text);
  });

  it('goes on exactly where it ended, and remembers what was said before', async (t) => {
    const sampler = await createSampler(t, checkpoint);
    const whole = await sampler.sample(request());
    const first = await sampler.sample(request({ length: 150 }));
    const from = JSON.parse(JSON.stringify(first.continuation));
    const continuation = { ...from, state: first.continuation.state };
    const rest = await sampler.sample(request({ primeText: '', length: 250, from: continuation }));
    assert.equal(first.text + rest.text, whole.text);
    const forgotten = { ...continuation, song: undefined };
    const other = await sampler.sample(request({ primeText: '', length: 250, from: forgotten }));
    assert.notEqual(other.text, rest.text);
  });
});
