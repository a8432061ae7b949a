/**
 * TensorFlow's C library and its headers out of the Python wheels on PyPI: fetched with pip and unpacked as the
 * archives that they are. None of their code is run.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { run } from './steps.ts';

/** The version that the addon was built and tested with. */
export const TENSORFLOW_VERSION = '2.21.0';

/** Any Python may fetch them: the wheels' own version is fixed, as no Python code of them is used. */
const TAGS = ['--only-binary=:all:', '--no-deps', '--python-version', '3.12', '--implementation', 'cp'];
const PLATFORMS = { x64: 'x86_64', arm64: 'aarch64' } as const;

/** CUDA's libraries, within the bounds that the wheel of TensorFlow 2.21 names (`and-cuda`). */
const CUDA = [
  'nvidia-cublas-cu12<13,>=12.5.3.2',
  'nvidia-cuda-cupti-cu12<13,>=12.5.82',
  'nvidia-cuda-nvcc-cu12<13,>=12.5.82',
  'nvidia-cuda-nvrtc-cu12<13,>=12.5.82',
  'nvidia-cuda-runtime-cu12<13,>=12.5.82',
  'nvidia-cudnn-cu12<10,>=9.3.0.75',
  'nvidia-cufft-cu12<12,>=11.2.3.61',
  'nvidia-curand-cu12<11,>=10.3.6.82',
  'nvidia-cusolver-cu12<12,>=11.6.3.83',
  'nvidia-cusparse-cu12<13,>=12.5.1.3',
  'nvidia-nccl-cu12<3,>=2.27.7',
  'nvidia-nvjitlink-cu12<13,>=12.5.82',
];

/** What of a wheel is unpacked: the libraries, the headers that the addon includes, and CUDA's libraries. */
const PARTS = [
  'tensorflow/libtensorflow_',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/xla/tsl/',
  'tensorflow/include/tsl/',
  'nvidia/',
];
const UNPACK = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith(tuple(sys.argv[3:]))])
`;

export interface Source {
  readonly python: string;
  /** With the kernels for NVIDIA's GPUs and CUDA's libraries: gigabytes more. */
  readonly gpu: boolean;
  readonly version: string;
}

/**
 * Fetches and unpacks into `folder`, or takes what is there from before.
 * @returns the folder that holds `libtensorflow_cc.so.2`, `libtensorflow_framework.so.2` and `include`.
 */
export function fetchLibrary(source: Source, folder: string): string {
  if (!existsSync(folder)) {
    // Under its name only when it is whole, so that a broken download is not taken for one.
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    downloadWheels(source, path.join(unfinished, 'wheels'));
    unpackWheels(source.python, path.join(unfinished, 'wheels'), unfinished);
    renameSync(unfinished, folder);
  }
  return path.join(folder, 'tensorflow');
}

function downloadWheels({ python, gpu, version }: Source, wheels: string): void {
  mkdirSync(wheels, { recursive: true });
  const machine = PLATFORMS[process.arch as keyof typeof PLATFORMS];
  const tags = ['manylinux_2_27', 'manylinux_2_17', 'manylinux2014'];
  const platforms = tags.flatMap((tag) => ['--platform', `${tag}_${machine}`]);
  // On arm64 the package without a suffix is the one for the CPU.
  const name = gpu || machine === 'aarch64' ? 'tensorflow' : 'tensorflow-cpu';
  const packages = [`${name}==${version}`, ...(gpu ? CUDA : [])];
  run('pip download', python, [
    '-m',
    'pip',
    'download',
    '--dest',
    wheels,
    ...TAGS,
    ...platforms,
    ...packages,
  ]);
}

function unpackWheels(python: string, wheels: string, folder: string): void {
  for (const wheel of readdirSync(wheels))
    run('unpack', python, ['-c', UNPACK, path.join(wheels, wheel), folder, ...PARTS]);
  rmSync(wheels, { recursive: true });
  for (const name of ['libtensorflow_cc.so', 'libtensorflow_framework.so'])
    symlinkSync(`${name}.2`, path.join(folder, 'tensorflow', name));
}
