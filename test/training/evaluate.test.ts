import assert from 'node:assert/strict';
import test from 'node:test';
import type { Checkpoint } from '../../src/model/checkpoint.ts';
import { initialWeights, type NetworkSpec, START } from '../../src/model/network.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { cutForRows, evaluateParts, evaluateSegments, evaluationPiece } from '../../src/training/evaluate.ts';
import type { Segment } from '../../src/training/split.ts';
import { createReferenceEngine } from '../reference/engine.ts';
import { lyrics, testEngine } from './fixtures/runs.ts';

const segments: Segment[] = [
  ...lyrics(5)
    .split('\n\n')
    .map((text) => ({ text, song: true })),
  { text: '가나다', song: false },
  { text: '별', song: true },
  { text: '별', song: false },
];

function checkpoint(): Checkpoint {
  const vocabulary = Vocabulary.of(lyrics(5));
  const spec: NetworkSpec = {
    cell: 'lstm',
    numLayers: 2,
    rnnSize: 12,
    embeddingSize: 8,
    vocabularySize: vocabulary.size,
    dropout: 0.5,
    tied: false,
  };
  const training = { data: 'test', epochs: 0, val_loss: null, seed: 1, parent: null };
  return { spec, vocabulary, weights: initialWeights(spec, 1), training };
}

/** Character by character through the sampling side of another engine. */
async function oneByOne({ spec, vocabulary, weights }: Checkpoint): Promise<{ nats: number; chars: number }> {
  const stepper = await createReferenceEngine().createSampling(spec, weights, { slots: 1 });
  let [nats, chars] = [0, 0];
  for (const { text, song } of segments) {
    const ids = [...(song ? [START] : []), ...vocabulary.encode(text)];
    stepper.reset(0);
    for (let i = 0; i + 1 < ids.length; i++) {
      const logits = stepper.step(Int32Array.of(0), Int32Array.of(ids[i]!), 1);
      const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
      nats += Math.log(sum) - logits[ids[i + 1]!]!;
      chars++;
    }
  }
  return { nats, chars };
}

test('the loss is that of feeding character by character, whatever the batch', async () => {
  const engine = await testEngine();
  const network = checkpoint();
  const expected = await oneByOne(network);
  const songCharacters = segments.filter(({ song }) => song).reduce((sum, { text }) => sum + text.length, 0);
  assert.equal(expected.chars, songCharacters + 2);
  for (const [batchSize, seqLength] of [
    [1, 7],
    [3, 16],
    [8, 64],
    [50, 1],
  ] as const) {
    const { nats, chars, bytes } = await evaluateParts(engine, network, segments, { batchSize, seqLength });
    assert.equal(chars, expected.chars);
    assert.ok(
      Math.abs(nats / chars - expected.nats / chars) < 1e-6,
      `batch ${batchSize} x ${seqLength}: ${nats}`,
    );
    const all = Buffer.byteLength(segments.map(({ text }) => text).join(''));
    assert.equal(bytes, all - Buffer.byteLength('가별'));
  }
});

test('a piece that is cut for rows is measured once all over, each row warmed up by the characters before', () => {
  const tokens = Int32Array.from({ length: 2_346 }, (_, i) => i);
  for (const rows of [1, 2, 3, 7, 50, 2_345, 4_000]) {
    const pieces = cutForRows({ tokens, unmeasured: 0 }, rows);
    assert.ok(pieces.length <= rows);
    assert.deepEqual(
      pieces.flatMap((piece) => [...piece.tokens.subarray(piece.unmeasured + 1)]),
      [...tokens.subarray(1)],
    );
    for (const { tokens: own, unmeasured } of pieces) {
      assert.ok(own[0] === 0 || unmeasured === 500);
      for (let i = 1; i < own.length; i++) assert.equal(own[i], own[i - 1]! + 1);
    }
  }
  assert.deepEqual(cutForRows({ tokens: tokens.subarray(0, 1), unmeasured: 0 }, 3), []);
});

test('what is not measured counts for the state alone: rows that reach back to the beginning lose nothing', async () => {
  const engine = await testEngine();
  const { spec, weights, vocabulary } = checkpoint();
  const segment = { text: lyrics(9).slice(0, 480), song: false };
  const piece = evaluationPiece(vocabulary, segment);
  const stepper = await engine.createTraining(spec, weights, {
    batchSize: 4,
    seqLength: 7,
    optimizer: { name: 'adam', beta1: 0, beta2: 0, epsilon: 1e-8, weightDecay: 0 },
    clipping: { by: 'norm', limit: 0 },
    seed: 0,
  });
  const whole = await evaluateSegments(stepper, [piece]);
  const cut = await evaluateSegments(stepper, cutForRows(piece, 4));
  await stepper.close();
  assert.equal(segment.text.length, 480);
  assert.deepEqual([whole?.chars, cut?.chars], [479, 479]);
  assert.ok(Math.abs(whole!.nats - cut!.nats) < 1e-6 * whole!.nats, `${whole?.nats} ${cut?.nats}`);
});

test('a song may be as long as a text', () => {
  const { tokens } = evaluationPiece(Vocabulary.of('별'), { text: '별'.repeat(500_000), song: true });
  assert.deepEqual([tokens.length, tokens[0], tokens[1]], [500_001, START, START + 1]);
});
