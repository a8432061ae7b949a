/** Loads TensorFlow.js for Node with its addon: once a process, and only where it is asked for. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { ROOT } from '../../paths.ts';
import { findAddon } from './addon.ts';
import type { Tfjs } from './tfjs.ts';

const ENVIRONMENT = path.join(ROOT, 'src', 'engine', 'tensorflow', 'tensorflow.env');

let loaded: Promise<Tfjs> | undefined;

/** The TensorFlow.js module. Throws where the addon is missing or does not load. */
export function loadTensorflow(): Promise<Tfjs> {
  loaded ??= importPackage();
  return loaded;
}

async function importPackage(): Promise<Tfjs> {
  const addon = findAddon();
  if (!addon) throw new Error('its addon is not built: npm run setup-gpu');
  mendNodeUtil();
  process.loadEnvFile(ENVIRONMENT);
  const { default: tf } = (await import(addon.packageName)) as { default: Tfjs };
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
