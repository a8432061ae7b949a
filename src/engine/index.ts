/** Chooses the engine of this process. A new engine is one file and one line here. */
import os from 'node:os';
import { UserError } from '../errors.ts';
import type { Engine } from './engine.ts';
import type { BuildName } from './wasm/builds.ts';
import { createWasmEngine } from './wasm/index.ts';

export const ENGINES = ['wasm', 'tensorflow'] as const;
export type EngineName = (typeof ENGINES)[number];

export interface EngineChoice {
  /** A name forces that engine; without one the best that loads is taken. */
  readonly engine?: EngineName | undefined;
  /** Threads of training; by default one for each core. */
  readonly threads?: number | undefined;
  /** Kernel build of the `wasm` engine; by default the fastest measured. */
  readonly build?: BuildName | undefined;
}

export async function chooseEngine(choice: EngineChoice = {}): Promise<{ engine: Engine; reason: string }> {
  if (choice.engine === 'tensorflow') throw new UserError('engineMissing', { engine: 'tensorflow' });
  const threads = choice.threads ?? os.availableParallelism();
  const reason = choice.engine ? 'forced by the configuration' : 'the engine that runs everywhere';
  return { engine: createWasmEngine({ threads, build: choice.build }), reason };
}
