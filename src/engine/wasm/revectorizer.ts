/**
 * Whether V8's revectorizer, which fuses pairs of 128-bit operations into 256-bit ones, compiles our kernels. It is
 * experimental: at some loops it ends the whole process, when they have become hot (docs/log.md, 2026-11-27). So a process
 * of its own tries first, and what came of it is remembered beside the kernels.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { KERNELS_DIR } from '../../paths.ts';
import { BUILD_NAMES } from '../choice.ts';
import { fingerprint } from './build-cache.ts';

export const REVECTORIZE = '--experimental-wasm-revectorize';
/** All functions are compiled at once, and by the optimising compiler. */
const EAGERLY = ['--no-liftoff', '--no-wasm-lazy-compilation'];
const COMPILE =
  "const { readFileSync } = require('node:fs'); for (const file of process.argv.slice(1)) new WebAssembly.Module(readFileSync(file));";
const TIMEOUT_MS = 30_000;
/** Before that it does not fuse our products. */
const FIRST_NODE = 24;

/** Tries it once for each runtime, processor and set of kernels: a third of a second. */
export function isRevectorizerSound(folder = KERNELS_DIR): boolean {
  if (Number.parseInt(process.versions.node, 10) < FIRST_NODE) return false;
  const file = path.join(folder, `revectorizer-${fingerprint()}.json`);
  const known = read(file);
  if (known !== undefined) return known;
  const { error, status } = tryIt(folder);
  if (error === undefined) write(file, status === 0); // else it could not be tried, or not to the end
  return status === 0;
}

function tryIt(folder: string) {
  const modules = BUILD_NAMES.map((name) => path.join(folder, `${name}.wasm`));
  const args = [REVECTORIZE, ...EAGERLY, '-e', COMPILE, ...modules];
  return spawnSync(process.execPath, args, { stdio: 'ignore', timeout: TIMEOUT_MS });
}

function read(file: string): boolean | undefined {
  try {
    const { sound } = JSON.parse(readFileSync(file, 'utf8')) as { sound?: unknown };
    return typeof sound === 'boolean' ? sound : undefined;
  } catch {
    return undefined; // not tried yet, or damaged
  }
}

/** Processes that start at once may write at once. */
function write(file: string, sound: boolean): void {
  try {
    const own = `${file}.${process.pid}`;
    writeFileSync(own, `${JSON.stringify({ sound })}\n`);
    renameSync(own, file);
  } catch {
    // a folder that cannot be written
  }
}
