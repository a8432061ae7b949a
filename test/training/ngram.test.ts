import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import type { Checkpoint } from '../../src/model/checkpoint.ts';
import type { NgramTables } from '../../src/model/ngram.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { evaluateParts, evaluationPiece } from '../../src/training/evaluate.ts';
import { evaluateMixture, fitMixture } from '../../src/training/mixture.ts';
import { countedText } from '../../src/training/ngram-counts.ts';
import { mergeNgrams } from '../../src/training/ngram-merge.ts';
import { ngramTables } from '../../src/training/ngram-tables.ts';
import { partsOf } from '../../src/training/prepare.ts';
import { train } from '../../src/training/trainer.ts';
import { collect, lyrics, smallJob, temporaryFolder, testEngine } from './fixtures/runs.ts';

const text = lyrics(60);

test('a new network gets the n-grams of its training part, and its loss falls by them', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  const job = await smallJob(folder, { maxEpochs: 2, ngramOrder: 4 }, text);
  await collect(train(job, { engine }));
  const checkpoint = await loadCheckpoint(job.checkpoint);
  const { vocabulary } = checkpoint;
  const parts = partsOf(text, job.settings);
  const learnt = parts.train.map((song) => countedText(vocabulary, song.text));
  assert.deepEqual(checkpoint.ngram!.tables, ngramTables(learnt, vocabulary.size, 4));

  const alone = await evaluateParts(engine, checkpoint, parts.test, job.settings);
  const mixed = (await evaluateMixture(engine, checkpoint, parts.test))!;
  assert.equal(mixed.chars, alone.chars);
  assert.ok(mixed.ngramNats! < 0.85 * alone.nats, `${mixed.ngramNats}, ${alone.nats}`);
  const silent = { ...checkpoint, ngram: { ...checkpoint.ngram!, weight: 0 } };
  const unmixed = (await evaluateMixture(engine, silent, parts.test))!;
  assert.ok(Math.abs(unmixed.ngramNats! / alone.nats - 1) < 1e-5, 'without weight it is the network alone');
});

test('their weight is that of the greatest likelihood on songs that were held out', async (t) => {
  const engine = await testEngine();
  const job = await smallJob(await temporaryFolder(t), { maxEpochs: 1 }, text);
  await collect(train(job, { engine }));
  const checkpoint = await loadCheckpoint(job.checkpoint);
  const { val } = partsOf(text, job.settings);
  const loss = async (weight: number) => {
    const changed: Checkpoint = { ...checkpoint, ngram: { ...checkpoint.ngram!, weight } };
    return (await evaluateMixture(engine, changed, val))!.ngramNats!;
  };
  const { weight } = checkpoint.ngram!;
  assert.ok(weight > 0.05 && weight < 0.999, `${weight}`);
  const least = await loss(weight);
  // One character that the n-grams gave no chance is thought of beside those that were read.
  for (const other of [0.9 * weight, weight + 0.1 * (1 - weight)]) {
    assert.ok((await loss(other)) > least - 0.3, `${other}`);
  }
});

test('a network that goes on has its parent’s n-grams and those of the new text', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  const job = await smallJob(folder, { maxEpochs: 1 }, text);
  await collect(train(job, { engine }));
  const parent = await loadCheckpoint(job.checkpoint);
  const other = Array.from({ length: 40 }, (_, i) => `하나 둘 셋 ${i % 7}\n넷 다섯 ${i % 5} 여섯\n`).join(
    '\n\n',
  );
  const more = {
    ...(await smallJob(folder, { maxEpochs: 4 }, other)),
    initFrom: job.checkpoint,
    checkpoint: path.join(folder, 'more.safetensors'),
  };
  await collect(train(more, { engine }));
  const child = await loadCheckpoint(more.checkpoint);
  const { vocabulary } = child;
  const parts = partsOf(other, more.settings);
  const learnt = ngramTables(
    parts.train.map((song) => countedText(vocabulary, song.text)),
    vocabulary.size,
    5,
  );
  assert.deepEqual(child.ngram!.tables, mergeNgrams(parent.ngram!.tables, learnt));
  const songs = parts.val.map((song) => evaluationPiece(vocabulary, song));
  const { ngram } = await fitMixture(engine, child, songs, child.ngram!.tables);
  assert.equal(child.ngram!.weight, ngram!.weight);
  const nats = async (tables: NgramTables) => {
    const mixture = await fitMixture(engine, child, songs, tables);
    return (await evaluateMixture(engine, { ...child, ...mixture }, parts.val))!.ngramNats!;
  };
  assert.ok((await nats(child.ngram!.tables)) < (await nats(parent.ngram!.tables)));
});

test('a training that was killed at its very end does not count twice', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  const job = await smallJob(folder, { maxEpochs: 1 }, text);
  await collect(train(job, { engine }));
  const more = { ...job, initFrom: job.checkpoint, checkpoint: path.join(folder, 'more.safetensors') };
  await collect(train(more, { engine }));
  const first = await readFile(more.checkpoint);
  await collect(train({ ...more, resume: 'required' }, { engine }));
  assert.ok(first.equals(await readFile(more.checkpoint)));
});

test('no n-grams where none are wanted, and none of a text without songs', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  for (const settings of [{ ngramOrder: 0 }, { split: 'streams' }, { split: 'tail' }] as const) {
    const job = await smallJob(folder, { maxEpochs: 1, ...settings }, text);
    await collect(train(job, { engine }));
    assert.equal((await loadCheckpoint(job.checkpoint)).ngram, undefined, JSON.stringify(settings));
  }
});
