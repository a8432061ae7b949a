/**
 * The addon of TensorFlow.js for Node, built from the source in its package. The source is two files of C++, and
 * Node-API is stable between versions of Node: one call of the compiler, where node-gyp would want more.
 */
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { addonFile, addonNapiVersion } from '../../src/engine/tensorflow/addon.ts';
import { run } from './steps.ts';

const HEADERS_PACKAGE = 'node-api-headers@1.9.0';

/** The folder of `node_api.h`: beside the running Node, or from the npm package that holds nothing else. */
function nodeHeaders(cache: string): string {
  const beside = path.join(path.dirname(process.execPath), '..', 'include', 'node');
  if (existsSync(path.join(beside, 'node_api.h'))) return beside;
  const folder = path.join(cache, 'node-api-headers');
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    run('npm pack', 'npm', ['pack', '--silent', HEADERS_PACKAGE], folder);
    const archive = 'node-api-headers-1.9.0.tgz';
    run('tar', 'tar', ['-xzf', archive, '--strip-components=1'], folder);
  }
  return path.join(folder, 'include');
}

/** @param library folder of the C library and its headers. @returns the addon's file. */
export function buildAddon(packageFolder: string, library: string, cache: string, compiler: string): string {
  const file = addonFile(packageFolder);
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) =>
    path.join(packageFolder, 'binding', name),
  );
  mkdirSync(path.dirname(file), { recursive: true });
  run('compile', compiler, [
    '-std=c++17',
    '-O2',
    '-shared',
    '-fPIC',
    `-DNAPI_VERSION=${addonNapiVersion()}`,
    `-I${nodeHeaders(cache)}`,
    `-I${path.join(library, 'include')}`,
    ...sources,
    `-L${library}`,
    '-ltensorflow_cc',
    '-ltensorflow_framework',
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
    '-o',
    `${file}.new`,
  ]);
  linkLibrary(packageFolder, library);
  renameSync(`${file}.new`, file);
  return file;
}

/** The addon looks for the library in its package; there stands a link to it. */
function linkLibrary(packageFolder: string, library: string): void {
  const deps = path.join(packageFolder, 'deps');
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(deps);
  symlinkSync(library, path.join(deps, 'lib'));
  symlinkSync(path.join(library, 'include'), path.join(deps, 'include'));
}
