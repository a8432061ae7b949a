/** Chooses the engine of this process. A new engine is one file and one line here. */
import os from 'node:os';
import { UserError } from '../errors.ts';
import type { EngineName, EngineOrder } from './choice.ts';
import type { Engine } from './engine.ts';
import { findAddon, findPackage } from './tensorflow/addon.ts';
import { hasGpuDriver } from './tensorflow/gpu.ts';
import { createWasmEngine } from './wasm/index.ts';

export { ENGINES, type EngineChoice, type EngineName, type EngineOrder } from './choice.ts';

/** Why an engine runs, or why the other one does not. `detail` is what a library said. */
export type Why =
  | { readonly code: 'forced' | 'gpu' | 'noGpu' | 'gpuForbidden' | 'noPackage' | 'noAddon' | 'gpuUnseen' }
  | { readonly code: 'doesNotLoad'; readonly detail: string };

export interface ChosenEngine {
  readonly engine: Engine;
  /** What decided. */
  readonly why: Why;
  /** The engine that does not run. */
  readonly other: EngineName;
}

/** The engine, and why this one and not the other. Throws a `UserError` where the one that was asked for cannot be. */
export async function chooseEngine(order: EngineOrder = {}): Promise<ChosenEngine> {
  const { threads = os.availableParallelism(), build, cacheFolder } = order;
  if (order.engine === 'tensorflow')
    return { engine: await forcedTensorflow(order), why: { code: 'forced' }, other: 'wasm' };
  const wasm = createWasmEngine({ threads, build, cacheFolder });
  if (order.engine === 'wasm') return { engine: wasm, why: { code: 'forced' }, other: 'tensorflow' };
  const found = await tensorflowOnGpu(order);
  if ('code' in found) return { engine: wasm, why: found, other: 'tensorflow' };
  return { engine: found, why: { code: 'gpu' }, other: 'wasm' };
}

/** For logs. */
export function explainWhy(why: Why): string {
  return why.code === 'doesNotLoad' ? `${why.code}: ${why.detail}` : why.code;
}

async function forcedTensorflow({ threads, gpu }: EngineOrder): Promise<Engine> {
  const { createTensorflowEngine } = await import('./tensorflow.ts');
  return createTensorflowEngine({ threads, gpu }).catch((error: unknown) => {
    throw new UserError(
      'engineMissing',
      { engine: 'tensorflow', reason: firstLine(error) },
      { cause: error },
    );
  });
}

/** The engine, or why it is not taken. TensorFlow takes seconds to load, and so only where there may be a GPU. */
async function tensorflowOnGpu({ threads, gpu }: EngineOrder): Promise<Engine | Why> {
  if (gpu === -1) return { code: 'gpuForbidden' };
  if (!hasGpuDriver()) return { code: 'noGpu' };
  if (!findPackage()) return { code: 'noPackage' };
  if (!findAddon()) return { code: 'noAddon' };
  try {
    const { createTensorflowEngine } = await import('./tensorflow.ts');
    const engine = await createTensorflowEngine({ threads, gpu });
    return engine.usesGpu ? engine : { code: 'gpuUnseen' };
  } catch (error) {
    return { code: 'doesNotLoad', detail: firstLine(error) };
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
