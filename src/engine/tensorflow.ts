/** The `tensorflow` engine: TensorFlow's fused ops by the addon of TensorFlow.js for Node, on a GPU or the CPU. */
import type { NetworkSpec, Weights } from '../model/network.ts';
import type { Engine, SamplingOptions, TrainingOptions } from './engine.ts';
import { type LoadOptions, loadTensorflow } from './tensorflow/load.ts';
import { lstmOf } from './tensorflow/lstm-choice.ts';
import { Ops } from './tensorflow/ops.ts';
import { TensorflowSampling } from './tensorflow/sampling.ts';
import { TensorflowTraining } from './tensorflow/training.ts';

export interface TensorflowEngine extends Engine {
  readonly usesGpu: boolean;
}

/** One for the process: the small tensors that ops share are made once. */
let ops: Promise<Ops> | undefined;

/**
 * Loads TensorFlow, which takes seconds. Throws where its addon is missing or does not load. What the options say is
 * settled by the first call of a process.
 */
export async function createTensorflowEngine(options: LoadOptions = {}): Promise<TensorflowEngine> {
  ops ??= loadTensorflow(options).then((tf) => new Ops(tf));
  const shared = await ops;
  const lstm = lstmOf(shared).name;
  const device = shared.usesGpu ? 'GPU' : 'CPU';
  return {
    name: 'tensorflow',
    usesGpu: shared.usesGpu,
    description: `TensorFlow ${shared.version} on the ${device}`,
    report: {
      runtime: `TensorFlow ${shared.version}`,
      device,
      trains: lstm,
      sings: lstm,
      threads: options.threads,
    },
    trainingChoice: () => ({ engine: 'tensorflow', threads: options.threads }),
    async createTraining(spec: NetworkSpec, weights: Weights, options: TrainingOptions) {
      return new TensorflowTraining(shared, spec, weights, options);
    },
    async createSampling(spec: NetworkSpec, weights: Weights, options: SamplingOptions) {
      return new TensorflowSampling(shared, spec, weights, options);
    },
  };
}
