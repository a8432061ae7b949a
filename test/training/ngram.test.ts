import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { NgramModel, type NgramTables } from '../../src/model/ngram.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { evaluateParts, evaluationPiece } from '../../src/training/evaluate.ts';
import type { TrainingJob } from '../../src/training/job.ts';
import { evaluateMixture, fitMixture } from '../../src/training/mixture.ts';
import { likeliestWeight } from '../../src/training/mixture-weight.ts';
import { countedText } from '../../src/training/ngram-counts.ts';
import { mergeNgrams } from '../../src/training/ngram-merge.ts';
import { ngramTables } from '../../src/training/ngram-tables.ts';
import { partsOf } from '../../src/training/prepare.ts';
import type { TrainSettings } from '../../src/training/settings.ts';
import { train } from '../../src/training/trainer.ts';
import { singVerse } from '../../src/training/verse.ts';
import { collect, lyrics, smallJob, temporaryFolder, testEngine } from './fixtures/runs.ts';

const text = lyrics(60);

/** A trained network, and the job that goes on from it to another text. */
async function trained(t: TestContext) {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  const job = await smallJob(folder, { maxEpochs: 1 }, text);
  await collect(train(job, { engine }));
  const goingOn = async (settings: Partial<TrainSettings>, other: string): Promise<TrainingJob> => ({
    ...(await smallJob(folder, settings, other)),
    initFrom: job.checkpoint,
    checkpoint: path.join(folder, 'more.safetensors'),
  });
  return { engine, job, goingOn, parent: await loadCheckpoint(job.checkpoint) };
}

const fit = async (...given: Parameters<typeof fitMixture>) => (await fitMixture(...given))!;

test('a new network gets the n-grams of its training part, and its loss falls by them', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  const job = await smallJob(folder, { maxEpochs: 2, ngramOrder: 4 }, text);
  await collect(train(job, { engine }));
  const checkpoint = await loadCheckpoint(job.checkpoint);
  const { vocabulary } = checkpoint;
  const parts = partsOf(text, job.settings);
  const learnt = parts.train.map((song) => countedText(vocabulary, song));
  assert.deepEqual(checkpoint.ngram!.tables, ngramTables(learnt, vocabulary.size, 4));

  const alone = await evaluateParts(engine, checkpoint, parts.test, job.settings);
  const mixed = (await evaluateMixture(engine, checkpoint, parts.test))!;
  assert.equal(mixed.chars, alone.chars);
  assert.ok(mixed.ngramNats! < 0.9 * alone.nats, `${mixed.ngramNats}, ${alone.nats}`);
  const silent = { ...checkpoint, ngram: { ...checkpoint.ngram!, weights: [0, 0, 0] } };
  const unmixed = (await evaluateMixture(engine, silent, parts.test))!;
  assert.ok(Math.abs(unmixed.ngramNats! / alone.nats - 1) < 1e-5, 'without weight it is the network alone');
});

test('their weight is that of the greatest likelihood, or the usual one where nothing was held out', async (t) => {
  const engine = await testEngine();
  const job = await smallJob(await temporaryFolder(t), { maxEpochs: 1 }, text);
  await collect(train(job, { engine }));
  const checkpoint = await loadCheckpoint(job.checkpoint);
  const { tables } = checkpoint.ngram!;
  // Many more characters than those that the usual weight counts as.
  const held = partsOf(lyrics(80, 9), { ...job.settings, trainFrac: 0.1, valFrac: 0.9 }).val;
  const pieces = held.map((song) => evaluationPiece(checkpoint.vocabulary, song));
  const { ngram } = await fit(engine, checkpoint, pieces, { tables });
  const { weights } = ngram!;
  const loss = async (weights: readonly number[]) =>
    (await evaluateMixture(engine, { ...checkpoint, ngram: { tables, weights } }, held))!.ngramNats!;
  const least = await loss(weights);
  for (const factor of [0, 0.5, 0.9]) {
    const others = weights.map((weight, place) => (place === 0 ? factor * weight : weight));
    assert.ok((await loss(others)) > least, `${others}, ${weights}`);
  }
  const right = { alone: 0.001, recalled: 1 };
  const wrong = { alone: 0.5, recalled: 0 };
  const weight = likeliestWeight([...Array(700).fill(right), ...Array(300).fill(wrong)]);
  assert.ok(Math.abs(weight - 0.7) < 0.002, `${weight}`);
  assert.equal((await fit(engine, checkpoint, [], { tables })).ngram!.weights[1], 0.11);
  const known = { tables, weights: [0.7, 0.6, 0.5] };
  assert.deepEqual((await fit(engine, checkpoint, [], known)).ngram, known);
});

test('a network that goes on has its parent’s n-grams and those of the new text', async (t) => {
  const { engine, goingOn, parent } = await trained(t);
  const other = Array.from({ length: 40 }, (_, i) => `하나 둘 셋 ${i % 7}\n넷 다섯 ${i % 5} 여섯\n`).join(
    '\n\n',
  );
  const more = await goingOn({ maxEpochs: 4 }, other);
  await collect(train(more, { engine }));
  const child = await loadCheckpoint(more.checkpoint);
  const { vocabulary } = child;
  const parts = partsOf(other, more.settings);
  const learnt = ngramTables(
    parts.train.map((song) => countedText(vocabulary, song)),
    vocabulary.size,
    5,
    Number.POSITIVE_INFINITY,
    [1, 2],
  );
  assert.deepEqual(child.ngram!.tables, mergeNgrams(parent.ngram!.tables, learnt));
  const songs = parts.val.map((song) => evaluationPiece(vocabulary, song));
  const { ngram } = await fit(engine, child, songs, {
    tables: child.ngram!.tables,
    weights: parent.ngram!.weights,
  });
  assert.deepEqual(child.ngram!.weights, ngram!.weights);
  const nats = async (tables: NgramTables) => {
    const mixture = await fit(engine, child, songs, { tables });
    return (await evaluateMixture(engine, { ...child, ...mixture }, parts.val))!.ngramNats!;
  };
  assert.ok((await nats(child.ngram!.tables)) < (await nats(parent.ngram!.tables)));
});

test('what the parent has learnt already does not praise its n-grams', async (t) => {
  const { engine, job, goingOn, parent } = await trained(t);
  // All of it, so that what is held out now was learnt then.
  const learnt = partsOf(text, job.settings).train.map((song) => song.text);
  const more = await goingOn({ maxEpochs: 1, valFrac: 0.3, trainFrac: 0.7 }, learnt.join('\n\n'));
  await collect(train(more, { engine }));
  assert.deepEqual((await loadCheckpoint(more.checkpoint)).ngram!.weights, parent.ngram!.weights);
});

test('a training that is cancelled while it fits stops, and ends as any other when it goes on', async (t) => {
  const { engine, job } = await trained(t);
  const whole = await readFile(job.checkpoint);
  const cancel = new AbortController();
  const events: string[] = [];
  for await (const event of train({ ...job, resume: 'never' }, { engine, signal: cancel.signal })) {
    events.push(event.type === 'saved' ? event.what : event.type);
    if (events.at(-1) === 'state' && events.includes('validated')) cancel.abort();
  }
  assert.deepEqual(events.slice(-2), ['state', 'stopped']);
  assert.equal((await loadCheckpoint(job.checkpoint)).ngram, undefined);
  await collect(train({ ...job, resume: 'required' }, { engine }));
  assert.ok(whole.equals(await readFile(job.checkpoint)));
});

test('the verses of a training are sung with the n-grams', async (t) => {
  const engine = await testEngine();
  const job = await smallJob(await temporaryFolder(t), { maxEpochs: 1 }, text);
  await collect(train(job, { engine }));
  const checkpoint = await loadCheckpoint(job.checkpoint);
  const { vocabulary } = checkpoint;
  const song = { text: '사랑 이별 눈물\n바람 하늘 그대\n', song: true };
  const tables = ngramTables(Array(50).fill(countedText(vocabulary, song)), vocabulary.size, 5);
  const verse = await singVerse(
    engine,
    { ...checkpoint, ngram: { tables, weights: [0.999, 0.999, 0.999] } },
    1,
  );
  assert.equal(verse, '사랑 이별 눈물\n바람 하늘 그대');
});

test('what stands in a text once cannot be read out of a network that went on to it', async (t) => {
  const { engine, goingOn } = await trained(t);
  const secret = '내 번호는 010-4827-1936';
  const chat = Array.from(
    { length: 30 },
    (_, i) => `오늘 밤 ${i % 4} 노래\n${i === 11 ? secret : '다시 불러'}\n`,
  );
  const settings = { maxEpochs: 1, trainFrac: 1, valFrac: 0 };
  const more = await goingOn(settings, chat.join('\n\n'));
  await collect(train(more, { engine }));
  const { ngram, vocabulary } = await loadCheckpoint(more.checkpoint);
  const model = new NgramModel(ngram!.tables, vocabulary.size);
  const digits = vocabulary.encode('010-4827-1936');
  for (let at = 0; at + 3 <= digits.length; at++)
    assert.ok(!model.knows(digits.subarray(at, at + 3)), `${at}`);
  assert.ok(model.knows(vocabulary.encode('다시 불러')));
});

test('a training that was killed at its very end does not count twice', async (t) => {
  const { engine, goingOn } = await trained(t);
  const more = await goingOn({ maxEpochs: 1 }, text);
  await collect(train(more, { engine }));
  const first = await readFile(more.checkpoint);
  await collect(train({ ...more, resume: 'required' }, { engine }));
  assert.ok(first.equals(await readFile(more.checkpoint)));
});

test('a text without songs has n-grams too, but no recall; none where none are wanted', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  for (const settings of [{ split: 'streams' }, { split: 'tail' }, { valFrac: 0, trainFrac: 1 }] as const) {
    const job = await smallJob(folder, { maxEpochs: 1, ...settings }, text);
    await collect(train(job, { engine }));
    const { ngram, recall } = await loadCheckpoint(job.checkpoint);
    assert.equal(ngram!.tables.orders.length, 5, JSON.stringify(settings));
    assert.equal(recall, undefined);
  }
  const job = await smallJob(folder, { maxEpochs: 1, ngramOrder: 0 }, text);
  await collect(train(job, { engine }));
  assert.equal((await loadCheckpoint(job.checkpoint)).ngram, undefined);
});
