/** TensorFlow's C library from PyPI and the addon on it, step by step. */
import path from 'node:path';
import { findPackage } from '../../src/engine/tensorflow/addon.ts';
import { UserError } from '../../src/errors.ts';
import { VAR_DIR } from '../../src/paths.ts';
import { buildAddon } from './build.ts';
import { answers, requireTool, say } from './steps.ts';
import { fetchLibrary } from './wheels.ts';

const CACHE = path.join(VAR_DIR, 'libtensorflow');
const PYTHONS = ['python3', 'python'];
const COMPILERS = ['g++', 'clang++', 'c++'];

/** Whether the wheels have a library for this machine that the addon can be linked with. */
export const canInstall = (): boolean =>
  process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');

/** @returns the addon's file. Throws a `UserError` naming the step that failed and what to do. */
export function installLibrary({
  gpu,
  version,
}: {
  readonly gpu: boolean;
  readonly version: string;
}): string {
  if (!canInstall())
    throw new UserError('tensorflowSetup', {
      step: 'platform',
      reason: `${process.platform} ${process.arch}; Linux on x64 or arm64 is needed`,
    });
  const found = findPackage();
  requireTool(found !== undefined, '@tensorflow/tfjs-node-gpu', 'npm ci --include=optional');
  const python = PYTHONS.find((command) => answers(command, ['-m', 'pip', '--version']));
  requireTool(python !== undefined, 'pip', 'apt-get install python3-pip');
  const compiler = COMPILERS.find((command) => answers(command, ['--version']));
  requireTool(compiler !== undefined, 'C++', 'apt-get install g++');

  const folder = path.join(CACHE, `${version}-${gpu ? 'gpu' : 'cpu'}`);
  say({
    ko: `1/3 TensorFlow ${version}의 C 라이브러리를 PyPI에서 받습니다: ${folder}`,
    en: `1/3 fetching the C library of TensorFlow ${version} from PyPI: ${folder}`,
  });
  const library = fetchLibrary({ python: python!, gpu, version }, folder);
  say({
    ko: `2/3 애드온을 컴파일합니다 (${compiler}, 1분쯤)`,
    en: `2/3 compiling the addon (${compiler}, a minute)`,
  });
  return buildAddon(found!.folder, library, CACHE, compiler!);
}
