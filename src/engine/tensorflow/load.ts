/** Loads TensorFlow.js for Node with its addon: once a process, and only where it is asked for. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { findAddon } from './addon.ts';
import { prepareEnvironment, type Surroundings } from './environment.ts';
import type { Tfjs } from './tfjs.ts';

export type LoadOptions = Surroundings;

/** As TensorFlow.js names it. */
const BACKEND = 'tensorflow';

let loaded: Promise<Tfjs> | undefined;

/** The TensorFlow.js module; the first call decides its threads and its GPU. Throws where the addon is missing or does not load. */
export function loadTensorflow(options: LoadOptions = {}): Promise<Tfjs> {
  loaded ??= importPackage(options);
  return loaded;
}

/**
 * What the package's own entry does, without what is not used here: of the union package `@tensorflow/tfjs` the core
 * alone (package.json overrides it so), and none of the installer's packages.
 */
async function importPackage(options: LoadOptions): Promise<Tfjs> {
  const addon = findAddon();
  if (!addon) throw new Error('its addon is not built: npm run setup-gpu');
  mendNodeUtil();
  prepareEnvironment(options);
  const require = createRequire(path.join(addon.folder, 'package.json'));
  const tf: Tfjs = require('@tensorflow/tfjs');
  const { NodeJSKernelBackend } = require('./dist/nodejs_kernel_backend.js');
  const binding: object = require(addon.file);
  tf.registerBackend(BACKEND, () => new NodeJSKernelBackend(binding, addon.packageName));
  if (!(await tf.setBackend(BACKEND))) throw new Error('its backend does not start');
  return tf;
}

/**
 * The package (4.22, of 2024) calls `util.isNullOrUndefined` and `util.isArray`, which Node 23 removed.
 * This is the one place that puts them back; it must run before the package is imported.
 */
function mendNodeUtil(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
