/**
 * The engine contract as a suite: every engine's test file calls `testEngine`, and an engine that has
 * another beside it `testParity`.
 */
import { before, describe } from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import { testDropout } from './contract/dropout.ts';
import type { MakeEngine } from './contract/fixtures.ts';
import { testGradients } from './contract/gradients.ts';
import { testOptimizers } from './contract/optimizers.ts';
import { testRejections } from './contract/rejections.ts';
import { testSampling } from './contract/sampling.ts';
import { testState } from './contract/state.ts';

export { testParity } from './contract/parity.ts';

const PARTS = {
  gradients: testGradients,
  optimizers: testOptimizers,
  state: testState,
  dropout: testDropout,
  rejections: testRejections,
  sampling: testSampling,
};

export function testEngine(name: string, makeEngine: MakeEngine): void {
  describe(`engine ${name}`, () => {
    let engine: Engine;
    before(async () => {
      engine = await makeEngine();
    });
    for (const [part, test] of Object.entries(PARTS)) describe(part, () => test(() => engine));
  });
}
