/** What the figures were measured on. */
import os from 'node:os';
import type { BuildName } from '../../src/engine/wasm/builds.ts';
import { chooseBuild } from '../../src/engine/wasm/builds.ts';

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memory_gb: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  /** Flags of this process, and of the contenders that run on Node. */
  readonly flags: readonly string[];
  /** The build of our kernels that trains, and the most that its product reached on one thread, in any process. */
  readonly build: string;
  readonly gigaflops: number | null;
  /** Mean number of busy or waiting threads over the last minute, before and after: above 0 others were at work. */
  readonly load: { readonly before: number; readonly after: number };
}

/** Call before and after the measurements. */
export const systemLoad = (): number => os.loadavg()[0]!;

/** @param measured GFLOPS that the processes of ours have seen when they chose their build. */
export function describeMachine(
  loadBefore: number,
  forced: BuildName | undefined,
  measured: readonly number[],
): Machine {
  const { name, gigaflops } = chooseBuild(forced);
  return {
    cores: os.availableParallelism(),
    model: os.cpus()[0]?.model ?? 'unknown',
    memory_gb: Math.round(os.totalmem() / 1e9),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    v8: process.versions.v8,
    flags: process.execArgv,
    build: name,
    gigaflops: gigaflops === undefined ? null : Math.max(gigaflops, ...measured),
    load: { before: loadBefore, after: systemLoad() },
  };
}
