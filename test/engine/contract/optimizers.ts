/** Updates against the formulas, in double precision, from the engine's own gradients. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Engine, GradientClipping, Optimizer, TrainingStepper } from '../../../src/engine/engine.ts';
import { type NetworkSpec, tensorShapes } from '../../../src/model/network.ts';
import { trainableNames } from '../../reference/network.ts';
import { clip, jointNorm, update } from '../../reference/optimizer.ts';
import {
  ADAM,
  assertAllClose,
  assertClose,
  createTraining,
  NO_CLIPPING,
  randomBatch,
  smallNetwork,
  snapshot,
} from './fixtures.ts';

const LEARNING_RATE = 0.01;

// The epsilons are large beside the gradients: inside the square root, or before the bias correction, they would show.
const OPTIMIZERS: readonly Optimizer[] = [
  { ...ADAM, beta1: 0.8, beta2: 0.95, epsilon: 1e-3 },
  { name: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weightDecay: 0.3 },
  { name: 'rmsprop', beta1: 0, beta2: 0.9, epsilon: 1e-3, weightDecay: 0 },
];
const CLIPPINGS: readonly GradientClipping[] = [
  NO_CLIPPING,
  { by: 'norm', limit: 0.05 },
  { by: 'norm', limit: 1000 },
  { by: 'value', limit: 0.004 },
];

export function testOptimizers(engine: () => Engine): void {
  for (const optimizer of OPTIMIZERS) {
    for (const clipping of CLIPPINGS) {
      it(`updates as ${optimizer.name} says, clipping by ${clipping.by} to ${clipping.limit}`, async (t) => {
        const spec = smallNetwork({ cell: 'rnn', tied: clipping.by === 'value' });
        const stepper = await createTraining(t, engine(), spec, { optimizer, clipping });
        for (let step = 1; step <= 3; step++) checkUpdate(spec, stepper, optimizer, clipping, step);
      });
    }
  }

  it('leaves weights, moments and step count alone when the loss is not finite', async (t) => {
    const spec = smallNetwork();
    const stepper = await createTraining(t, engine(), spec);
    const batch = randomBatch(spec, stepper, 1);
    stepper.step(batch, LEARNING_RATE);
    const weights = stepper.readWeights();
    weights.get('output.bias')![4] = Number.NaN;
    stepper.writeWeights(weights);
    const { state: _, ...before } = snapshot(stepper);
    assert.ok(!Number.isFinite(stepper.step(batch, LEARNING_RATE).loss));
    const { state: __, ...after } = snapshot(stepper);
    assert.deepEqual(after, before);
  });
}

function checkUpdate(
  spec: NetworkSpec,
  stepper: TrainingStepper,
  optimizer: Optimizer,
  clipping: GradientClipping,
  step: number,
): void {
  const batch = randomBatch(spec, stepper, step);
  const before = snapshot(stepper);
  const raw = stepper.gradients(batch).gradients;
  const gradients = new Map(trainableNames(spec).map((name) => [name, Float64Array.from(raw.get(name)!)]));
  const norm = jointNorm(gradients.values());
  clip(gradients.values(), norm, clipping);

  assertClose(stepper.step(batch, LEARNING_RATE).gradientNorm, norm, 1e-5 * norm, 'gradient norm');

  const after = snapshot(stepper);
  assert.equal(after.optimizer.step, step);
  const kinds = optimizer.name === 'rmsprop' ? (['v'] as const) : (['m', 'v'] as const);
  assert.deepEqual(
    [...after.optimizer.moments.keys()].sort(),
    trainableNames(spec)
      .flatMap((name) => kinds.map((kind) => `${kind}.${name}`))
      .sort(),
  );
  for (const [name, gradient] of gradients) {
    const weights = Float64Array.from(before.weights.get(name)!);
    const moment = (kind: string) => Float64Array.from(before.optimizer.moments.get(`${kind}.${name}`)!);
    const moments = optimizer.name === 'rmsprop' ? { v: moment('v') } : { m: moment('m'), v: moment('v') };
    const decays = tensorShapes(spec).get(name)!.length === 2;
    update({ weights, gradient, ...moments, decays }, optimizer, step, LEARNING_RATE);
    assertAllClose(after.weights.get(name)!, weights, 1e-6, name);
    for (const [kind, values] of Object.entries(moments)) {
      assertAllClose(after.optimizer.moments.get(`${kind}.${name}`)!, values, 1e-7, `${kind}.${name}`);
    }
  }
  if (spec.tied) assert.deepEqual(after.weights.get('output.weight'), after.weights.get('embedding.weight'));
}
