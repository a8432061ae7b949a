import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { train } from '../../src/training/trainer.ts';
import { collect, lyrics, smallJob, temporaryFolder, testEngine } from '../training/fixtures/runs.ts';
import { runScript } from './support.ts';

test('the figures of a part are those that training saw, and consistent with one another', async (t) => {
  const folder = await temporaryFolder(t);
  const job = await smallJob(folder);
  await collect(train(job, { engine: await testEngine() }));
  const { training } = await loadCheckpoint(job.checkpoint);
  const common = ['--model', job.checkpoint, '--data-dir', folder, '--threads', '1'];
  const parts = await Promise.all(
    [
      ['val'],
      ['train'],
      ['test'],
      ['all'],
      ['all', '--batch-size', '3', '--seq-length', '50'],
      ['all', '--split', 'streams'],
      ['all', '--split', 'tail'],
    ].map(async ([part, ...rest]) => {
      const { stdout, stderr, code } = await runScript(
        'evaluate',
        [...common, '--part', part!, '--json', ...rest],
        folder,
      );
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout);
    }),
  );
  const [val, trained, tested, all, again, whole, tail] = parts;
  const units = ['nats_per_char', 'bits_per_char', 'bits_per_byte'];
  const mixtures = ['ngram', 'recall'].flatMap((mixture) => units.map((unit) => `${mixture}_${unit}`));
  assert.deepEqual(Object.keys(val), [...units, 'chars', ...mixtures]);
  assert.ok(Math.abs(val.nats_per_char - training.val_loss!) < 1e-5);
  for (const figures of parts)
    for (const kind of ['', 'ngram_', 'recall_']) {
      const [nats, bits] = [figures[`${kind}nats_per_char`], figures[`${kind}bits_per_char`]];
      assert.ok(nats > 0 && Math.abs(bits * Math.LN2 - nats) < 1e-9);
    }
  assert.equal(all.chars, val.chars + trained.chars + tested.chars);
  const mean = [val, trained, tested].reduce(
    (sum, { nats_per_char, chars }) => sum + nats_per_char * chars,
    0,
  );
  assert.ok(Math.abs(mean / all.chars - all.nats_per_char) < 1e-5);
  assert.ok(Math.abs(again.nats_per_char - all.nats_per_char) < 1e-6, 'whatever the batch');

  const text = lyrics(24);
  assert.equal(whole.chars, [...text].length - 1);
  assert.deepEqual(tail, whole);
  const bytes = Buffer.byteLength(text) - Buffer.byteLength([...text][0]!);
  assert.ok(Math.abs(whole.bits_per_byte - (whole.bits_per_char * whole.chars) / bytes) < 1e-9);
});

test('what cannot be measured is said with exit code 1', async (t) => {
  const folder = await temporaryFolder(t);
  const job = await smallJob(folder, { maxEpochs: 1 });
  await collect(train(job, { engine: await testEngine() }));
  await writeFile(path.join(folder, 'damaged.safetensors'), 'no');
  const common = ['--data-dir', folder, '--threads', '1'];
  const bad: [string[], RegExp][] = [
    [['--model', job.checkpoint, '--part', 'some'], /--part some.*train, val, test, all/],
    [
      [
        '--model',
        job.checkpoint,
        '--split',
        'streams',
        '--part',
        'test',
        '--train-frac',
        '0.9',
        '--val-frac',
        '0.1',
      ],
      /test part holds no characters/,
    ],
    [['--model', 'damaged.safetensors'], /damaged\.safetensors.*not a safetensors file/],
    [['--model', 'missing.safetensors'], /missing\.safetensors does not exist/],
  ];
  for (const [args, message] of bad) {
    const { code, stdout, stderr } = await runScript('evaluate', [...common, ...args], folder);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, message);
  }
});
