/** Dropout masks: where they fall, how they scale, and what they depend on. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Batch, Engine, TrainingStepper } from '../../../src/engine/engine.ts';
import { CELLS, GATES, initialWeights, type NetworkSpec, type Weights } from '../../../src/model/network.ts';
import { type Dropout64, forward64, toFloat64 } from '../../reference/forward64.ts';
import {
  assertAllClose,
  assertClose,
  createTraining,
  randomBatch,
  relativeDistance,
  smallNetwork,
} from './fixtures.ts';

const P = 0.4;

export function testDropout(engine: () => Engine): void {
  it('drops inputs of every layer and of the output, and scales the others by 1 / (1 - p)', async (t) => {
    const spec = smallNetwork({ rnnSize: 64, embeddingSize: 64, dropout: P });
    const weights = initialWeights(spec, 5);
    const stepper = await createTraining(t, engine(), spec, { batchSize: 1, seqLength: 1 }, weights);
    const batch = { inputs: Int32Array.of(4), targets: Int32Array.of(6) };
    const state = new Float32Array(stepper.readState().length);
    let kept = 0;
    const steps = 12;
    for (let step = 0; step < steps; step++) {
      const { loss, gradients } = stepper.gradients(batch);
      const inputs = sites(spec).map((site) => inputOf(spec, site, gradients));
      kept += inputs.flat().filter((value) => value !== 0).length;
      const mask: Dropout64 = (site, _t, _row, unit) => (inputs[site]![unit] === 0 ? 0 : 1 / (1 - P));
      assertClose(loss, forward64(spec, toFloat64(spec, weights), batch, 1, state, mask).loss, 1e-5, 'loss');
      const embedding = weights.get('embedding.weight')!.slice(4 * 64, 5 * 64);
      assertAllClose(
        inputs[0]!,
        embedding.map((value, unit) => value * mask(0, 0, 0, unit)),
        1e-4,
        'embedding',
      );
      stepper.step(batch, 0);
      stepper.resetState();
    }
    const count = steps * sites(spec).length * 64;
    const deviation = Math.sqrt(P * (1 - P) * count);
    assertClose(kept, (1 - P) * count, 4 * deviation, 'numbers kept');
  });

  it('has the gradients of finite differences under its own masks', async (t) => {
    const spec = smallNetwork({ cell: 'gru', dropout: P });
    const stepper = await createTraining(t, engine(), spec);
    const batch = randomBatch(spec, stepper, 3);
    const weights = stepper.readWeights();
    for (const [name, gradient] of stepper.gradients(batch).gradients) {
      assertClose(slopeAlong(stepper, batch, weights, name, gradient), 1, 0.02, name);
    }
  });

  it('has masks that depend on seed, step and position alone', async (t) => {
    const spec = smallNetwork({ dropout: P });
    const stepper = await createTraining(t, engine(), spec);
    const twin = await createTraining(t, engine(), spec, {});
    const otherSeed = await createTraining(t, engine(), spec, { seed: 12 });
    const batch = randomBatch(spec, stepper, 3);
    const losses = [0, 1, 2].map(() => {
      const { loss } = stepper.gradients(batch);
      assert.equal(stepper.gradients(batch).loss, loss, 'the same until the next step');
      assert.equal(stepper.step(batch, 0).loss, loss, 'in a step as in its gradients');
      stepper.resetState();
      return loss;
    });
    assert.equal(new Set(losses).size, 3, 'new with each step');
    assert.notEqual(otherSeed.gradients(batch).loss, losses[0]);
    twin.writeOptimizer({ ...twin.readOptimizer(), step: 2 });
    assert.equal(twin.gradients(batch).loss, losses[2], 'found again by the step count');

    const firstRow = onlyRow(batch, stepper.batchSize, 0);
    const otherRows = { ...firstRow, inputs: firstRow.inputs.map((id, i) => (i % 3 === 0 ? id : 7)) };
    assert.equal(stepper.gradients(otherRows).loss, stepper.gradients(firstRow).loss, 'not on other rows');
  });

  it('has a mask of its own for every position', async (t) => {
    const spec = smallNetwork({ rnnSize: 32, dropout: P });
    const stepper = await createTraining(t, engine(), spec, { batchSize: 2, seqLength: 3 });
    const inputs = new Int32Array(6).fill(4);
    const patterns = [...inputs.keys()].map((position) => {
      const targets = inputs.map((_, i) => (i === position ? 6 : -1));
      const { gradients } = stepper.gradients({ inputs, targets });
      return patternOf(inputOf(spec, spec.numLayers, gradients));
    });
    assert.equal(new Set(patterns).size, 6);
  });

  it('has one mask a step for every character of the embedding', async (t) => {
    const spec = smallNetwork({ embeddingSize: 32, dropout: P });
    const stepper = await createTraining(t, engine(), spec, { batchSize: 6, seqLength: 1 });
    const characters = [4, 7, 4, 5, 7, 4];
    const patterns = characters.map((_, row) => {
      const targets = Int32Array.from(characters, (_, i) => (i === row ? 6 : -1));
      const { gradients } = stepper.gradients({ inputs: Int32Array.from(characters), targets });
      return patternOf(inputOf(spec, 0, gradients));
    });
    const first = characters.map((id) => patterns[characters.indexOf(id)]);
    assert.deepEqual(patterns, first);
    assert.equal(new Set(patterns).size, 3);
  });

  for (const cell of CELLS) {
    it(`drops recurrent weights for a whole step, forward and backward: ${cell}`, async (t) => {
      const spec = smallNetwork({ cell, rnnSize: 16, numLayers: 2 });
      const weights = initialWeights(spec, 5);
      const options = { batchSize: 3, seqLength: 4, recurrentDropout: P };
      const stepper = await createTraining(t, engine(), spec, options, weights);
      const state = new Float32Array(stepper.readState().length);
      let kept = 0;
      let count = 0;
      for (let step = 0; step < 4; step++) {
        const batch = randomBatch(spec, stepper, step);
        const { loss, gradients } = stepper.gradients(batch);
        const masked = new Map(weights);
        for (let layer = 0; layer < spec.numLayers; layer++) {
          const name = `rnn.weight_hh_l${layer}`;
          const gradient = gradients.get(name)!;
          kept += gradient.filter((value) => value !== 0).length;
          count += gradient.length;
          masked.set(
            name,
            weights.get(name)!.map((w, i) => (gradient[i] === 0 ? 0 : w / (1 - P))),
          );
        }
        assertClose(loss, forward64(spec, toFloat64(spec, masked), batch, 3, state).loss, 1e-5, 'loss');
        assert.equal(stepper.gradients(batch).loss, loss, 'the same until the next step');
        stepper.step(batch, 0);
        stepper.resetState();
      }
      assertClose(kept, (1 - P) * count, 4 * Math.sqrt(P * (1 - P) * count), 'weights kept');
    });
  }

  it('has the gradients of finite differences under masks of recurrent weights', async (t) => {
    const spec = smallNetwork();
    const stepper = await createTraining(t, engine(), spec, { recurrentDropout: P });
    const batch = randomBatch(spec, stepper, 3);
    const weights = stepper.readWeights();
    for (const name of ['rnn.weight_hh_l0', 'rnn.weight_hh_l1', 'rnn.weight_ih_l0']) {
      const gradient = stepper.gradients(batch).gradients.get(name)!;
      assertClose(slopeAlong(stepper, batch, weights, name, gradient), 1, 0.02, name);
    }
  });

  it('does not drop in `evaluate` nor in sampling', async (t) => {
    const dropped = smallNetwork({ dropout: P });
    const whole = smallNetwork();
    const one = await createTraining(t, engine(), dropped, { recurrentDropout: P });
    const other = await createTraining(t, engine(), whole);
    const batch = randomBatch(whole, one, 3);
    assert.deepEqual(one.evaluate(batch), other.evaluate(batch));
    const logits = await Promise.all(
      [dropped, whole].map(async (spec) => {
        const stepper = await engine().createSampling(spec, initialWeights(spec, 5), { slots: 1 });
        t.after(() => stepper.close());
        return stepper.step(Int32Array.of(0), Int32Array.of(4), 1).slice();
      }),
    );
    assert.equal(relativeDistance(logits[0]!, logits[1]!), 0);
  });
}

/** Slope of the loss along a gradient, by differences as wide as single precision of the loss needs, over its norm: 1. */
function slopeAlong(
  stepper: TrainingStepper,
  batch: Batch,
  weights: Weights,
  name: string,
  gradient: Float32Array,
): number {
  const norm = Math.hypot(...gradient);
  const lossAt = (length: number) => {
    const moved = weights.get(name)!.map((w, i) => w + (length * gradient[i]!) / norm);
    stepper.writeWeights(new Map(weights).set(name, moved));
    return stepper.gradients(batch).loss;
  };
  const slope = (lossAt(0.02) - lossAt(-0.02)) / (0.04 * norm);
  stepper.writeWeights(weights);
  return slope;
}

const sites = (spec: NetworkSpec): number[] => Array.from({ length: spec.numLayers + 1 }, (_, site) => site);

/**
 * What a site's matrix was multiplied with, of a batch with one loss-giving position and zero state: its
 * gradient is the outer product of the bias gradient and that input.
 */
function inputOf(spec: NetworkSpec, site: number, gradients: Map<string, Float32Array>): number[] {
  const [matrix, bias] =
    site < spec.numLayers
      ? [`rnn.weight_ih_l${site}`, `rnn.bias_ih_l${site}`]
      : ['output.weight', 'output.bias'];
  const rows = gradients.get(bias)!;
  const row = rows.reduce((best, g, i) => (Math.abs(g) > Math.abs(rows[best]!) ? i : best), 0);
  const width = site === 0 ? spec.embeddingSize : spec.rnnSize;
  assert.equal(rows.length, site < spec.numLayers ? GATES[spec.cell] * spec.rnnSize : spec.vocabularySize);
  return [...gradients.get(matrix)!.subarray(row * width, (row + 1) * width)].map((g) => g / rows[row]!);
}

const patternOf = (values: readonly number[]): string =>
  values.map((value) => (value === 0 ? '0' : '1')).join('');

const onlyRow = ({ inputs, targets }: Batch, batchSize: number, row: number): Batch => ({
  inputs,
  targets: targets.map((id, i) => (i % batchSize === row ? id : -1)),
});
