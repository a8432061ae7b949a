/** The sampling stepper: the training network's logits, and each slot for itself. */
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import type { Engine, SamplingOptions, SamplingStepper } from '../../../src/engine/engine.ts';
import { CELLS, hasCellState, initialWeights, type NetworkSpec } from '../../../src/model/network.ts';
import { Random } from '../../../src/random.ts';
import { forward64, toFloat64 } from '../../reference/forward64.ts';
import { assertAllClose, assertClose, createTraining, smallNetwork } from './fixtures.ts';

const LENGTH = 9;
const SLOTS = 5;

type Precision = NonNullable<SamplingOptions['precision']>;
const PRECISIONS: readonly Precision[] = ['float32', 'int8'];

export function testSampling(engine: () => Engine): void {
  for (const cell of CELLS) {
    // Sizes that are no multiple of a vector register.
    const spec = smallNetwork({ cell, numLayers: 3, rnnSize: 19, tied: cell === 'rnn' });

    it(`samples from the logits that training sees: ${cell}`, async (t) => {
      const sampling = await createSampling(t, engine(), spec, 'float32');
      const training = await createTraining(t, engine(), spec, { batchSize: 1, seqLength: LENGTH });
      const inputs = text(spec, 1);
      const targets = text(spec, 2);
      const zeros = new Float32Array(training.readState().length);
      const exact = forward64(spec, toFloat64(spec, initialWeights(spec, 5)), { inputs, targets }, 1, zeros);
      const logits = alone(sampling, 0, inputs);
      assertAllClose(logits.flat(), exact.logits, 1e-4, 'logits');
      const loss = meanLoss(logits, targets);
      assertClose(training.evaluate({ inputs, targets }).loss, loss, 1e-5, 'loss');
      assertAllClose(sampling.readState(0), training.readState(), 1e-5, 'state');
    });

    it(`stays within 0.01 nats per character when it may round: ${cell}`, async (t) => {
      const [inputs, targets] = [text(spec, 1), text(spec, 2)];
      const [exact, rounded] = await Promise.all(
        PRECISIONS.map(async (precision) => {
          const stepper = await createSampling(t, engine(), spec, precision);
          return meanLoss(alone(stepper, 0, inputs), targets);
        }),
      );
      assertClose(rounded!, exact!, 0.01, 'loss');
    });

    for (const precision of PRECISIONS) testSlots(engine, spec, precision);
  }
}

/** What a slot gives depends on its own characters alone. */
function testSlots(engine: () => Engine, spec: NetworkSpec, precision: Precision): void {
  const title = `${spec.cell}, ${precision}`;

  it(`gives a slot the same bits whoever is beside it: ${title}`, async (t) => {
    const stepper = await createSampling(t, engine(), spec, precision);
    const texts = Array.from({ length: SLOTS }, (_, slot) => text(spec, slot + 1));
    const expected = texts.map((ids) => {
      stepper.reset(0);
      return alone(stepper, 0, ids);
    });
    for (let slot = 0; slot < SLOTS; slot++) stepper.reset(slot);
    const random = new Random(3);
    const fed = texts.map(() => 0);
    while (fed.some((n) => n < LENGTH)) {
      const waiting = random.shuffle(fed.flatMap((n, slot) => (n < LENGTH ? [slot] : [])));
      const chosen = waiting.slice(0, 1 + random.below(waiting.length));
      // Longer arrays than the count, as a caller that reuses them has.
      const slots = Int32Array.of(...chosen, 99);
      const tokens = Int32Array.of(...chosen.map((slot) => texts[slot]![fed[slot]!]!), 99);
      const logits = stepper.step(slots, tokens, chosen.length);
      chosen.forEach((slot, i) => {
        const row = [...logits.subarray(i * spec.vocabularySize, (i + 1) * spec.vocabularySize)];
        assert.deepEqual(row, expected[slot]![fed[slot]!], `slot ${slot}, character ${fed[slot]}`);
        fed[slot] = fed[slot]! + 1;
      });
    }
  });

  it(`takes an embedding in place of a token, beside others: ${title}`, async (t) => {
    const stepper = await createSampling(t, engine(), spec, precision);
    const embedding = initialWeights(spec, 5).get('embedding.weight')!;
    const rowOf = (id: number) => embedding.slice(id * spec.embeddingSize, (id + 1) * spec.embeddingSize);
    const [a, b, V] = [text(spec, 1), text(spec, 2), spec.vocabularySize];
    const expected = [a, b].map((ids, slot) => alone(stepper, slot, ids));
    for (const slot of [2, 3]) stepper.reset(slot);
    for (let i = 0; i < LENGTH; i++) {
      // By turns: the other's as a token, as an embedding of its own, as the second of two.
      const inputs = [rowOf(a[i]!), rowOf(b[i]!)];
      const tokens = Int32Array.of(V, [b[i]!, V + 1][i % 2]!);
      const logits = stepper.step(Int32Array.of(2, 3), tokens, 2, inputs);
      assert.deepEqual([...logits.subarray(0, V)], expected[0]![i]);
      assert.deepEqual([...logits.subarray(V, 2 * V)], expected[1]![i]);
    }
    const step = (token: number, ...inputs: Float32Array[]) =>
      stepper.step(Int32Array.of(2), Int32Array.of(token), 1, inputs);
    assert.throws(() => step(V), RangeError);
    assert.throws(() => step(V + 1, rowOf(2)), RangeError);
    assert.throws(() => step(V, rowOf(2).subarray(1)), RangeError);
  });

  it(`goes on from a state that was read: ${title}`, async (t) => {
    const stepper = await createSampling(t, engine(), spec, precision);
    const [before, after] = [text(spec, 1), text(spec, 2)];
    alone(stepper, 1, before);
    const state = stepper.readState(1);
    assert.equal(state.length, spec.numLayers * (hasCellState(spec.cell) ? 2 : 1) * spec.rnnSize);
    alone(stepper, 3, after);
    stepper.writeState(3, state);
    assert.deepEqual(stepper.readState(3), state);
    assert.deepEqual(alone(stepper, 3, after), alone(stepper, 1, after));
    assert.notDeepEqual(stepper.readState(1), state, 'the state read is a copy');
  });
}

async function createSampling(
  t: TestContext,
  engine: Engine,
  spec: NetworkSpec,
  precision: Precision,
): Promise<SamplingStepper> {
  const stepper = await engine.createSampling(spec, initialWeights(spec, 5), { slots: SLOTS, precision });
  t.after(() => stepper.close());
  assert.equal(stepper.slots, SLOTS);
  assert.equal(stepper.vocabularySize, spec.vocabularySize);
  return stepper;
}

function text(spec: NetworkSpec, seed: number): Int32Array {
  const random = new Random(seed);
  return Int32Array.from({ length: LENGTH }, () => random.below(spec.vocabularySize));
}

/** Feeds one slot alone; logits by character. */
const alone = (stepper: SamplingStepper, slot: number, ids: Int32Array): number[][] =>
  [...ids].map((id) => [...stepper.step(Int32Array.of(slot), Int32Array.of(id), 1)]);

/** Mean cross-entropy in nats. */
function meanLoss(logits: number[][], targets: Int32Array): number {
  const losses = logits.map(
    (row, i) => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[targets[i]!]!,
  );
  return losses.reduce((sum, x) => sum + x) / losses.length;
}
