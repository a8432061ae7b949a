import assert from 'node:assert/strict';
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { BUILD_NAMES } from '../../src/engine/choice.ts';
import { isRevectorizerSound } from '../../src/engine/wasm/revectorizer.ts';
import { KERNELS_DIR } from '../../src/paths.ts';
import { temporaryFolder } from '../training/fixtures/runs.ts';

const hasOne = Number.parseInt(process.versions.node, 10) >= 24;

const copyKernels = (folder: string) =>
  Promise.all(
    BUILD_NAMES.map((name) =>
      copyFile(path.join(KERNELS_DIR, `${name}.wasm`), path.join(folder, `${name}.wasm`)),
    ),
  );

const remembered = async (folder: string) =>
  (await readdir(folder)).filter((name) => !name.endsWith('.wasm')).length;

test('V8’s revectorizer compiles our kernels, or is not asked to', async (t) => {
  const folder = await temporaryFolder(t);
  await copyKernels(folder);
  assert.equal(isRevectorizerSound(folder), hasOne);
  assert.equal(await remembered(folder), hasOne ? 1 : 0);
});

test('where the process that tries it fails, it is left alone, and nobody tries again', async (t) => {
  if (!hasOne) return t.skip('this Node has no revectorizer');
  const folder = await temporaryFolder(t);
  await copyKernels(folder);
  await writeFile(path.join(folder, `${BUILD_NAMES[0]}.wasm`), 'no module');
  assert.equal(isRevectorizerSound(folder), false);
  await copyKernels(folder);
  assert.equal(isRevectorizerSound(folder), false);
});

test('a memory that is damaged is made anew', async (t) => {
  if (!hasOne) return t.skip('this Node has no revectorizer');
  const folder = await temporaryFolder(t);
  await copyKernels(folder);
  isRevectorizerSound(folder);
  const [file] = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  for (const damaged of ['', '{"sound":', '{"sound":"no"}']) {
    await writeFile(path.join(folder, file!), damaged);
    assert.equal(isRevectorizerSound(folder), true);
  }
});
