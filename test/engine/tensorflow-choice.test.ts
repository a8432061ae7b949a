/** When TensorFlow is chosen, and that it costs nothing when it is not. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { chooseEngine } from '../../src/engine/index.ts';
import { findAddon } from '../../src/engine/tensorflow/addon.ts';
import { hasGpuDriver } from '../../src/engine/tensorflow/gpu.ts';
import { UserError } from '../../src/errors.ts';

const ENGINE = new URL('../../src/engine/index.js', import.meta.url).href;
const WITHOUT_ADDON = findAddon() ? 'the addon is built' : false;
const WITH_ADDON = findAddon() ? false : 'the addon is not built: npm run libtensorflow';

/** Name, reason and the modules of TensorFlow that a fresh process has loaded after choosing. */
function chooseInProcess(choice: object): { name: string; why: string; loaded: string[] } {
  const code = `
    import { createRequire } from 'node:module';
    const { chooseEngine } = await import(${JSON.stringify(ENGINE)});
    const { engine, why } = await chooseEngine(${JSON.stringify(choice)});
    const loaded = Object.keys(createRequire(${JSON.stringify(ENGINE)}).cache).filter((file) => file.includes('@tensorflow'));
    process.stdout.write(JSON.stringify({ name: engine.name, why: why.code, loaded }));`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' }),
  );
}

describe('the choice between engines', () => {
  it('is wasm without a GPU, says why, and loads nothing of TensorFlow', {
    skip: hasGpuDriver() && 'there is a GPU',
  }, () => {
    assert.deepEqual(chooseInProcess({}), { name: 'wasm', why: 'noGpu', loaded: [] });
    assert.deepEqual(chooseInProcess({ gpu: 0 }), { name: 'wasm', why: 'noGpu', loaded: [] });
  });

  it('is wasm where the CPU was asked for', () => {
    assert.deepEqual(chooseInProcess({ gpu: -1 }), { name: 'wasm', why: 'gpuForbidden', loaded: [] });
  });

  it('is what was forced', { skip: WITH_ADDON }, () => {
    const { name, why, loaded } = chooseInProcess({ engine: 'tensorflow' });
    assert.equal(name, 'tensorflow');
    assert.equal(why, 'forced');
    assert.notDeepEqual(loaded, []);
  });

  it('says how to get what was forced and is not there', { skip: WITHOUT_ADDON }, async () => {
    await assert.rejects(chooseEngine({ engine: 'tensorflow' }), (error) => {
      assert.ok(error instanceof UserError && error.code === 'engineMissing');
      assert.match(error.text('ko'), /npm run setup-gpu/);
      return true;
    });
  });
});
