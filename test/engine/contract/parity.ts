/** Two engines side by side. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Engine } from '../../../src/engine/engine.ts';
import { CELLS } from '../../../src/model/network.ts';
import {
  assertClose,
  createTraining,
  type MakeEngine,
  randomBatch,
  relativeDistance,
  smallNetwork,
} from './fixtures.ts';

/** Loss and gradients to 1e-4, the weights after ten Adam steps to 1e-3. */
export function testParity(name: string, makeEngine: MakeEngine, makeOther: MakeEngine): void {
  describe(`engine ${name} beside another`, () => {
    let engines: Engine[];
    before(async () => {
      engines = [await makeEngine(), await makeOther()];
    });
    for (const cell of CELLS) {
      it(`has the same losses, gradients and weights: ${cell}`, async (t) => {
        const spec = smallNetwork({ cell, rnnSize: 40, vocabularySize: 60, tied: cell === 'gru' });
        const options = { batchSize: 6, seqLength: 10, clipping: { by: 'norm', limit: 0.5 } } as const;
        const [one, other] = await Promise.all(
          engines.map((engine) => createTraining(t, engine, spec, options)),
        );
        const batch = randomBatch(spec, options, 1, 0.1);
        const expected = other!.gradients(batch);
        const { loss, gradients } = one!.gradients(batch);
        assertClose(loss, expected.loss, 1e-4 * expected.loss, 'loss');
        for (const [name, gradient] of gradients) {
          const distance = relativeDistance(gradient, expected.gradients.get(name)!);
          assert.ok(distance < 1e-4, `${name}: relative distance ${distance}`);
        }
        for (let step = 0; step < 10; step++) {
          const next = randomBatch(spec, options, step, 0.1);
          const { loss } = other!.step(next, 0.01);
          assertClose(one!.step(next, 0.01).loss, loss, 1e-3 * loss, `loss of step ${step}`);
        }
        const weights = one!.readWeights();
        for (const [name, values] of other!.readWeights()) {
          const distance = relativeDistance(weights.get(name)!, values);
          assert.ok(distance < 1e-3, `${name}: relative distance ${distance} after ten steps`);
        }
      });
    }
  });
}
