import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/model/checkpoint.ts';
import { initialWeights, type NetworkSpec } from '../../src/model/network.ts';
import { LENGTHS, type Recall } from '../../src/model/recall.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { Random } from '../../src/random.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { evaluateParts, evaluationPiece } from '../../src/training/evaluate.ts';
import { evaluateMixture, fitMixture } from '../../src/training/mixture.ts';
import { partsOf } from '../../src/training/prepare.ts';
import { likeliestRecall } from '../../src/training/recall-weights.ts';
import type { Segment } from '../../src/training/split.ts';
import { train } from '../../src/training/trainer.ts';
import { collect, smallJob, temporaryFolder, testEngine } from './fixtures/runs.ts';

const SYLLABLES = [...'가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허'];

/** Songs of random lines, whose chorus returns after each verse, `returns` times in all. */
function songs(count: number, seed: number, returns = 3): string[] {
  const random = new Random(seed);
  const line = () => Array.from({ length: 8 }, () => SYLLABLES[random.below(SYLLABLES.length)]).join('');
  const verse = () => `${line()}\n${line()}`;
  return Array.from({ length: count }, () => {
    const chorus = verse();
    return Array.from({ length: returns }, () => `${verse()}\n\n${chorus}`).join('\n\n');
  });
}

const asSegments = (texts: readonly string[]): Segment[] => texts.map((text) => ({ text, song: true }));

/** A network that has learnt nothing: nearly the uniform guess. */
function untrained(): Checkpoint {
  const vocabulary = Vocabulary.of(`${SYLLABLES.join('')}\n`);
  const spec: NetworkSpec = {
    cell: 'gru',
    numLayers: 1,
    rnnSize: 8,
    embeddingSize: 8,
    vocabularySize: vocabulary.size,
    dropout: 0,
    tied: false,
  };
  const training = { data: 'test', epochs: 0, val_loss: null, seed: 1, parent: null };
  return { spec, vocabulary, weights: initialWeights(spec, 1), training };
}

const piecesOf = ({ vocabulary }: Checkpoint, segments: readonly Segment[]) =>
  segments.map((segment) => evaluationPiece(vocabulary, segment));

async function fitted(checkpoint: Checkpoint, texts: readonly string[]): Promise<Recall> {
  const songs = piecesOf(checkpoint, asSegments(texts));
  return (await fitMixture(await testEngine(), checkpoint, songs))!.recall!;
}

test('choruses that return are recalled, and the loss falls by what they were', async () => {
  const engine = await testEngine();
  const checkpoint = untrained();
  const recall = await fitted(checkpoint, songs(20, 1));
  const [inLine] = recall.weights;
  assert.ok(inLine![0]![7]! > 0.9, 'a line that began as another goes on as it');
  const held = asSegments(songs(20, 2));
  const alone = await evaluateParts(engine, checkpoint, held, { batchSize: 4, seqLength: 16 });
  const without = (await evaluateMixture(engine, { ...checkpoint, recall: silent(recall) }, held))!;
  assert.equal(without.chars, alone.chars);
  assert.ok(Math.abs(without.recallNats! / alone.nats - 1) < 1e-5, 'without weights it is the network alone');
  const mixed = (await evaluateMixture(engine, { ...checkpoint, recall }, held))!;
  // Two of the six verses are choruses that were sung before; all but their first characters are given away.
  assert.ok(mixed.recallNats! < 0.75 * alone.nats, `${mixed.recallNats}, ${alone.nats}`);
  assert.equal(await evaluateMixture(engine, checkpoint, held), undefined);
});

test('songs that never repeat a line are not made to', async () => {
  const recall = await fitted(untrained(), songs(20, 3, 1));
  for (const weights of recall.weights.flat()) {
    for (const weight of weights.slice(3)) assert.equal(weight, 0);
  }
});

test('the weights are those of the greatest likelihood', async () => {
  const engine = await testEngine();
  const checkpoint = untrained();
  const segments = asSegments(songs(12, 5));
  const recall = (await fitMixture(engine, checkpoint, piecesOf(checkpoint, segments)))!.recall!;
  const loss = async (weights: Recall['weights']) =>
    (await evaluateMixture(engine, { ...checkpoint, recall: { weights } }, segments))!.recallNats!;
  const least = await loss(recall.weights);
  for (const factor of [0.8, 1.2]) {
    for (const [place, times, length] of [
      [0, 0, 0],
      [0, 0, 1],
      [1, 0, 8],
    ] as const) {
      const changed = recall.weights.map((a, p) =>
        a.map((b, t) =>
          b.map((w, l) => (p === place && t === times && l === length ? Math.min(0.9999, w * factor) : w)),
        ),
      );
      // One observation without any recall is thought of beside those that were made.
      assert.ok((await loss(changed)) > least - 0.3, `${place}, ${times}, ${length} x ${factor}`);
    }
  }
});

test('what always came true is still not certain, and can be kept in a checkpoint', () => {
  const always = { alone: 0.001, recalled: 1, place: 0, times: 1, longest: 40 };
  const recall = likeliestRecall(new Array(30_000).fill(always));
  assert.equal(recall.weights[0]![0]![LENGTHS - 1], 0.9999);
  assert.deepEqual(
    decodeCheckpoint(encodeCheckpoint({ ...untrained(), recall }, 'float32'), 'x').recall,
    recall,
  );
});

test('of a large text no more is read than is enough', async () => {
  const [checkpoint, many] = [untrained(), songs(500, 11)];
  const characters = many.map((text) => text.length + 1);
  let enough = 0;
  for (let read = 0; read < 50_000; enough++) read += characters[enough]!;
  assert.ok(enough < many.length);
  assert.deepEqual(await fitted(checkpoint, many), await fitted(checkpoint, many.slice(0, enough)));
});

test('nothing is fitted where there are no songs', async () => {
  assert.deepEqual(await fitMixture(await testEngine(), untrained(), []), {});
});

test('a new network gets its recall at the end of training, one that goes on has its parent’s', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  const text = `${songs(30, 7).join('\n\n\n')}\n`;
  const job = await smallJob(folder, { maxEpochs: 2 }, text);
  await collect(train(job, { engine }));
  const first = await loadCheckpoint(job.checkpoint);
  const parts = partsOf(text, job.settings);
  const tables = first.ngram?.tables;
  const { recall } = (await fitMixture(engine, first, piecesOf(first, parts.val), { tables }))!;
  assert.deepEqual(first.recall, recall);
  assert.ok(first.recall!.weights[0]![0]![9]! > 0.5);

  const more = { ...job, initFrom: job.checkpoint, checkpoint: path.join(folder, 'more.safetensors') };
  await collect(train(more, { engine }));
  assert.deepEqual((await loadCheckpoint(more.checkpoint)).recall, first.recall);

  const streams = await smallJob(folder, { maxEpochs: 1, split: 'streams' }, text);
  await collect(train(streams, { engine }));
  assert.equal((await loadCheckpoint(streams.checkpoint)).recall, undefined);
});

const silent = ({ weights }: Recall): Recall => ({
  weights: weights.map((a) => a.map((b) => b.map(() => 0))),
});
