/** Input that no engine may read past. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Engine, TrainingStepper } from '../../../src/engine/engine.ts';
import { initialWeights, type Weights } from '../../../src/model/network.ts';
import { createTraining, randomBatch, smallNetwork, snapshot } from './fixtures.ts';

const spec = smallNetwork();
const V = spec.vocabularySize;

const withFirst = (ids: Int32Array, id: number) => ids.map((other, i) => (i === 0 ? id : other));
const shorter = (weights: Weights, name: string) => new Map(weights).set(name, weights.get(name)!.slice(1));
const without = (weights: Weights, name: string) => new Map([...weights].filter(([other]) => other !== name));

/** Each must throw a RangeError. */
const MISTAKES: Record<string, (stepper: TrainingStepper) => void> = {
  'an input id of V': (s) => feed(s, ({ inputs }) => ({ inputs: withFirst(inputs, V) })),
  'a negative input id': (s) => feed(s, ({ inputs }) => ({ inputs: withFirst(inputs, -1) })),
  'a target id of V': (s) => feed(s, ({ targets }) => ({ targets: withFirst(targets, V) })),
  'too few inputs': (s) => feed(s, ({ inputs }) => ({ inputs: inputs.slice(1) })),
  'too many targets': (s) => feed(s, ({ targets }) => ({ targets: Int32Array.of(...targets, 1) })),
  'a wrong number of fresh marks': (s) => feed(s, () => ({ fresh: new Uint8Array(2) })),
  'a short state': (s) => s.writeState(new Float32Array(3)),
  'a short tensor': (s) => s.writeWeights(shorter(s.readWeights(), 'output.weight')),
  'a missing tensor': (s) => s.writeWeights(without(s.readWeights(), 'rnn.weight_hh_l1')),
  'a short moment': (s) => {
    const { step, moments } = s.readOptimizer();
    s.writeOptimizer({
      step: step + 1,
      moments: shorter(moments, 'v.rnn.bias_hh_l0') as Map<string, Float32Array>,
    });
  },
  'a missing moment': (s) => {
    const { step, moments } = s.readOptimizer();
    s.writeOptimizer({
      step: step + 1,
      moments: without(moments, 'm.output.bias') as Map<string, Float32Array>,
    });
  },
};

type Change = (batch: { inputs: Int32Array; targets: Int32Array }) => object;

function feed(stepper: TrainingStepper, change: Change): void {
  const batch = randomBatch(spec, stepper, 1);
  const wrong = { ...batch, ...change(batch) };
  assert.throws(() => stepper.evaluate(wrong), RangeError);
  assert.throws(() => stepper.gradients(wrong), RangeError);
  stepper.step(wrong, 0.01);
}

export function testRejections(engine: () => Engine): void {
  for (const [title, mistake] of Object.entries(MISTAKES)) {
    it(`rejects ${title} and changes nothing`, async (t) => {
      const stepper = await createTraining(t, engine(), spec);
      stepper.step(randomBatch(spec, stepper, 2), 0.01);
      const before = snapshot(stepper);
      assert.throws(() => mistake(stepper), RangeError);
      assert.deepEqual(snapshot(stepper), before);
    });
  }

  it('rejects slots and tokens that are not there', async (t) => {
    const stepper = await engine().createSampling(spec, initialWeights(spec, 1), { slots: 2 });
    t.after(() => stepper.close());
    const feedSlot = (slot: number, token: number) =>
      stepper.step(Int32Array.of(slot), Int32Array.of(token), 1);
    feedSlot(1, 5);
    const before = stepper.readState(1);
    const mistakes = [
      () => feedSlot(2, 5),
      () => feedSlot(-1, 5),
      () => feedSlot(1, V),
      () => feedSlot(1, -1),
      () => stepper.step(Int32Array.of(1, 0), Int32Array.of(5, V), 2),
      () => stepper.step(Int32Array.of(1), Int32Array.of(5), 2),
      () => stepper.step(Int32Array.of(1, 1), Int32Array.of(5, 5), 2),
      () => stepper.reset(2),
      () => stepper.readState(2),
      () => stepper.writeState(1, new Float32Array(3)),
    ];
    for (const mistake of mistakes) assert.throws(mistake, RangeError, mistake.toString());
    assert.deepEqual(stepper.readState(1), before);
  });
}
