import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { UserError } from '../../src/errors.ts';
import type { Checkpoint } from '../../src/model/checkpoint.ts';
import { initialWeights, type NetworkSpec } from '../../src/model/network.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import {
  describeCheckpoint,
  listCheckpoints,
  loadCheckpoint,
  saveCheckpoint,
} from '../../src/store/checkpoints.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'balladeer-checkpoints-'));
});
after(() => rm(folder, { recursive: true, force: true }));

function example(seed = 1): Checkpoint {
  const vocabulary = Vocabulary.of('사랑은 언제나\n');
  const spec: NetworkSpec = {
    cell: 'lstm',
    numLayers: 1,
    rnnSize: 4,
    embeddingSize: 4,
    vocabularySize: vocabulary.size,
    dropout: 0,
    tied: true,
  };
  const training = { data: 'ballads', epochs: 3, val_loss: 2.5, seed, parent: 'base' };
  return { spec, vocabulary, weights: initialWeights(spec, seed), training };
}

test('a checkpoint is saved with its folder, and loaded as it was', async () => {
  const file = path.join(folder, 'new', 'deep', 'song.safetensors');
  await saveCheckpoint(file, example());
  const loaded = await loadCheckpoint(file);
  assert.deepEqual(loaded.spec, example().spec);
  assert.deepEqual(loaded.training, example().training);
  assert.deepEqual([...loaded.weights], [...example().weights]);
});

test('weights that cannot be saved leave the earlier checkpoint whole', async () => {
  const file = path.join(folder, 'kept.safetensors');
  await saveCheckpoint(file, example(1));
  const earlier = await readFile(file);
  const exploded = example(2);
  exploded.weights.get('output.bias')![0] = Number.NaN;
  await assert.rejects(saveCheckpoint(file, exploded), UserError);
  assert.deepEqual(await readFile(file), earlier);
});

test('the list has every checkpoint by name, damaged ones with their fault', async () => {
  const models = path.join(folder, 'models');
  for (const name of ['b', 'a', 'cut', 'half', 'empty']) {
    await saveCheckpoint(
      path.join(models, `${name}.safetensors`),
      example(),
      name === 'half' ? 'float16' : 'float32',
    );
  }
  await truncate(path.join(models, 'cut.safetensors'), 700);
  await truncate(path.join(models, 'empty.safetensors'), 0);
  await mkdir(path.join(models, 'folder.safetensors'));
  await writeFile(path.join(models, 'notes.txt'), 'not a checkpoint');
  await writeFile(path.join(models, '.a.safetensors.1.0123456789ab.tmp'), 'left over');

  const list = await listCheckpoints(models);
  assert.deepEqual(
    list.map(({ name, fault }) => [name, fault?.code]),
    [
      ['a', undefined],
      ['b', undefined],
      ['cut', 'fileLength'],
      ['empty', 'notSafetensors'],
      ['folder', 'notAFile'],
      ['half', undefined],
    ],
  );
  assert.deepEqual(list[0].header?.training, example().training);
  assert.ok(list[2].fault?.message.includes('cut.safetensors'));
});

test('the list reads headers alone: damaged weights show when the checkpoint is loaded', async () => {
  const file = path.join(folder, 'worn.safetensors');
  await saveCheckpoint(file, example());
  const bytes = await readFile(file);
  bytes[bytes.length - 1] ^= 1;
  await writeFile(file, bytes);
  assert.equal((await describeCheckpoint(file)).fault, undefined);
  await assert.rejects(
    loadCheckpoint(file),
    (error) => error instanceof UserError && error.code === 'fileChecksum',
  );
});

test('a folder that does not exist has no checkpoints', async () => {
  assert.deepEqual(await listCheckpoints(path.join(folder, 'none')), []);
});
