/** What 8-bit weights cost on the shipped checkpoint. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { chooseEngine } from '../../src/engine/index.ts';
import type { Checkpoint } from '../../src/model/checkpoint.ts';
import { START } from '../../src/model/network.ts';
import { DATA_DIR, MODELS_DIR } from '../../src/paths.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { corpusFile, readCorpus } from '../../src/training/corpus.ts';

const MODEL = path.join(MODELS_DIR, 'ballad.safetensors');
const CHARACTERS = 3000;

/** Nats per character of a text by the sampling stepper. */
async function lossOf(
  { spec, vocabulary, weights }: Checkpoint,
  text: string,
  precision: 'float32' | 'int8',
) {
  const { engine } = await chooseEngine({ engine: 'wasm', threads: 1 });
  const stepper = await engine.createSampling(spec, weights, { slots: 1, precision });
  const ids = vocabulary.encode(text);
  const slot = Int32Array.of(0);
  let nats = 0;
  let previous = START;
  for (const id of ids) {
    const logits = stepper.step(slot, Int32Array.of(previous), 1);
    const most = logits.reduce((a, b) => Math.max(a, b));
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
    nats += Math.log(sum) + most - logits[id]!;
    previous = id;
  }
  await stepper.close();
  return nats / ids.length;
}

it('8-bit weights cost less than 0.01 nats per character', {
  skip: existsSync(MODEL) ? false : 'models/ballad.safetensors is not there',
}, async () => {
  const checkpoint = await loadCheckpoint(MODEL);
  const corpus = await readCorpus({ file: corpusFile(path.join(DATA_DIR, 'ballads')) });
  const text = corpus.text.slice(0, CHARACTERS);
  const exact = await lossOf(checkpoint, text, 'float32');
  const rounded = await lossOf(checkpoint, text, 'int8');
  assert.ok(exact < 4, `${exact}`);
  assert.ok(Math.abs(rounded - exact) < 0.01, `${exact} and ${rounded}`);
});
