/** Where TensorFlow's addon is, without loading anything: a look at a few paths, cheap enough for every start. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
/** N-API versions that the packages know (`binary.napi_versions`), the best first. */
const NAPI_VERSIONS = [8, 7, 6, 5, 4, 3];

export interface Addon {
  /** The npm package that it belongs to. */
  readonly packageName: string;
  /** The package's folder. */
  readonly folder: string;
  /** The native library. */
  readonly file: string;
}

/** The folder of the first package that is installed, with or without its addon. */
export function findPackage(): { packageName: string; folder: string } | undefined {
  const require = createRequire(import.meta.url);
  for (const packageName of PACKAGES) {
    try {
      return { packageName, folder: path.dirname(require.resolve(`${packageName}/package.json`)) };
    } catch {
      // not installed: `npm ci --omit=optional`, or a platform that it is not for
    }
  }
  return undefined;
}

/** The N-API version that the package's loader (node-pre-gyp) looks for on this Node. */
export function addonNapiVersion(): number {
  const most = Number(process.versions.napi);
  return NAPI_VERSIONS.find((version) => version <= most)!;
}

export function addonFile(folder: string): string {
  return path.join(folder, 'lib', `napi-v${addonNapiVersion()}`, 'tfjs_binding.node');
}

export function findAddon(): Addon | undefined {
  const found = findPackage();
  if (!found) return undefined;
  const file = addonFile(found.folder);
  return existsSync(file) ? { ...found, file } : undefined;
}
