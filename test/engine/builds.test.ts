/** Which build of the kernels runs, in processes of their own: V8's flags hold for a process. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { BUILD_NAMES, type BuildName } from '../../src/engine/choice.ts';
import { cacheFile, readMeasured, writeMeasured } from '../../src/engine/wasm/build-cache.ts';
import { temporaryFolder } from '../support/checkpoint.ts';

const BUILDS = new URL('../../src/engine/wasm/builds.js', import.meta.url).href;

interface Choice {
  readonly name?: BuildName;
  readonly gigaflops?: number;
  readonly error?: { readonly code: string; readonly facts: { readonly others: readonly string[] } };
}

/** What a fresh process chooses. @param before statements that take something from its runtime. */
function choose(forced?: BuildName, cacheFolder?: string, before = ''): Choice {
  const code = `
    import v8 from 'node:v8';
    ${before}
    const { chooseBuild } = await import(${JSON.stringify(BUILDS)});
    let choice;
    try {
      const { name, gigaflops } = chooseBuild(...${JSON.stringify([forced ?? null, cacheFolder ?? null])}.map((x) => x ?? undefined));
      choice = { name, gigaflops };
    } catch (error) {
      choice = { error: { code: error.code, facts: error.facts } };
    }
    console.log(JSON.stringify(choice));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

/** A runtime that knows no relaxed SIMD: it refuses the modules as V8 does without its flag. */
const WITHOUT_RELAXED = `
  const { Module } = WebAssembly;
  WebAssembly.Module = class extends Module {
    constructor(bytes) {
      // 0xfd prefix with the opcodes of f32x4.relaxed_madd (0x105), as two bytes of LEB128
      if (Buffer.from(bytes).includes(Buffer.from([0xfd, 0x85, 0x02])))
        throw new WebAssembly.CompileError('invalid simd opcode');
      super(bytes);
    }
  };`;

describe('the build that trains', () => {
  it('is the one that was forced, whichever it is', () => {
    for (const build of BUILD_NAMES) assert.deepEqual(choose(build), { name: build });
  });

  it('fuses multiply-add wherever that runs, and does without where it does not', () => {
    assert.match(choose().name!, /^relaxed/);
    assert.match(choose(undefined, undefined, WITHOUT_RELAXED).name!, /^simd/);
  });

  it('is refused by name where it does not run, with those that do', () => {
    const { error } = choose('relaxed16', undefined, WITHOUT_RELAXED);
    assert.equal(error?.code, 'kernelsUnusable');
    assert.deepEqual(error.facts.others, ['simd16', 'simd8']);
  });
});

describe('the remembered measurement', () => {
  const folderOf = (t: TestContext) => temporaryFolder(t);

  it('is taken by the next process in place of its own', (t) => {
    const folder = folderOf(t);
    const first = choose(undefined, folder);
    assert.equal(readMeasured(folder)?.build, first.name);
    writeMeasured(folder, { build: 'simd8', gigaflops: 12.5 }); // what no measurement chooses here
    assert.deepEqual(choose(undefined, folder), { name: 'simd8', gigaflops: 12.5 });
  });

  it('is made anew where it is damaged, or what it names does not run', (t) => {
    const folder = folderOf(t);
    mkdirSync(path.dirname(cacheFile(folder)), { recursive: true });
    for (const damaged of ['', '{"build":"relaxed1', '{"build":"avx","gigaflops":1}', 'null', '[]']) {
      writeFileSync(cacheFile(folder), damaged);
      assert.equal(readMeasured(folder), undefined, damaged);
    }
    assert.match(choose(undefined, folder).name!, /^relaxed/);
    writeMeasured(folder, { build: 'relaxed8', gigaflops: 99 });
    assert.match(choose(undefined, folder, WITHOUT_RELAXED).name!, /^simd/);
  });

  it('is of one runtime, processor and set of kernels', (t) => {
    const folder = folderOf(t);
    writeMeasured(folder, { build: 'simd16', gigaflops: 3 });
    const written = JSON.parse(readFileSync(cacheFile(folder), 'utf8'));
    assert.equal(written.node, process.versions.node);
    assert.equal(written.v8, process.versions.v8);
    assert.match(written.kernels, /^[0-9a-f]{64}$/);
    assert.ok(written.processor.length > 0);
  });

  it('is done without where the folder cannot be written', (t) => {
    const file = path.join(folderOf(t), 'file');
    writeFileSync(file, '');
    assert.match(choose(undefined, file).name!, /^relaxed/);
  });
});
