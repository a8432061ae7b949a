import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { START } from '../../src/model/network.ts';
import { type Ngram, NgramModel } from '../../src/model/ngram.ts';
import { SongMemory } from '../../src/model/recall.ts';
import { NgramMixer } from '../../src/sampling/ngram-mixer.ts';
import { countedText } from '../../src/training/ngram-counts.ts';
import { ngramTables } from '../../src/training/ngram-tables.ts';
import { constantCheckpoint, createSampler, randomCheckpoint, sampleRequest } from './fixtures.ts';

const checkpoint = randomCheckpoint();
const { vocabulary } = checkpoint;
const SONG = '사랑은 비가 되어\n내 마음에 내린다\n\n그대 없는 밤';
const tables = ngramTables(
  [SONG, SONG, SONG].map((text) => countedText(vocabulary, { text, song: true })),
  vocabulary.size,
  5,
);
const ngramOf = (weight: number): Ngram => ({ tables, weights: [weight, weight, weight] });

const softmax = (logits: ArrayLike<number>): number[] => {
  const most = Math.max(...Array.from(logits));
  const powers = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
};

describe('the mixture with n-grams', () => {
  it('has the probabilities of the formula, wherever the logits stand', () => {
    const memory = new SongMemory(vocabulary.lineEnd);
    const size = vocabulary.size;
    for (const text of ['', '사랑은 ', '그대 없', '밤은']) {
      memory.clear();
      for (const id of vocabulary.encode(text)) memory.push(id);
      const own = Array.from({ length: size }, (_, id) => ((id * 7) % 11) - (id === 3 ? 60 : 0));
      const said = new Float64Array(size);
      new NgramModel(tables, size).distribution(memory, said);
      for (const weight of [0.3, 0.9999, 0]) {
        const logits = Float32Array.from([9, ...own, 9]);
        new NgramMixer(ngramOf(weight), size).mix(logits, 1, memory);
        const expected = softmax(own).map((p, id) => (1 - weight) * p + weight * said[id]!);
        for (const [id, p] of softmax(logits.subarray(1, size + 1)).entries()) {
          assert.ok(Math.abs(p - expected[id]!) < 1e-6, `${text}, ${weight}, ${id}: ${p}, ${expected[id]}`);
        }
        assert.ok(logits.every(Number.isFinite));
        assert.deepEqual([logits[0], logits.at(-1)], [9, 9]);
      }
    }
  });
});

describe('the weight of n-grams', () => {
  it('is that of the place: within a line, first in one, first in a verse', () => {
    const { size } = vocabulary;
    const memory = new SongMemory(vocabulary.lineEnd);
    for (const [place, text] of ['밤', '밤\n', '밤\n\n'].entries()) {
      memory.clear();
      for (const id of vocabulary.encode(text)) memory.push(id);
      const weights = [0, 0, 0].map((_, at) => (at === place ? 0.5 : 0));
      const [only, all] = [weights, [0.5, 0.5, 0.5]].map((weights) => {
        const logits = new Float32Array(size);
        new NgramMixer({ tables, weights }, size).mix(logits, 0, memory);
        return logits;
      });
      assert.deepEqual(only, all);
    }
  });
});

describe('a lyric of a network with n-grams', () => {
  it('sings what was counted where the network knows nothing', async (t) => {
    const blank = { ...constantCheckpoint({ [START]: -9 }), ngram: ngramOf(0.999) };
    const sampler = await createSampler(t, blank);
    const { text } = await sampler.sample(
      sampleRequest({ primeText: '사랑은 ', length: 24, temperature: 0.3 }),
    );
    assert.equal(text, '비가 되어\n내 마음에 내린다\n\n그대 없는 밤');
  });

  it('depends on nobody beside it, and goes on exactly where it ended', async (t) => {
    const mixed = { ...checkpoint, ngram: ngramOf(0.5) };
    const sampler = await createSampler(t, mixed);
    const request = { seed: 5, length: 120, temperature: 1 };
    const [whole] = await Promise.all([
      sampler.sample(sampleRequest(request)),
      sampler.sample(sampleRequest({ seed: 6 })),
      sampler.sample(sampleRequest({ seed: 7, primeText: '밤' })),
    ]);
    const alone = await (await createSampler(t, mixed)).sample(sampleRequest(request));
    assert.equal(alone.text, whole.text);
    const first = await sampler.sample(sampleRequest({ ...request, length: 50 }));
    const rest = await sampler.sample(
      sampleRequest({ ...request, primeText: '', length: 70, from: first.continuation }),
    );
    assert.equal(first.text + rest.text, whole.text);
    const plain = await (await createSampler(t, checkpoint)).sample(sampleRequest(request));
    assert.notEqual(plain.text, whole.text);
  });
});
