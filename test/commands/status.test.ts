/** What `/status` says of the engine, in the bot as people start it. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { hasGpuDriver } from '../../src/engine/tensorflow/gpu.ts';
import { writeMeasured } from '../../src/engine/wasm/build-cache.ts';
import { runBot } from '../support/bot.ts';
import { temporaryFolder } from '../support/checkpoint.ts';

describe('/status', () => {
  const folder = temporaryFolder({ after });
  const status = async (environment: Record<string, string>) =>
    (await runBot(folder, '/status\n', { VAR_DIR: folder, ...environment })).stdout;

  it('names the engine, what trains and sings, threads, and why the other engine does not run', {
    skip: hasGpuDriver() && 'there is a GPU',
  }, async () => {
    const english = await status({ LOCALE: 'en', THREADS: '3' });
    assert.match(english, /wasm \(WebAssembly, CPU\)/);
    assert.match(english, /trains with: measured when the first training starts, 3 threads/);
    assert.match(english, /sings with: simd8/);
    assert.match(english, /not tensorflow: there is no GPU \(.*npm run libtensorflow, ENGINE=tensorflow\)/);
    const korean = await status({ ENGINE: 'wasm' });
    assert.match(korean, /엔진\n {2}wasm \(WebAssembly, CPU\)/);
    assert.match(korean, /tensorflow을\(를\) 쓰지 않는 까닭: 설정\(ENGINE\)이 정했습니다/);
  });

  it('knows the build that a training has measured before, or that was forced', async () => {
    writeMeasured(folder, { build: 'relaxed8', gigaflops: 40 });
    assert.match(await status({ LOCALE: 'en' }), /trains with: relaxed8, /);
    assert.match(await status({ LOCALE: 'en', KERNELS: 'simd16' }), /trains with: simd16, /);
  });
});
