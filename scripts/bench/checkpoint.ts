/** A checkpoint of random weights: as heavy as a trained one of its shape. */
import type { Checkpoint } from '../../src/model/checkpoint.ts';
import { initialWeights, type NetworkSpec } from '../../src/model/network.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { vocabularyText } from './work.ts';

export function randomCheckpoint(spec: NetworkSpec, seed: number): Checkpoint {
  return {
    spec,
    vocabulary: Vocabulary.of(vocabularyText(spec.vocabularySize)),
    weights: initialWeights(spec, seed),
    training: { data: 'random', epochs: 0, val_loss: null, seed, parent: null },
  };
}
