/** Losses and gradients against double precision. */
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import type { Batch, Engine } from '../../../src/engine/engine.ts';
import { CELLS, initialWeights, type NetworkSpec } from '../../../src/model/network.ts';
import { Random } from '../../../src/random.ts';
import { forward64, toFloat64, type Weights64 } from '../../reference/forward64.ts';
import {
  assertClose,
  createTraining,
  randomBatch,
  randomNumbers,
  smallNetwork,
  snapshot,
} from './fixtures.ts';

interface Case {
  readonly spec: NetworkSpec;
  readonly batchSize: number;
  readonly seqLength: number;
}

/** Every cell with 1 to 3 layers, tied and not, over sizes that are no multiple of a vector register. */
const CASES: readonly Case[] = CELLS.flatMap((cell, c) =>
  [1, 2, 3].flatMap((numLayers) =>
    [false, true].map((tied): Case => {
      const i = 6 * c + 2 * (numLayers - 1) + Number(tied);
      const rnnSize = [5, 16, 17, 33][i % 4]!;
      const embeddingSize = tied ? rnnSize : [3, 8, 21][i % 3]!;
      const vocabularySize = [7, 50][(i >> 2) % 2]!;
      const spec = { cell, numLayers, rnnSize, embeddingSize, vocabularySize, dropout: 0, tied };
      return { spec, batchSize: [1, 3, 7][i % 3]!, seqLength: 4 + (i % 3) };
    }),
  ),
);

const title = ({ spec, batchSize }: Case) =>
  `${spec.numLayers} x ${spec.rnnSize} ${spec.cell}${spec.tied ? ' tied' : ''}, V ${spec.vocabularySize}, B ${batchSize}`;

export function testGradients(engine: () => Engine): void {
  for (const one of CASES) {
    it(`has the gradients of finite differences: ${title(one)}`, (t) => checkGradients(t, engine(), one));
  }

  it('gives no loss, no gradient and no update without targets', async (t) => {
    const spec = smallNetwork();
    const stepper = await createTraining(t, engine(), spec);
    const batch = randomBatch(spec, stepper, 3);
    const nothing = { ...batch, targets: batch.targets.map(() => -1) };
    const { loss, gradients } = stepper.gradients(nothing);
    assert.equal(loss, 0);
    for (const [name, values] of gradients)
      assert.ok(
        values.every((g) => g === 0),
        name,
      );
    assert.deepEqual(stepper.evaluate(nothing), { loss: 0, count: 0 });
    stepper.step(batch, 0.01);
    const { state: _, ...before } = snapshot(stepper);
    assert.deepEqual(stepper.step(nothing, 0.01), { loss: 0, count: 0, gradientNorm: 0 });
    const { state: __, ...after } = snapshot(stepper);
    assert.deepEqual(after, before);
  });

  it('keeps a loss of extreme logits exact', async (t) => {
    const spec = smallNetwork({ cell: 'gru' });
    const weights = new Map([...initialWeights(spec, 5)].map(([name, w]) => [name, w.map((x) => x * 60)]));
    const stepper = await createTraining(t, engine(), spec, {}, weights);
    const batch = randomBatch(spec, stepper, 3);
    const state = new Float32Array(stepper.readState().length);
    const expected = forward64(spec, toFloat64(spec, weights), batch, stepper.batchSize, state).loss;
    assert.ok(expected > 50);
    assertClose(stepper.evaluate(batch).loss / expected, 1, 1e-4, 'loss');
  });
}

async function checkGradients(t: TestContext, engine: Engine, { spec, ...sizes }: Case): Promise<void> {
  const weights = initialWeights(spec, 5);
  const stepper = await createTraining(t, engine, spec, sizes, weights);
  const state = randomNumbers(stepper.readState().length, 7, 0.5);
  stepper.writeState(state);
  const fresh = Uint8Array.from({ length: sizes.batchSize }, (_, row) => (row === 1 ? 1 : 0));
  const batch = { ...randomBatch(spec, sizes, 3, 0.2), fresh };
  const start = state.map((value, i) => (fresh[Math.floor(i / spec.rnnSize) % sizes.batchSize] ? 0 : value));
  const weights64 = toFloat64(spec, weights);
  const lossOf = () => forward64(spec, weights64, batch, sizes.batchSize, start).loss;

  const { loss, gradients } = stepper.gradients(batch);
  assertClose(loss, lossOf(), 1e-5, 'loss');
  for (const [name, gradient] of gradients) {
    const worst = worstRelativeError(weights64, lossOf, name, gradient);
    assert.ok(worst < 1e-3, `${name}: relative error ${worst}`);
  }
  checkCounted(stepper.evaluate(batch).count, batch);
}

function checkCounted(count: number, batch: Batch): void {
  assert.equal(count, [...batch.targets].filter((id) => id >= 0).length);
}

/**
 * Central differences along some single numbers (the one of the largest gradient among them), relative to
 * the largest gradient, and along random directions through all numbers, relative to the gradient's norm:
 * a direction of +-1 in each coordinate sees an error anywhere in the tensor.
 */
function worstRelativeError(
  weights: Weights64,
  lossOf: () => number,
  name: string,
  gradient: Float32Array,
): number {
  const random = new Random(gradient.length);
  const values = weights.get(name)!;
  const slope = (direction: (i: number) => number) => {
    const original = values.slice();
    const step = 1e-5;
    values.set(original.map((value, i) => value + step * direction(i)));
    const above = lossOf();
    values.set(original.map((value, i) => value - step * direction(i)));
    const below = lossOf();
    values.set(original);
    return (above - below) / (2 * step);
  };
  const largest = gradient.reduce((best, g, i) => (Math.abs(g) > Math.abs(gradient[best]!) ? i : best), 0);
  const some = [largest, ...Array.from({ length: 4 }, () => random.below(gradient.length))];
  const single = some.map(
    (k) => Math.abs(slope((i) => (i === k ? 1 : 0)) - gradient[k]!) / Math.abs(gradient[largest]!),
  );
  const norm = Math.hypot(...gradient);
  const joint = Array.from({ length: 2 }, () => {
    const signs = gradient.map(() => (random.below(2) === 0 ? 1 : -1));
    const expected = gradient.reduce((sum, g, i) => sum + g * signs[i]!, 0);
    return Math.abs(slope((i) => signs[i]!) - expected) / norm;
  });
  return Math.max(...single, ...joint);
}
