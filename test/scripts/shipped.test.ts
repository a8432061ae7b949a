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

test('the shipped checkpoint has the loss that it claims, well below every n-gram, in 8 MB', async () => {
  const { training } = await loadCheckpoint(MODEL);
  const data = path.join(DATA_DIR, 'ballads');
  const evaluate = async (part: string) => {
    const args = ['--model', MODEL, '--data-dir', data, '--part', part, '--json'];
    const { stdout, stderr, code } = await runScript('evaluate', args, ROOT);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const { text } = await readCorpus({ file: corpusFile(data) });
  const grams = statisticalBaselines(partsOf(text, DEFAULTS));
  for (const part of ['val', 'test'] as const) {
    const figures = await evaluate(part);
    const [alone, mixed, recalling] = ['', 'ngram_', 'recall_'].map(
      (kind) => figures[`${kind}nats_per_char`],
    );
    // 16-bit weights were rounded after the loss was measured.
    if (part === 'val')
      assert.ok(Math.abs(alone - training.val_loss!) < 0.001, `${alone}, ${training.val_loss}`);
    const nats = (recalls: boolean) =>
      grams
        .filter(({ name }) => name.endsWith('with recall') === recalls)
        .map((row) => row[part]!.nats_per_char);
    const [best, bestRecalling] = [Math.min(...nats(false)), Math.min(...nats(true))];
    assert.ok(alone < best - 0.15, `${part}: ${alone} is not well below ${best}`);
    assert.ok(mixed < best - 0.19, `${part}: ${mixed} is not far below ${best}`);
    assert.ok(recalling < bestRecalling - 0.15, `${part}: ${recalling} is not far below ${bestRecalling}`);
  }
  assert.ok((await stat(MODEL)).size <= MOST_BYTES);
});
