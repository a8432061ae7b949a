/** What a training stepper carries, and that it can be read, written and continued. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Batch, Engine, Optimizer, TrainingStepper } from '../../../src/engine/engine.ts';
import { CELLS, hasCellState, initialWeights, type NetworkSpec } from '../../../src/model/network.ts';
import {
  ADAM,
  assertAllClose,
  assertClose,
  createTraining,
  randomBatch,
  randomNumbers,
  smallNetwork,
  snapshot,
  trainingOptions,
} from './fixtures.ts';

const OPTIMIZERS: Record<(typeof CELLS)[number], Optimizer> = {
  lstm: ADAM,
  gru: { ...ADAM, name: 'adamw', weightDecay: 0.1 },
  rnn: { ...ADAM, name: 'rmsprop' },
};

export function testState(engine: () => Engine): void {
  for (const cell of CELLS) {
    it(`reads a long ${cell} sequence in parts as in one`, async (t) => {
      const spec = smallNetwork({ cell });
      const whole = await createTraining(t, engine(), spec, { seqLength: 8 });
      const parts = await createTraining(t, engine(), spec, { seqLength: 4 });
      const batch = randomBatch(spec, whole, 2);
      const half = batch.inputs.length / 2;
      const first = parts.evaluate(slice(batch, 0, half)).loss;
      const second = parts.evaluate(slice(batch, half, 2 * half)).loss;
      assertClose((first + second) / 2, whole.evaluate(batch).loss, 1e-6, 'loss');
      assertAllClose(parts.readState(), whole.readState(), 1e-6, 'state');
    });
  }

  it('zeroes the carried state of fresh rows alone', async (t) => {
    const spec = smallNetwork();
    const carried = await createTraining(t, engine(), spec);
    const expected = await createTraining(t, engine(), spec);
    const state = randomNumbers(carried.readState().length, 1, 0.9);
    carried.writeState(state);
    const row = (i: number) => Math.floor(i / spec.rnnSize) % carried.batchSize;
    expected.writeState(state.map((value, i) => (row(i) === 1 ? 0 : value)));
    const batch = randomBatch(spec, carried, 4);
    const marked = { ...batch, fresh: Uint8Array.of(0, 1, 0) };
    assert.equal(carried.gradients(marked).loss, expected.gradients(batch).loss);
    assert.equal(carried.evaluate(marked).loss, expected.evaluate(batch).loss);
    assert.deepEqual(carried.readState(), expected.readState());
    assert.equal(
      carried.step(marked, 0.01).loss,
      expected.step({ ...batch, fresh: marked.fresh }, 0.01).loss,
    );
  });

  it('starts from zero, and is there again after a reset', async (t) => {
    const spec = smallNetwork({ cell: 'gru' });
    const stepper = await createTraining(t, engine(), spec);
    const zeros = new Float32Array(
      spec.numLayers * (hasCellState(spec.cell) ? 2 : 1) * stepper.batchSize * spec.rnnSize,
    );
    assert.deepEqual(stepper.readState(), zeros);
    const batch = randomBatch(spec, stepper, 4);
    const { loss } = stepper.evaluate(batch);
    assert.notDeepEqual(stepper.readState(), zeros);
    stepper.resetState();
    assert.deepEqual(stepper.readState(), zeros);
    assert.equal(stepper.evaluate(batch).loss, loss);
  });

  it('evaluates to the loss that a step without dropout reports', async (t) => {
    const spec = smallNetwork();
    const stepper = await createTraining(t, engine(), spec);
    const batch = randomBatch(spec, stepper, 4, 0.3);
    const evaluated = stepper.evaluate(batch);
    stepper.resetState();
    const stepped = stepper.step(batch, 0.01);
    assertClose(stepped.loss, evaluated.loss, 1e-6, 'loss');
    assert.equal(stepped.count, evaluated.count);
  });

  it('changes nothing in `gradients`, and no weight in `evaluate`', async (t) => {
    const spec = smallNetwork({ dropout: 0.3 });
    const stepper = await createTraining(t, engine(), spec);
    stepper.step(randomBatch(spec, stepper, 1), 0.01);
    const before = snapshot(stepper);
    const batch = { ...randomBatch(spec, stepper, 2), fresh: Uint8Array.of(1, 1, 1) };
    stepper.gradients(batch);
    assert.deepEqual(snapshot(stepper), before);
    stepper.evaluate(batch);
    assert.deepEqual({ ...snapshot(stepper), state: before.state }, before);
  });

  it('hands out copies', async (t) => {
    const spec = smallNetwork();
    const stepper = await createTraining(t, engine(), spec);
    stepper.step(randomBatch(spec, stepper, 1), 0.01);
    const taken = snapshot(stepper);
    for (const values of [...taken.weights.values(), ...taken.optimizer.moments.values(), taken.state])
      values.fill(9);
    const again = snapshot(stepper);
    for (const values of [...again.weights.values(), ...again.optimizer.moments.values(), again.state]) {
      assert.ok(!values.includes(9));
    }
  });

  for (const cell of CELLS) {
    it(`continues to the bit from what was read: ${cell} with ${OPTIMIZERS[cell].name} and dropout`, async (t) => {
      const spec = smallNetwork({ cell, dropout: 0.25, tied: cell === 'gru' });
      const options = { optimizer: OPTIMIZERS[cell], clipping: { by: 'norm', limit: 0.2 } } as const;
      const first = await createTraining(t, engine(), spec, options);
      train(first, spec, [1, 2, 3]);
      const second = await createTraining(t, engine(), spec, options, initialWeights(spec, 77));
      second.writeWeights(first.readWeights());
      second.writeOptimizer(first.readOptimizer());
      second.writeState(first.readState());
      assert.deepEqual(snapshot(second), snapshot(first));
      assert.deepEqual(train(second, spec, [4, 5]), train(first, spec, [4, 5]));
      assert.deepEqual(snapshot(second), snapshot(first));
    });
  }

  it('keeps steppers apart from one another', async (t) => {
    const spec = smallNetwork();
    const alone = await createTraining(t, engine(), spec);
    const first = await createTraining(t, engine(), spec);
    const gru = smallNetwork({ cell: 'gru' });
    const options = trainingOptions({ batchSize: 2, seqLength: 3 });
    const other = await engine().createTraining(gru, initialWeights(gru, 1), options);
    for (let seed = 0; seed < 3; seed++) {
      if (seed < 2) other.step(randomBatch(gru, other, seed), 0.01);
      else await other.close();
      const batch = randomBatch(spec, alone, seed);
      assert.deepEqual(first.step(batch, 0.01), alone.step(batch, 0.01));
    }
    assert.deepEqual(snapshot(first), snapshot(alone));
  });
}

const train = (stepper: TrainingStepper, spec: NetworkSpec, seeds: number[]): number[] =>
  seeds.map((seed) => stepper.step(randomBatch(spec, stepper, seed), 0.01).loss);

const slice = ({ inputs, targets }: Batch, from: number, to: number): Batch => ({
  inputs: inputs.slice(from, to),
  targets: targets.slice(from, to),
});
