/** The shipped checkpoint keeps what it claims, on the corpus as it is. */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { statisticalBaselines } from '../../scripts/corpus/baselines.ts';
import { DATA_DIR, MODELS_DIR, ROOT } from '../../src/paths.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { corpusFile, readCorpus } from '../../src/training/corpus.ts';
import { partsOf } from '../../src/training/prepare.ts';
import { DEFAULTS } from '../../src/training/settings.ts';
import { runScript } from './support.ts';

const MODEL = path.join(MODELS_DIR, 'ballad.safetensors');
const MOST_BYTES = 8e6;

test('the shipped checkpoint has the loss that it claims, below every n-gram, in 8 MB', async () => {
  const { training } = await loadCheckpoint(MODEL);
  const data = path.join(DATA_DIR, 'ballads');
  const args = ['--model', MODEL, '--data-dir', data, '--part', 'val', '--json'];
  const { stdout, stderr, code } = await runScript('evaluate', args, ROOT);
  assert.equal(code, 0, stderr);
  const { nats_per_char: loss } = JSON.parse(stdout);
  // 16-bit weights were rounded after the loss was measured.
  assert.ok(Math.abs(loss - training.val_loss!) < 0.001, `${loss} is not ${training.val_loss}`);
  const { text } = await readCorpus({ file: corpusFile(data) });
  const grams = statisticalBaselines(partsOf(text, DEFAULTS)).map(({ val }) => val!.nats_per_char);
  assert.ok(loss < Math.min(...grams), `${loss} is not below ${Math.min(...grams)}`);
  assert.ok((await stat(MODEL)).size <= MOST_BYTES);
});
