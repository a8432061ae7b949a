/** Compiles src/kernels (AssemblyScript) to dist/kernels/<build>.wasm; a build whose sources did not change is kept. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import asc from 'assemblyscript/asc';
import { isRevectorizerSound } from '../src/engine/wasm/revectorizer.ts';
import { KERNELS_DIR, ROOT } from '../src/paths.ts';
import { BUILDS, type KernelBuild, tilesSource } from './kernel-tiles.ts';

const SOURCE_DIR = path.join(ROOT, 'src', 'kernels');
const STAMP = path.join(KERNELS_DIR, 'sources.sha256');

async function readSources(): Promise<Map<string, string>> {
  const names = (await readdir(SOURCE_DIR)).filter((name) => name.endsWith('.ts')).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(SOURCE_DIR, name), 'utf8')));
  return new Map(names.map((name, i) => [name, texts[i]!]));
}

async function compile(build: KernelBuild, sources: ReadonlyMap<string, string>): Promise<void> {
  const files = new Map(sources).set('tiles.ts', tilesSource(build));
  let messages = '';
  const { error } = await asc.main(
    [
      'index.ts',
      '--outFile',
      `${build.name}.wasm`,
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--importMemory',
      '--sharedMemory',
      '--initialMemory',
      '1',
      '--maximumMemory',
      '65536',
      '--enable',
      'simd',
      '--enable',
      'threads',
      '--enable',
      'bulk-memory',
      ...(build.relaxed ? ['--enable', 'relaxed-simd'] : []),
    ],
    {
      readFile: (name) => files.get(name) ?? null,
      writeFile: (name, contents) => writeFile(path.join(KERNELS_DIR, name), contents),
      listFiles: () => [],
      stderr: {
        write: (text) => {
          messages += text;
        },
      },
    },
  );
  if (error) throw new Error(`kernels ${build.name}: ${error.message}\n${messages}`);
}

const sources = await readSources();
const hash = createHash('sha256');
for (const [name, text] of sources) hash.update(name).update(text);
for (const build of BUILDS) hash.update(JSON.stringify(build)).update(tilesSource(build));
const stamp = hash.digest('hex');
if ((await readFile(STAMP, 'utf8').catch(() => '')) !== stamp) {
  await mkdir(KERNELS_DIR, { recursive: true });
  for (const build of BUILDS) await compile(build, sources);
  await writeFile(STAMP, stamp);
}
isRevectorizerSound(); // remembered from here on, so that no first start waits for it
