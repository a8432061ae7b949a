/**
 * Remembers which build was the fastest, so that a training does not measure again at every start, nor another way
 * on a busy machine. It belongs to one runtime, processor and set of kernels; what cannot be read counts as not
 * there, and what cannot be written is measured again next time.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { KERNELS_DIR } from '../../paths.ts';
import { BUILD_NAMES, type BuildName } from '../choice.ts';

export interface Measured {
  readonly build: BuildName;
  /** On one thread. */
  readonly gigaflops: number;
}

/** Everything that another choice could depend on. */
function circumstances(): Record<string, string> {
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    flags: process.execArgv.filter((flag) => /^--[\w-]*wasm/.test(flag)).join(' '),
    system: `${process.platform} ${process.arch}`,
    processor: os.cpus()[0]?.model ?? '',
    kernels: stampOfKernels(),
  };
}

/** The hash that the build of the kernels leaves beside them. */
function stampOfKernels(): string {
  try {
    return readFileSync(path.join(KERNELS_DIR, 'sources.sha256'), 'utf8');
  } catch {
    return '';
  }
}

/** A name for runtime, processor and kernels. */
export const fingerprint = (): string =>
  createHash('sha256').update(JSON.stringify(circumstances())).digest('hex').slice(0, 16);

/** The file of these circumstances: each has its own, so that two versions of Node do not forget for each other. */
export const cacheFile = (folder: string): string => path.join(folder, 'kernels', `${fingerprint()}.json`);

export function readMeasured(folder: string): Measured | undefined {
  try {
    const { build, gigaflops } = JSON.parse(readFileSync(cacheFile(folder), 'utf8')) as Partial<Measured>;
    if (BUILD_NAMES.includes(build!) && Number.isFinite(gigaflops))
      return { build: build!, gigaflops: gigaflops! };
  } catch {
    // not measured yet, or damaged
  }
  return undefined;
}

export function writeMeasured(folder: string, { build, gigaflops }: Measured): void {
  try {
    const file = cacheFile(folder);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify({ build, gigaflops, ...circumstances() }, null, 2)}\n`);
  } catch {
    // a folder that cannot be written
  }
}
