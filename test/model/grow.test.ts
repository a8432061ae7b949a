import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { chooseEngine } from '../../src/engine/index.ts';
import { growVocabulary, kinFinder } from '../../src/model/grow.ts';
import { CELLS, initialWeights, type NetworkSpec } from '../../src/model/network.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { evaluateParts } from '../../src/training/evaluate.ts';

const SPEC = { cell: 'gru', numLayers: 2, rnnSize: 6, embeddingSize: 4, dropout: 0, tied: false } as const;

function network(tied: boolean, text = '나다바', scale = 1) {
  const vocabulary = Vocabulary.of(text);
  const embeddingSize = tied ? SPEC.rnnSize : SPEC.embeddingSize;
  const spec: NetworkSpec = { ...SPEC, embeddingSize, vocabularySize: vocabulary.size, tied };
  const weights = new Map([...initialWeights(spec, 3)].map(([name, w]) => [name, w.map((x) => scale * x)]));
  if (tied) weights.set('output.weight', weights.get('embedding.weight')!);
  return { spec, vocabulary, weights };
}

for (const tied of [false, true]) {
  test(`known rows stay to the bit, a new row is that of its kin (${tied ? 'tied' : 'untied'})`, () => {
    const before = network(tied);
    const { spec, vocabulary, weights, added } = growVocabulary(before, '가나나!');
    assert.equal(added, 2);
    assert.deepEqual(vocabulary.toJSON(), [...before.vocabulary.toJSON(), '!', '가']);
    assert.equal(spec.vocabularySize, 7);
    for (const [name, width, less] of [
      ['embedding.weight', spec.embeddingSize, 0],
      ['output.weight', 6, 0],
      ['output.bias', 1, Math.log(2 * 2000)],
    ] as const) {
      const [old, grown] = [before.weights.get(name)!, weights.get(name)!];
      assert.deepEqual(grown.slice(0, old.length), old);
      for (let i = 0; i < width; i++) {
        // 나, 다 and 바 all share the vowel and the missing coda with 가, and are all that there is for `!`.
        const mean = (old[2 * width + i]! + old[3 * width + i]! + old[4 * width + i]!) / 3;
        assert.ok(Math.abs(grown[5 * width + i]! - (mean - less)) < 1e-6);
        assert.ok(Math.abs(grown[6 * width + i]! - (mean - less)) < 1e-6);
      }
    }
    for (const [name, values] of before.weights) {
      if (name.startsWith('rnn.')) assert.deepEqual(weights.get(name), values);
    }
    if (tied) assert.equal(weights.get('output.weight'), weights.get('embedding.weight'));
  });
}

test('the kin of a syllable are those that share two of its parts, else those that share one', () => {
  const kinIn = (known: string, character: string) => {
    const vocabulary = Vocabulary.of(known);
    return kinFinder(vocabulary)(character).map(({ id, weight }) => [vocabulary.character(id), weight]);
  };
  // 곤: onset and coda of 간, onset and vowel of 공, vowel and coda of 손; of 강 the onset alone.
  assert.deepEqual(
    kinIn('강간공손a', '곤').map(([character]) => character),
    [...'간공손'],
  );
  assert.deepEqual(kinIn('강a나', '곤'), [['강', 1]]);
  assert.equal(kinIn('강a나', 'é').length, 3, 'all for what is no syllable');
  assert.equal(kinIn('강ab', '놔').length, 3, 'all where nobody shares anything');
});

test('a text without new characters changes nothing', () => {
  const before = network(false);
  const { vocabulary, weights, added } = growVocabulary(before, '바다나');
  assert.equal(added, 0);
  assert.deepEqual(vocabulary.toJSON(), before.vocabulary.toJSON());
  assert.deepEqual(weights, before.weights);
});

test('growth alone changes the loss of a text without new characters by less than 0.001 nats', async () => {
  const { engine } = await chooseEngine({ engine: 'wasm', threads: 1 });
  const known = '사랑은 비가 되어\n내 마음에 내린다';
  const options = { batchSize: 1, seqLength: 16 };
  const training = { data: 'none', epochs: 0, val_loss: null, seed: 0, parent: null };
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        cell: fc.constantFrom(...CELLS),
        tied: fc.boolean(),
        // Up to 6 times the weights of a fresh network: then its softmax is as sharp as a trained one's.
        scale: fc.double({ min: 0.5, max: 6, noNaN: true }),
        newText: fc.oneof(
          fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
          fc
            .array(fc.integer({ min: 0xac00, max: 0xd7a3 }), { minLength: 1, maxLength: 500 })
            .map((codes) => String.fromCharCode(...codes)),
        ),
        text: fc.array(fc.constantFrom(...known), { minLength: 2, maxLength: 60 }).map((all) => all.join('')),
      }),
      async ({ cell, tied, scale, newText, text }) => {
        const before = network(tied, known, scale);
        const spec = { ...before.spec, cell };
        const weights = new Map(
          [...initialWeights(spec, 5)].map(([name, w]) => [name, w.map((x) => scale * x)]),
        );
        if (tied) weights.set('output.weight', weights.get('embedding.weight')!);
        const parent = { spec, vocabulary: before.vocabulary, weights, training };
        const grown = { ...growVocabulary(parent, newText), training };
        const segments = [{ text, song: true }];
        const [a, b] = [
          await evaluateParts(engine, parent, segments, options),
          await evaluateParts(engine, grown, segments, options),
        ];
        const change = (b.nats - a.nats) / a.chars;
        assert.ok(change > -1e-5 && change < 0.001, `${change}`);
      },
    ),
    { numRuns: 40, seed: 5 },
  );
});
