/** Small checkpoints with random weights: real files of networks that have learnt nothing. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { initialWeights, type NetworkSpec } from '../../src/model/network.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { saveCheckpoint } from '../../src/store/checkpoints.ts';

/** No line end: two blank lines would end a song. */
const CHARACTERS = '사랑은 그대를 기다리는 밤, 바람이 분다';

export interface SmallCheckpoint {
  readonly characters?: string;
  readonly seed?: number;
  readonly rnnSize?: number;
}

/** Writes `<folder>/<name>.safetensors` and returns its path. */
export async function writeCheckpoint(
  folder: string,
  name: string,
  { characters = CHARACTERS, seed = 1, rnnSize = 16 }: SmallCheckpoint = {},
): Promise<string> {
  const vocabulary = Vocabulary.of(characters);
  const spec: NetworkSpec = {
    cell: 'lstm',
    numLayers: 1,
    rnnSize,
    embeddingSize: 8,
    vocabularySize: vocabulary.size,
    dropout: 0,
    tied: false,
  };
  const weights = initialWeights(spec, seed);
  // An untrained network would end a song at any character.
  weights.get('output.bias')![1] = -20;
  const file = path.join(folder, `${name}.safetensors`);
  const training = { data: 'nothing', epochs: 0, val_loss: null, seed, parent: null };
  await saveCheckpoint(file, { spec, vocabulary, weights, training });
  return file;
}

/** A folder that is gone after the test (or the suite: `after` of node:test). */
export function temporaryFolder(context: { after(clean: () => Promise<void>): void }): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'balladeer-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
