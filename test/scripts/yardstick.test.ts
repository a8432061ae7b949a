import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Result } from '../../scripts/yardstick/measure.ts';
import { readYardstickOptions } from '../../scripts/yardstick/options.ts';
import { RECIPE } from '../../scripts/yardstick/protocols.ts';
import { DATA_DIR } from '../../src/paths.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { temporaryFolder } from '../training/fixtures/runs.ts';
import { runScript } from './support.ts';

const CHARACTERS = 20_000;
const SMALL =
  '--rnn-size 24 --embedding-size 8 --batch-size 4 --seq-length 32 --max-epochs 2 --threads 1'.split(' ');

/** A folder with the beginning of our own corpus in `text.txt`: a text that is always there. */
async function textFolder(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  const corpus = await readFile(path.join(DATA_DIR, 'ballads', 'input.txt'), 'utf8');
  await writeFile(path.join(folder, 'text.txt'), [...corpus].slice(0, CHARACTERS).join(''));
  return folder;
}

test('both protocols are trained and measured, and their curves kept', async (t) => {
  const folder = await textFolder(t);
  const args = ['--data', 'text.txt', '--checkpoint-dir', 'kept', '--json', ...SMALL];
  const { stdout, stderr, code } = await runScript('yardstick', args, folder);
  assert.equal(code, 0, stderr);
  const results: Result[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    results.map(({ protocol, settings, characters, public_text }) => [
      [protocol, settings.split, settings.trainFrac, settings.valFrac],
      [characters, public_text],
    ]),
    [
      [
        ['char-rnn', 'streams', 0.95, 0.05],
        [CHARACTERS, false],
      ],
      [
        ['nanogpt', 'tail', 0.9, 0.1],
        [CHARACTERS, false],
      ],
    ],
  );
  for (const result of results) {
    const { protocol, curve, minutes, settings } = result;
    assert.deepEqual([settings.rnnSize, settings.dropout], [24, RECIPE.dropout]);
    assert.deepEqual(
      curve.map(({ epoch }) => epoch),
      [1, 2],
    );
    assert.ok(0 < curve[0]!.minutes && curve[0]!.minutes < curve[1]!.minutes);
    assert.ok(curve[0]!.minutes < minutes && minutes < 10);
    const best = Math.min(...curve.map(({ val_nats }) => val_nats));
    assert.ok(Math.abs(result.val_nats - best) < 1e-3, `${result.val_nats} and ${best}`);
    assert.ok(result.kneser_ney_7_nats > 2 && result.kneser_ney_7_nats < 5);
    assert.deepEqual(
      JSON.parse(await readFile(path.join(folder, 'kept', `${protocol}.json`), 'utf8')),
      result,
    );
    const { training } = await loadCheckpoint(path.join(folder, 'kept', `${protocol}.safetensors`));
    assert.equal(training.val_loss, best);
  }
});

test('people get the curve and the figures side by side; progress goes to standard error', async (t) => {
  const folder = await textFolder(t);
  const args = ['--data', 'text.txt', '--protocol', 'nanogpt', ...SMALL, '--max-epochs', '1'];
  const { stdout, stderr, code } = await runScript('yardstick', args, folder);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /validation loss \d/);
  assert.match(stdout, /^nanoGPT's split/);
  assert.match(stdout, /\n +epoch +minutes +val nats\n +1\.00 +\d+\.\d +\d\.\d{4}\n/);
  assert.match(stdout, /\n +ours: LSTM 1 x 24, 0\.\d\d M, .* \d\.\d{4} +\d\.\d{4}\n/);
  assert.match(stdout, /\n +published: nanoGPT.* 1\.4697 +2\.1203\n/);
  assert.match(stdout, /\n +Kneser-Ney 7-gram +\d\.\d{4}/);
  assert.match(stdout, /this text is not tinyshakespeare/);
});

test('the recipe holds where nothing is said, and the split cannot be changed', () => {
  const { protocols, data } = readYardstickOptions(['--learning-rate', '0.003'], 'en');
  assert.equal(data, '../shared/data/tinyshakespeare.txt');
  for (const { settings } of protocols) {
    const { learningRate: _, ...rest } = RECIPE;
    assert.deepEqual({ ...settings, ...rest }, settings);
    assert.equal(settings.learningRate, 0.003);
  }
  assert.throws(() => readYardstickOptions(['--split', 'blocks'], 'en'), /no option --split/);
  assert.throws(() => readYardstickOptions(['--protocol', 'mine'], 'en'), /char-rnn, nanogpt, both/);
});

test('a text that is not there is said, with where it is to be had', async (t) => {
  const folder = await temporaryFolder(t);
  const { stderr, code } = await runScript('yardstick', [], folder);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^\.\.\/shared\/data\/tinyshakespeare\.txt does not exist; fetch it from https:.*input\.txt/,
  );
});
