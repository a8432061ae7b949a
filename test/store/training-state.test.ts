import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { UserError } from '../../src/errors.ts';
import { checkpointTensors } from '../../src/model/checkpoint.ts';
import { checkpointMetadata } from '../../src/model/checkpoint-metadata.ts';
import { initialWeights, type NetworkSpec } from '../../src/model/network.ts';
import { encodeSafetensors, type Tensor } from '../../src/model/safetensors.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { saveCheckpoint } from '../../src/store/checkpoints.ts';
import {
  loadTrainingState,
  saveTrainingState,
  type TrainingState,
  trainingStateFile,
} from '../../src/store/training-state.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'balladeer-state-'));
});
after(() => rm(folder, { recursive: true, force: true }));

function example(): TrainingState {
  const vocabulary = Vocabulary.of('그대\n');
  const spec: NetworkSpec = {
    cell: 'gru',
    numLayers: 2,
    rnnSize: 3,
    embeddingSize: 2,
    vocabularySize: vocabulary.size,
    dropout: 0.1,
    tied: false,
  };
  const weights = initialWeights(spec, 5);
  const training = { data: 'ballads', epochs: 1, val_loss: null, seed: 5, parent: null };
  const moments = new Map<string, Float32Array>();
  for (const [name, values] of weights) {
    moments.set(
      `m.${name}`,
      values.map((value) => value / 3),
    );
    moments.set(
      `v.${name}`,
      values.map((value) => value ** 2),
    );
  }
  return {
    checkpoint: { spec, vocabulary, weights, training },
    optimizer: { step: 77, moments },
    carried: Float32Array.of(0.1, -0.2, 0.3, 1e-30),
    record: { position: { step: 77, bestLoss: null }, random: [1, -2], text: '사랑' },
  };
}

/** Writes a state file whose tensors or metadata were changed; its path. */
async function changedFile(
  change: (tensors: Map<string, Tensor>, metadata: Record<string, string>) => void,
): Promise<string> {
  const { checkpoint } = example();
  const tensors = checkpointTensors(checkpoint);
  tensors.set('carried', { shape: [0], values: new Float32Array() });
  const metadata = { ...checkpointMetadata(checkpoint), state: '{"step":1,"record":{}}' };
  change(tensors, metadata);
  const file = path.join(folder, 'changed.safetensors.state');
  await writeFile(file, encodeSafetensors(tensors, metadata, 'float32'));
  return file;
}

test('a training state comes back to the bit', async () => {
  const file = trainingStateFile(path.join(folder, 'song.safetensors'));
  assert.equal(path.basename(file), 'song.safetensors.state');
  await saveTrainingState(file, example());
  const loaded = await loadTrainingState(file);
  assert.deepEqual(loaded.record, example().record);
  assert.deepEqual(loaded.optimizer, example().optimizer);
  assert.deepEqual(loaded.carried, example().carried);
  assert.deepEqual([...loaded.checkpoint.weights], [...example().checkpoint.weights]);
  assert.deepEqual(loaded.checkpoint.vocabulary.toJSON(), example().checkpoint.vocabulary.toJSON());
});

test('each fault of a state file is named', async () => {
  const spare = { shape: [1], values: Float32Array.of(1) };
  const faults: [string, Parameters<typeof changedFile>[0]][] = [
    ['tensorMissing', (tensors) => tensors.delete('carried')],
    ['tensorMissing', (tensors) => tensors.delete('output.bias')],
    ['tensorUnexpected', (tensors) => tensors.set('optimizer.m.spare', spare)],
    ['tensorUnexpected', (tensors) => tensors.set('spare', spare)],
    ['tensorShape', (tensors) => tensors.set('optimizer.v.output.bias', spare)],
    ['headerField', (_, metadata) => delete metadata.state],
    ['headerField', (_, metadata) => Object.assign(metadata, { state: '{"step":-1,"record":{}}' })],
    ['headerField', (_, metadata) => Object.assign(metadata, { state: '{"step":1,"record":[]}' })],
    ['checkpointFormat', (_, metadata) => Object.assign(metadata, { format: 'x' })],
  ];
  assert.deepEqual((await loadTrainingState(await changedFile(() => {}))).record, {});
  for (const [code, change] of faults) {
    const file = await changedFile(change);
    await assert.rejects(
      loadTrainingState(file),
      (error) => error instanceof UserError && error.code === code && error.message.includes(file),
      code,
    );
  }
});

test('a checkpoint is no training state, and a cut or missing one is refused', async () => {
  const file = path.join(folder, 'plain.safetensors');
  await saveCheckpoint(file, example().checkpoint);
  await assert.rejects(loadTrainingState(file), UserError);

  const state = path.join(folder, 'cut.state');
  await saveTrainingState(state, example());
  await writeFile(state, (await readFile(state)).subarray(0, -5));
  await assert.rejects(loadTrainingState(state), UserError);
  await assert.rejects(loadTrainingState(path.join(folder, 'none.state')), UserError);
});

test('moments of a tensor that the network lacks are a defect', async () => {
  const state = example();
  const moments = new Map(state.optimizer.moments).set('m.spare', Float32Array.of(1));
  const file = path.join(folder, 'defect.state');
  await assert.rejects(saveTrainingState(file, { ...state, optimizer: { step: 1, moments } }), RangeError);
});
