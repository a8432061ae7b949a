import assert from 'node:assert/strict';
import test from 'node:test';
import { getHeapStatistics } from 'node:v8';
import { UserError } from '../../src/errors.ts';
import { initialWeights, type NetworkSpec } from '../../src/model/network.ts';
import { assertFitsMemory, heapLimit, trainingBytes } from '../../src/training/memory.ts';
import { clippingOf, DEFAULTS, optimizerOf } from '../../src/training/settings.ts';
import { testEngine } from './fixtures/runs.ts';

const spec = (numLayers: number, rnnSize: number): NetworkSpec => ({
  cell: 'lstm',
  numLayers,
  rnnSize,
  embeddingSize: rnnSize,
  vocabularySize: 500,
  dropout: 0,
  tied: false,
});

test('the estimate is near what the engine takes', async () => {
  for (const [layers, size, batchSize, seqLength] of [
    [1, 64, 8, 16],
    [3, 96, 32, 32],
  ] as const) {
    const network = spec(layers, size);
    const stepper = await (await testEngine()).createTraining(network, initialWeights(network, 1), {
      batchSize,
      seqLength,
      optimizer: optimizerOf(DEFAULTS),
      clipping: clippingOf(DEFAULTS),
      seed: 1,
    });
    const ratio = stepper.memoryBytes / trainingBytes(network, { batchSize, seqLength });
    await stepper.close();
    assert.ok(ratio > 0.5 && ratio < 2, `engine / estimate = ${ratio}`);
  }
});

test('what does not fit is refused with what to lower', () => {
  const options = { batchSize: 32, seqLength: 64 };
  assertFitsMemory(spec(2, 256), options, 2 ** 30);
  assert.throws(
    () => assertFitsMemory(spec(8, 4096), options, 2 ** 30),
    (error: unknown) => error instanceof UserError && /1024 MiB.*--batch-size/.test(error.message),
  );
});

test('the heap is bounded by the text, and by what the machine gives', () => {
  const plenty = 2 ** 40;
  assert.equal(heapLimit(16 * 2 ** 20, plenty), 512 + 64 * 16);
  assert.equal(heapLimit(16 * 2 ** 20, 2 ** 30), 1024);
  assert.ok(heapLimit(2 ** 30) * 2 ** 20 <= getHeapStatistics().heap_size_limit);
});
