import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import type { Baseline } from '../../scripts/corpus/baselines.ts';
import { trainInPytorch } from '../../scripts/corpus/pytorch.ts';
import { pythonWithPytorch } from '../../scripts/corpus/pytorch-process.ts';
import { charRnnSettings } from '../../scripts/corpus/trained.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { CHAR_RNN, DEFAULTS, resolveSettings, type TrainSettings } from '../../src/training/settings.ts';
import { train } from '../../src/training/trainer.ts';
import { collect, lyrics, ofType, smallJob, temporaryFolder, testEngine } from '../training/fixtures/runs.ts';
import { runScript } from './support.ts';

const python = pythonWithPytorch();
const skip = python ? false : 'no python3 with torch on this machine';

const SMALL: Partial<TrainSettings> = {
  rnnSize: 24,
  batchSize: 4,
  seqLength: 16,
  maxEpochs: 2,
  evalValEvery: 20,
  learningRateDecayAfter: 1,
};

/** Largest relative difference of two rows of numbers. */
const difference = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value / b[i]! - 1)));

for (const [name, given] of [
  ['streams', { split: 'streams' }],
  ['songs in an order of each epoch', { split: 'blocks', trainFrac: 0.9, valFrac: 0.05 }],
  [
    'a GRU, clipped hard, nothing held out',
    { split: 'tail', trainFrac: 1, valFrac: 0, model: 'gru', gradClip: 0.001 },
  ],
] as const) {
  test(`PyTorch learns what our trainer learns, step by step: ${name}`, { skip }, async (t) => {
    const folder = await temporaryFolder(t);
    const job = await smallJob(folder, resolveSettings({ ...SMALL, ...given }, CHAR_RNN));
    const engine = await testEngine();
    const ours = await collect(train(job, { engine }));
    const theirJob = {
      text: await readFile(job.data, 'utf8'),
      name: job.name,
      settings: job.settings,
      checkpoint: path.join(folder, 'theirs.safetensors'),
    };
    const theirs = await collect(trainInPytorch(theirJob, { python: python!, threads: 1, engine }));

    const [a, b] = [ofType(ours, 'step'), ofType(theirs, 'step')];
    assert.ok(a.length > 40);
    assert.deepEqual(
      b.map(({ step, steps, epoch, learningRate }) => [step, steps, epoch, learningRate]),
      a.map(({ step, steps, epoch, learningRate }) => [step, steps, epoch, learningRate]),
    );
    const loss = difference(
      a.map((step) => step.loss),
      b.map((step) => step.loss),
    );
    const norm = difference(
      a.map((step) => step.gradientNorm),
      b.map((step) => step.gradientNorm),
    );
    assert.ok(loss < 1e-3 && norm < 0.02, `losses differ by ${loss}, gradients by ${norm}`);

    const validated = (events: typeof ours) => ofType(events, 'validated');
    assert.deepEqual(
      validated(theirs).map(({ step, best }) => [step, best]),
      validated(ours).map(({ step, best }) => [step, best]),
    );
    const [kept, own] = [await loadCheckpoint(theirJob.checkpoint), await loadCheckpoint(job.checkpoint)];
    assert.equal(kept.training.epochs, own.training.epochs);
    assert.ok(Math.abs((kept.training.val_loss ?? 0) - (own.training.val_loss ?? 0)) < 2e-3);
  });
}

test('what PyTorch is not told to do is refused', async () => {
  const job = { text: lyrics(24), name: 'small', settings: DEFAULTS, checkpoint: 'none.safetensors' };
  const context = { python: 'none', threads: 1, engine: await testEngine() };
  await assert.rejects(collect(trainInPytorch(job, context)), RangeError);
});

test("char-rnn's settings keep to the split that was asked for", () => {
  const blocks = charRnnSettings(DEFAULTS, 7);
  assert.deepEqual(
    [blocks.split, blocks.trainFrac, blocks.batchSize, blocks.seqLength, blocks.maxEpochs],
    ['blocks', 0.9, 50, 50, 7],
  );
  const streams = charRnnSettings({ ...CHAR_RNN, batchSize: 8, seqLength: 20 }, 50);
  assert.deepEqual({ ...streams, batchSize: 50, seqLength: 50 }, CHAR_RNN);
});

test('`baselines --train` adds a row for each, measured as all others are', async (t) => {
  const folder = await temporaryFolder(t);
  await smallJob(folder, {}, lyrics(60));
  const asked = python ? 'char-rnn,pytorch' : 'char-rnn';
  const { stdout, stderr, code } = await runScript(
    'baselines',
    ['--data-dir', folder, '--train', asked, '--max-epochs', '2', '--threads', '1', '--json'],
    folder,
  );
  assert.equal(code, 0, stderr);
  const { models } = JSON.parse(stdout) as { models: Baseline[] };
  const rows = models.filter(({ name }) => name.startsWith("char-rnn's 2 x 128, 2 epochs"));
  assert.deepEqual(
    rows.map(({ name }) => name.split(', ').at(-1)),
    python ? ['our trainer', 'PyTorch'] : ['our trainer'],
  );
  const unigram = models.find(({ name }) => name === 'unigram')!;
  for (const { val, test } of rows) {
    assert.deepEqual([val!.chars, test!.chars], [unigram.val!.chars, unigram.test!.chars]);
    assert.ok(val!.nats_per_char < models[0]!.val!.nats_per_char);
  }
  if (python) assert.ok(Math.abs(rows[0]!.val!.nats_per_char - rows[1]!.val!.nats_per_char) < 5e-3);
  assert.match(stderr, /^char-rnn: epoch 2\.00 \| validation loss \d/m);
});

test('`baselines --train` of what there is not is refused', async (t) => {
  const folder = await temporaryFolder(t);
  await smallJob(folder);
  const args = ['--data-dir', folder, '--train', 'char-rnn,jax'];
  const { stderr, code } = await runScript('baselines', args, folder);
  assert.equal(code, 1);
  assert.match(stderr, /--train char-rnn,jax.*char-rnn, pytorch/);
});
