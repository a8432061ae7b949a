/** Networks, batches and comparisons that the parts of the engine contract share. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type {
  Batch,
  Engine,
  GradientClipping,
  Optimizer,
  TrainingOptions,
  TrainingStepper,
} from '../../../src/engine/engine.ts';
import { initialWeights, type NetworkSpec, type Weights } from '../../../src/model/network.ts';
import { Random } from '../../../src/random.ts';

export type MakeEngine = () => Engine | Promise<Engine>;

export const ADAM: Optimizer = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };
export const NO_CLIPPING: GradientClipping = { by: 'norm', limit: 0 };

/** A small network; what the test is about is given. */
export function smallNetwork(given: Partial<NetworkSpec> = {}): NetworkSpec {
  const rnnSize = given.rnnSize ?? 12;
  const embeddingSize = given.tied ? rnnSize : 9;
  return {
    cell: 'lstm',
    numLayers: 2,
    rnnSize,
    embeddingSize,
    vocabularySize: 19,
    dropout: 0,
    tied: false,
    ...given,
  };
}

export function trainingOptions(given: Partial<TrainingOptions> = {}): TrainingOptions {
  return { batchSize: 3, seqLength: 5, optimizer: ADAM, clipping: NO_CLIPPING, seed: 11, ...given };
}

/** A training stepper that closes when the test ends. */
export async function createTraining(
  t: TestContext,
  engine: Engine,
  spec: NetworkSpec,
  options: Partial<TrainingOptions> = {},
  weights: Weights = initialWeights(spec, 5),
): Promise<TrainingStepper> {
  const stepper = await engine.createTraining(spec, weights, trainingOptions(options));
  t.after(() => stepper.close());
  return stepper;
}

/** Random ids; a share `masked` of the targets is negative. */
export function randomBatch(
  spec: NetworkSpec,
  { batchSize, seqLength }: { readonly batchSize: number; readonly seqLength: number },
  seed: number,
  masked = 0,
): Batch {
  const random = new Random(seed);
  const ids = () =>
    Int32Array.from({ length: batchSize * seqLength }, () => random.below(spec.vocabularySize));
  const targets = ids().map((id, i) => (i > 0 && random.uniform() < masked ? -1 - (id % 3) : id));
  return { inputs: ids(), targets };
}

/** Numbers in [-scale, scale). */
export function randomNumbers(length: number, seed: number, scale: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => (2 * random.uniform() - 1) * scale);
}

/** Everything that a training stepper keeps, for "nothing has changed". */
export const snapshot = (stepper: TrainingStepper) => ({
  weights: stepper.readWeights(),
  optimizer: stepper.readOptimizer(),
  state: stepper.readState(),
});

/** L2 norm of the difference over that of `expected`. */
export function relativeDistance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(actual.length, expected.length);
  let [difference, norm] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}

export function assertClose(actual: number, expected: number, tolerance: number, what: string): void {
  const difference = Math.abs(actual - expected);
  assert.ok(difference <= tolerance, `${what}: ${actual} instead of ${expected}`);
}

export function assertAllClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < expected.length; i++) assertClose(actual[i]!, expected[i]!, tolerance, `${what}[${i}]`);
}
