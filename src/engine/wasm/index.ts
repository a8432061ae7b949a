/** The `wasm` engine: own kernels, one thread a core, installed from the npm registry alone. */
import type { NetworkSpec, Weights } from '../../model/network.ts';
import type { Engine, SamplingOptions, TrainingOptions } from '../engine.ts';
import { type BuildName, chooseBuild } from './builds.ts';
import { WasmSampling } from './sampling.ts';
import { WasmTraining } from './training.ts';

export interface WasmOptions {
  /** Threads of a training stepper. */
  readonly threads: number;
  /** A build to use unmeasured. */
  readonly build?: BuildName | undefined;
}

export function createWasmEngine({ threads, build }: WasmOptions): Engine {
  return {
    name: 'wasm',
    get description() {
      const { name, gigaflops } = chooseBuild('training', build);
      const speed = gigaflops === undefined ? 'forced' : `${Math.round(gigaflops)} GFLOPS a thread`;
      return `WebAssembly ${name} (${speed}), ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    },
    async createTraining(spec: NetworkSpec, weights: Weights, options: TrainingOptions) {
      const training = new WasmTraining(chooseBuild('training', build).module, spec, weights, {
        ...options,
        threads,
      });
      await training.start();
      return training;
    },
    async createSampling(spec: NetworkSpec, weights: Weights, options: SamplingOptions) {
      const strict = build?.startsWith('simd') ? build : undefined;
      return new WasmSampling(chooseBuild('sampling', strict).module, spec, weights, options);
    },
  };
}
