import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { type Baseline, statisticalBaselines } from '../../scripts/corpus/baselines.ts';
import { partsOf } from '../../src/training/prepare.ts';
import { resolveSettings } from '../../src/training/settings.ts';
import { train } from '../../src/training/trainer.ts';
import { collect, lyrics, SMALL, smallJob, temporaryFolder, testEngine } from '../training/fixtures/runs.ts';
import { runScript } from './support.ts';

const named = (rows: readonly Baseline[], name: string): Baseline => {
  const row = rows.find((row) => row.name === name);
  assert.ok(row, name);
  return row;
};

test('a text that repeats itself is learnt by heart, by longer n-grams only', () => {
  const settings = resolveSettings({ split: 'streams', batchSize: 1, seqLength: 16 });
  // After `ab` comes c or e: the character before it tells which, so three characters do and two do not.
  const rows = statisticalBaselines(partsOf('abcdabef'.repeat(20_000), settings));
  const nats = (name: string) => named(rows, name).val!.nats_per_char;
  assert.ok(nats('Kneser-Ney 4-gram') < 0.001);
  assert.ok(Math.abs(nats('Kneser-Ney 3-gram') - Math.log(2) / 4) < 0.02);
  // a and b a quarter each, the others an eighth.
  assert.ok(Math.abs(nats('unigram') - 2.5 * Math.log(2)) < 0.02);
  assert.ok(Math.abs(nats('uniform over 7') - Math.log(7)) < 1e-12);
});

test('a character that training has not seen costs much, not everything', () => {
  const segment = (text: string) => ({ text, song: true });
  const parts = { train: [segment('가나다라 가나다')], val: [segment('가나뷁')], test: [] };
  for (const { val, test } of statisticalBaselines(parts)) {
    assert.ok(Number.isFinite(val!.nats_per_char));
    assert.equal(val!.chars, 3);
    assert.equal(test, null);
    assert.ok(Math.abs(val!.bits_per_byte * 9 - val!.bits_per_char * 3) < 1e-12);
  }
});

test('n-grams and checkpoints are measured on the same characters, as `evaluate` does', async (t) => {
  const folder = await temporaryFolder(t);
  const job = await smallJob(folder, { maxEpochs: 1 }, lyrics(60));
  await collect(train(job, { engine: await testEngine() }));
  const common = ['--model', job.checkpoint, '--data-dir', folder, '--threads', '1'];
  for (const split of [
    ['--split', 'blocks'],
    ['--split', 'streams', '--batch-size', '3', '--seq-length', '20'],
  ]) {
    const [{ stdout, stderr }, table, ...evaluated] = await Promise.all([
      runScript('baselines', [...common, ...split, '--json'], folder),
      runScript('baselines', [...common, ...split], folder),
      ...['val', 'test'].map((part) =>
        runScript('evaluate', [...common, ...split, '--part', part, '--json'], folder),
      ),
    ]);
    assert.equal(stderr, '');
    const { models } = JSON.parse(stdout) as { models: Baseline[] };
    const network = named(models, job.checkpoint);
    for (const [mixture, beside] of [
      ['ngram', 'n-grams'],
      ['recall', 'n-grams and recall'],
    ]) {
      const mixed = named(models, `${job.checkpoint} with ${beside}`);
      for (const [i, loss] of [mixed.val!, mixed.test!].entries()) {
        const figures = JSON.parse(evaluated[i].stdout);
        assert.ok(Math.abs(loss.nats_per_char - figures[`${mixture}_nats_per_char`]) < 1e-12);
        assert.ok(Math.abs(loss.bits_per_byte - figures[`${mixture}_bits_per_byte`]) < 1e-12);
      }
    }
    for (const [i, loss] of [network.val!, network.test!].entries()) {
      const figures = JSON.parse(evaluated[i].stdout);
      assert.equal(loss.nats_per_char, figures.nats_per_char);
      assert.equal(loss.chars, figures.chars);
      assert.ok(Math.abs(loss.bits_per_byte - figures.bits_per_byte) < 1e-12);
    }
    const trigram = named(models, 'Kneser-Ney 3-gram');
    const ratio = ({ val }: Baseline) => val!.bits_per_byte / val!.bits_per_char;
    assert.equal(trigram.val!.chars, network.val!.chars);
    assert.ok(Math.abs(ratio(trigram) - ratio(network)) < 1e-12, 'the same bytes');
    assert.ok(table.stdout.includes(trigram.test!.nats_per_char.toFixed(4)));
    assert.equal(table.stdout.trimEnd().split('\n').length, models.length + 1);
  }
});

test('n-grams have what a song recalls too: a line that comes again costs little', () => {
  const segment = (text: string) => ({ text, song: true });
  const held = [
    '가나다라마바사아\n자차카타\n가나다라마바사아\n',
    '하파타카차자아사\n가나\n하파타카차자아사\n',
  ];
  const parts = {
    train: [segment([...'가나다라마바사아자차카타파하\n'].reverse().join(''))],
    val: held.map(segment),
    test: [],
  };
  const rows = statisticalBaselines(parts);
  const [alone, recalling] = [named(rows, 'Kneser-Ney 8-gram'), named(rows, 'Kneser-Ney 8-gram with recall')];
  assert.equal(recalling.val!.chars, alone.val!.chars);
  assert.ok(recalling.val!.nats_per_char < 0.9 * alone.val!.nats_per_char);
  assert.equal(recalling.test, null);
});

test('what cannot be measured is said', async (t) => {
  const folder = await temporaryFolder(t);
  await smallJob(folder, SMALL);
  const missing = path.join(folder, 'absent.safetensors');
  for (const [args, message] of [
    [['--model', missing], /absent\.safetensors does not exist/],
    [['--split', 'halves'], /--split halves.*blocks, streams/],
  ] as const) {
    const { code, stdout, stderr } = await runScript('baselines', ['--data-dir', folder, ...args], folder);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, message);
  }
});
