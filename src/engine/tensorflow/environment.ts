/**
 * What TensorFlow and CUDA read from the environment when their libraries are loaded, and can be told in no other way
 * through TensorFlow.js. Writes alone; what a person has set stays, but for the GPU that was asked for by number.
 */
import path from 'node:path';
import { ROOT } from '../../paths.ts';

/** Fixed settings, with their reasons. */
const FILE = path.join(ROOT, 'src', 'engine', 'tensorflow', 'tensorflow.env');

export interface Surroundings {
  /** Threads of an op; by default one for each core. */
  readonly threads?: number | undefined;
  /** Number of the GPU to use, counted among those that can be seen; -1: none. By default the first. */
  readonly gpu?: number | undefined;
}

/** Before the addon is imported: it makes its threads and looks for devices once. */
export function prepareEnvironment({ threads, gpu }: Surroundings): void {
  process.loadEnvFile(FILE);
  if (threads !== undefined) {
    process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
    process.env.OMP_NUM_THREADS ??= String(threads);
  }
  if (gpu !== undefined)
    process.env.CUDA_VISIBLE_DEVICES = visibleDevice(process.env.CUDA_VISIBLE_DEVICES, gpu);
}

/** The name by which CUDA knows the GPU of that number, among those that `visible` already leaves. */
export function visibleDevice(visible: string | undefined, gpu: number): string {
  if (gpu < 0) return '-1';
  const names = (visible ?? '').split(',').filter((name) => name.trim() !== '');
  if (visible === undefined || names.length === 0) return String(gpu);
  return names[gpu]?.trim() ?? '-1';
}
