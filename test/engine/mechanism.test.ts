/** What makes the wasm engine fast, held by counts instead of times. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileBuild, createMemory, instantiate, type Kernels } from '../../src/engine/wasm/kernels.ts';
import { packWeights } from '../../src/engine/wasm/parameters.ts';
import { planTraining } from '../../src/engine/wasm/plan.ts';
import { WasmSampling } from '../../src/engine/wasm/sampling.ts';
import { COMMAND, Control, runCommand } from '../../src/engine/wasm/thread.ts';
import { CELLS, initialWeights, type NetworkSpec, parameterCount } from '../../src/model/network.ts';

const SPEC: NetworkSpec = {
  cell: 'lstm',
  numLayers: 3,
  rnnSize: 32,
  embeddingSize: 16,
  vocabularySize: 50,
  dropout: 0,
  tied: false,
};
const T = 12;
const B = 4;

/** The calls of each kernel in one training step on one thread. */
function countCalls(spec: NetworkSpec): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of recordCalls(spec)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Runs one training step on one thread, on a batch of the same character everywhere. */
function recordCalls(spec: NetworkSpec): { name: string; values: readonly number[] }[] {
  const plan = planTraining({
    spec,
    batchSize: B,
    seqLength: T,
    threads: 1,
    firstMoment: true,
    recurrentDropout: 0,
  });
  const memory = createMemory(plan.bytes);
  const calls: { name: string; values: readonly number[] }[] = [];
  const kernels = new Proxy(
    { ...instantiate(compileBuild('simd8'), memory) },
    {
      get(target, name: keyof Kernels & string) {
        const kernel = target[name] as (...values: number[]) => number;
        return (...values: number[]) => {
          calls.push({ name, values });
          return kernel(...values);
        };
      },
    },
  );
  packWeights(
    plan.parameters,
    initialWeights(spec, 1),
    new Float32Array(memory.buffer, plan.weights, plan.parameters.bytes / 4),
  );
  const control = new Control(memory, 1);
  control.post({
    command: COMMAND.step,
    dropoutKey: 0,
    step: 1,
    count: T * B,
    characters: 1,
    learningRate: 0.001,
  });
  runCommand(kernels, control, {
    plan,
    thread: 0,
    optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    clipping: { by: 'norm', limit: 1 },
  });
  return calls;
}

describe('a training step', () => {
  it('meets at five barriers, however long the sequence and many the layers', () => {
    assert.equal(countCalls(SPEC).get('barrier'), 5);
    assert.equal(countCalls({ ...SPEC, numLayers: 1 }).get('barrier'), 5);
  });

  it('embeds and projects each different character once', () => {
    const calls = recordCalls(SPEC);
    const DIFFERENT = 1; // the batch is of one character
    assert.deepEqual(
      calls.filter(({ name }) => name === 'gatherRows').map(({ values }) => values[0]),
      [DIFFERENT],
    );
    assert.equal(calls.find(({ name }) => name === 'product')!.values[0], DIFFERENT);
    assert.equal(calls.find(({ name }) => name === 'gradientProduct')!.values[0], DIFFERENT);
  });

  it('multiplies the inputs of all time steps at once, the recurrent state once a time step', () => {
    const calls = countCalls(SPEC).get('product')!;
    const forward = SPEC.numLayers * (1 + T) + 1;
    // four gates a recurrent product; 8 + 4 panels of gates and logits fit one part each
    const backward = SPEC.numLayers * (1 + 4 * (T - 1)) + 1;
    assert.equal(calls, forward + backward);
  });

  it('makes each weight gradient in pieces of a gate, over all time steps at once', () => {
    const gates = 4;
    assert.equal(countCalls(SPEC).get('gradientProduct'), 2 * SPEC.numLayers * gates + 1);
  });

  it('runs no dropout where there is none', () => {
    assert.equal(countCalls(SPEC).get('dropoutRows'), undefined);
  });
});

describe('a sampling step', () => {
  const sampler = (spec: NetworkSpec, slots = 2) =>
    new WasmSampling(compileBuild('simd8'), spec, initialWeights(spec, 1), { slots, precision: 'int8' });
  const feed = (stepper: WasmSampling, ...tokens: number[]) =>
    stepper.step(
      Int32Array.from(tokens, (_, slot) => slot),
      Int32Array.from(tokens),
      tokens.length,
    );

  it('computes what depends on a token alone when it is fed first, and keeps it', () => {
    const stepper = sampler(SPEC);
    const row = 4 * SPEC.rnnSize * 4;
    const before = stepper.memoryBytes;
    feed(stepper, 3);
    assert.equal(stepper.memoryBytes - before, row);
    feed(stepper, 3, 3);
    assert.equal(stepper.memoryBytes - before, row);
    feed(stepper, 4, 4);
    assert.equal(stepper.memoryBytes - before, 2 * row);
  });

  for (const cell of CELLS) {
    it(`gives the same bits with what was kept as without (${cell})`, () => {
      const spec = { ...SPEC, cell };
      const warm = sampler(spec);
      for (let token = 0; token < 10; token++) feed(warm, token, 9 - token);
      const composed = Float32Array.from({ length: SPEC.embeddingSize }, (_, i) => Math.sin(i) / 50);
      for (const token of [4, 7, SPEC.vocabularySize, 4]) {
        const cold = sampler(spec);
        warm.reset(0);
        const [slots, tokens] = [Int32Array.of(0), Int32Array.of(token)];
        const logits = cold.step(slots, tokens, 1, [composed]);
        assert.deepEqual(warm.step(slots, tokens, 1, [composed]), logits);
        assert.ok(logits.some((logit) => logit !== logits[0]));
      }
    });
  }

  it('computes tokens beyond the memory that rows may take every time', () => {
    // Rows of 16 KiB: the last 104 of 4,200 tokens have none.
    const large = { ...SPEC, numLayers: 1, rnnSize: 1024, embeddingSize: 16, vocabularySize: 4200 };
    const stepper = sampler(large);
    const alone = [4150, 4160].map((token) => {
      stepper.reset(0);
      return feed(stepper, token).slice();
    });
    const before = stepper.memoryBytes;
    for (const slot of [0, 1]) stepper.reset(slot);
    const together = feed(stepper, 4150, 4160);
    assert.deepEqual(together.subarray(0, 4200), alone[0]);
    assert.deepEqual(together.subarray(4200), alone[1]);
    assert.notDeepEqual(alone[0], alone[1]);
    assert.equal(stepper.memoryBytes, before);
  });
});

describe('memory', () => {
  const big: NetworkSpec = { ...SPEC, rnnSize: 300, embeddingSize: 128, vocabularySize: 1209 };

  it('of sampling in 8 bits is about a byte a weight', () => {
    const sampling = new WasmSampling(compileBuild('simd8'), big, initialWeights(big, 1), {
      slots: 1,
      precision: 'int8',
    });
    const embedding = 1209 * 128 * 4;
    assert.ok(sampling.memoryBytes - embedding < 1.1 * parameterCount(big));
  });

  it('of sampling does not grow with the steps: the answer is a view of the same memory', () => {
    const sampling = new WasmSampling(compileBuild('simd8'), SPEC, initialWeights(SPEC, 1), { slots: 2 });
    const one = () => sampling.step(Int32Array.of(0, 1), Int32Array.of(3, 4), 2);
    const first = one();
    assert.equal(one().buffer, first.buffer);
    assert.equal(one().byteOffset, first.byteOffset);
  });

  it('of training holds weights, gradients and two moments once, and transposed weights', () => {
    const plan = planTraining({
      spec: big,
      batchSize: 1,
      seqLength: 1,
      threads: 1,
      firstMoment: true,
      recurrentDropout: 0,
    });
    assert.ok(plan.bytes < 5.3 * 4 * parameterCount(big));
  });
});
