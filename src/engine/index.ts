/** Chooses the engine of this process. A new engine is one file and one line here. */
import os from 'node:os';
import { UserError } from '../errors.ts';
import type { Engine } from './engine.ts';
import { findAddon } from './tensorflow/addon.ts';
import { hasGpuDriver } from './tensorflow/gpu.ts';
import type { BuildName } from './wasm/builds.ts';
import { createWasmEngine } from './wasm/index.ts';

export const ENGINES = ['wasm', 'tensorflow'] as const;
export type EngineName = (typeof ENGINES)[number];

export interface EngineChoice {
  /** A name forces that engine; without one `tensorflow` is taken where it has a GPU, else `wasm`. */
  readonly engine?: EngineName | undefined;
  /** Threads of training with `wasm`; by default one for each core. */
  readonly threads?: number | undefined;
  /** Kernel build of the `wasm` engine; by default the fastest measured. */
  readonly build?: BuildName | undefined;
}

const FORCED = 'forced by the configuration';

/** The engine, and for people and logs why this one and not the other. */
export async function chooseEngine(choice: EngineChoice = {}): Promise<{ engine: Engine; reason: string }> {
  const { engine, threads = os.availableParallelism(), build } = choice;
  if (engine === 'tensorflow') return { engine: await forcedTensorflow(), reason: FORCED };
  const wasm = createWasmEngine({ threads, build });
  if (engine === 'wasm') return { engine: wasm, reason: FORCED };
  const found = await tensorflowOnGpu();
  if (typeof found !== 'string') return { engine: found, reason: 'there is a GPU' };
  return { engine: wasm, reason: `the engine that runs everywhere; not tensorflow: ${found}` };
}

async function forcedTensorflow(): Promise<Engine> {
  const { createTensorflowEngine } = await import('./tensorflow.ts');
  return createTensorflowEngine().catch((error: unknown) => {
    throw new UserError(
      'engineMissing',
      { engine: 'tensorflow', reason: firstLine(error) },
      { cause: error },
    );
  });
}

/** The engine, or why it is not taken. TensorFlow takes seconds to load, and so only where there may be a GPU. */
async function tensorflowOnGpu(): Promise<Engine | string> {
  if (!findAddon()) return 'its addon is not built (npm run setup-gpu)';
  if (!hasGpuDriver()) return 'there is no GPU';
  try {
    const { createTensorflowEngine } = await import('./tensorflow.ts');
    const engine = await createTensorflowEngine();
    return engine.usesGpu ? engine : 'its library sees no GPU (npm run setup-gpu)';
  } catch (error) {
    return `it does not load: ${firstLine(error)}`;
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
