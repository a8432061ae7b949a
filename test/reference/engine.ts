/** An engine to compare others with: clear rather than fast. */
import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../../src/engine/engine.ts';
import { ReferenceSampling } from './sampling.ts';
import { ReferenceTraining } from './training.ts';

export function createReferenceEngine(): Engine {
  return {
    name: 'reference',
    description: `TensorFlow.js ${tf.version_core}, plain JavaScript, for tests`,
    report: { runtime: 'TensorFlow.js', device: 'CPU', trains: undefined, sings: 'cpu', threads: 1 },
    trainingChoice: () => ({ threads: 1 }),
    createTraining: async (spec, weights, options) => new ReferenceTraining(spec, weights, options),
    createSampling: async (spec, weights, options) => new ReferenceSampling(spec, weights, options),
  };
}
