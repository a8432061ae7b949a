/** The `wasm` engine: own kernels, one thread a core, installed from the npm registry alone. */
import type { NetworkSpec, Weights } from '../../model/network.ts';
import type { BuildName } from '../choice.ts';
import type { Engine, EngineReport, SamplingOptions, TrainingOptions } from '../engine.ts';
import { readMeasured } from './build-cache.ts';
import { chooseBuild, chosenBuild, SAMPLING_BUILD, samplingModule } from './builds.ts';
import { WasmSampling } from './sampling.ts';
import { WasmTraining } from './training.ts';

export interface WasmOptions {
  /** Threads of a training stepper. */
  readonly threads: number;
  /** A build to use unmeasured. */
  readonly build?: BuildName | undefined;
  /** Where the measured choice of a build is remembered. */
  readonly cacheFolder?: string | undefined;
}

export function createWasmEngine({ threads, build, cacheFolder }: WasmOptions): Engine {
  /** What trains, as far as it is known without a measurement: another process may have made it. */
  const known = (): { name: BuildName; gigaflops: number | undefined } | undefined => {
    const chosen = chosenBuild(build);
    if (chosen) return chosen;
    if (build !== undefined) return { name: build, gigaflops: undefined };
    const measured = cacheFolder === undefined ? undefined : readMeasured(cacheFolder);
    return measured && { name: measured.build, gigaflops: measured.gigaflops };
  };
  return {
    name: 'wasm',
    get description() {
      const threadCount = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
      const chosen = known();
      if (!chosen) return `WebAssembly, ${threadCount}`; // the build is chosen when training begins
      const speed =
        chosen.gigaflops === undefined ? 'forced' : `${Math.round(chosen.gigaflops)} GFLOPS a thread`;
      return `WebAssembly ${chosen.name} (${speed}), ${threadCount}`;
    },
    get report(): EngineReport {
      const trains = known()?.name;
      return { runtime: 'WebAssembly', device: 'CPU', trains, sings: SAMPLING_BUILD, threads };
    },
    trainingChoice: () => ({ engine: 'wasm', threads, build: chooseBuild(build, cacheFolder).name }),
    async createTraining(spec: NetworkSpec, weights: Weights, options: TrainingOptions) {
      const { module } = chooseBuild(build, cacheFolder);
      const training = new WasmTraining(module, spec, weights, { ...options, threads });
      await training.start();
      return training;
    },
    async createSampling(spec: NetworkSpec, weights: Weights, options: SamplingOptions) {
      return new WasmSampling(samplingModule(), spec, weights, options);
    },
  };
}
