import assert from 'node:assert/strict';
import test from 'node:test';
import { growVocabulary } from '../../src/model/grow.ts';
import { initialWeights, type NetworkSpec } from '../../src/model/network.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';

function network(tied: boolean) {
  const vocabulary = Vocabulary.of('나다바');
  const spec: NetworkSpec = {
    cell: 'gru',
    numLayers: 2,
    rnnSize: 6,
    embeddingSize: tied ? 6 : 4,
    vocabularySize: vocabulary.size,
    dropout: 0,
    tied,
  };
  return { spec, vocabulary, weights: initialWeights(spec, 3) };
}

for (const tied of [false, true]) {
  test(`known rows stay to the bit, new rows are the mean of the known ones (${tied ? 'tied' : 'untied'})`, () => {
    const before = network(tied);
    const { spec, vocabulary, weights, added } = growVocabulary(before, '가나나하');
    assert.equal(added, 2);
    assert.deepEqual(vocabulary.toJSON(), [...before.vocabulary.toJSON(), '가', '하']);
    assert.equal(spec.vocabularySize, 7);
    for (const [name, width] of [
      ['embedding.weight', spec.embeddingSize],
      ['output.weight', 6],
    ] as const) {
      const [old, grown] = [before.weights.get(name)!, weights.get(name)!];
      assert.deepEqual(grown.slice(0, old.length), old);
      for (let i = 0; i < width; i++) {
        const mean = (old[2 * width + i]! + old[3 * width + i]! + old[4 * width + i]!) / 3;
        assert.ok(Math.abs(grown[5 * width + i]! - mean) < 1e-7);
        assert.equal(grown[6 * width + i], grown[5 * width + i]);
      }
    }
    const [oldBias, bias] = [before.weights.get('output.bias')!, weights.get('output.bias')!];
    const least = Math.min(...oldBias.slice(2));
    assert.deepEqual([...bias], [...oldBias, least, least]);
    for (const [name, values] of before.weights) {
      if (name.startsWith('rnn.')) assert.deepEqual(weights.get(name), values);
    }
    if (tied) assert.equal(weights.get('output.weight'), weights.get('embedding.weight'));
  });
}

test('a text without new characters changes nothing', () => {
  const before = network(false);
  const { vocabulary, weights, added } = growVocabulary(before, '바다나');
  assert.equal(added, 0);
  assert.deepEqual(vocabulary.toJSON(), before.vocabulary.toJSON());
  assert.deepEqual(weights, before.weights);
});
