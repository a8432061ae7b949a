import assert from 'node:assert/strict';
import { it } from 'node:test';
import { chooseEngine } from '../../src/engine/index.ts';
import { BUILD_NAMES, type BuildName } from '../../src/engine/wasm/builds.ts';
import { CELLS, initialWeights } from '../../src/model/network.ts';
import { createReferenceEngine } from '../reference/engine.ts';
import { smallNetwork } from './contract/fixtures.ts';
import { testEngine, testParity } from './contract.ts';

const makeEngine = (threads: number, build?: BuildName) => async () =>
  (await chooseEngine({ engine: 'wasm', threads, build })).engine;

for (const threads of [1, 2]) testEngine(`wasm, threads: ${threads}`, makeEngine(threads));
for (const build of BUILD_NAMES)
  testParity(`wasm, build ${build}`, makeEngine(2, build), createReferenceEngine);

for (const cell of CELLS) {
  it(`samples the same bits in every build of the kernels: ${cell}`, async (t) => {
    const spec = smallNetwork({ cell, rnnSize: 37, vocabularySize: 70 });
    for (const precision of ['float32', 'int8'] as const) {
      const logits = await Promise.all(
        BUILD_NAMES.map(async (build) => {
          const engine = await makeEngine(1, build)();
          const stepper = await engine.createSampling(spec, initialWeights(spec, 5), { slots: 1, precision });
          t.after(() => stepper.close());
          return [4, 8, 15].map((id) => [...stepper.step(Int32Array.of(0), Int32Array.of(id), 1)]);
        }),
      );
      for (const other of logits) assert.deepEqual(other, logits[0]);
    }
  });
}
