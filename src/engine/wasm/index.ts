/** The `wasm` engine: own kernels, one thread a core, installed from the npm registry alone. */
import type { NetworkSpec, Weights } from '../../model/network.ts';
import type { Engine, SamplingOptions, TrainingOptions } from '../engine.ts';
import { type BuildName, chooseBuild, chosenBuild, SAMPLING_BUILD } from './builds.ts';
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
      const threadCount = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
      const chosen = chosenBuild(build);
      if (!chosen) return `WebAssembly, ${threadCount}`; // the build is chosen when training begins
      const speed =
        chosen.gigaflops === undefined ? 'forced' : `${Math.round(chosen.gigaflops)} GFLOPS a thread`;
      return `WebAssembly ${chosen.name} (${speed}), ${threadCount}`;
    },
    async createTraining(spec: NetworkSpec, weights: Weights, options: TrainingOptions) {
      const training = new WasmTraining(chooseBuild(build).module, spec, weights, {
        ...options,
        threads,
      });
      await training.start();
      return training;
    },
    async createSampling(spec: NetworkSpec, weights: Weights, options: SamplingOptions) {
      return new WasmSampling(chooseBuild(SAMPLING_BUILD).module, spec, weights, options);
    },
  };
}
