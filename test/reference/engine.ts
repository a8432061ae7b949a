/**
 * An engine to compare others with: clear rather than fast, gradients by automatic differentiation of
 * `network.ts`. Everything is held in plain arrays between calls, so that no tensor outlives a call.
 */
import * as tf from '@tensorflow/tfjs-core';
import type {
  Batch,
  Engine,
  LossResult,
  OptimizerState,
  SamplingOptions,
  SamplingStepper,
  StepResult,
  TrainingOptions,
  TrainingStepper,
} from '../../src/engine/engine.ts';
import { elements, type NetworkSpec, tensorShapes, type Weights } from '../../src/model/network.ts';
import { Random } from '../../src/random.ts';
import {
  type Dropout,
  forward,
  fromLayerStates,
  meanCrossEntropy,
  noDropout,
  stateSize,
  toLayerStates,
  toTensors,
  trainableNames,
} from './network.ts';
import { clip, jointNorm, update } from './optimizer.ts';

export function createReferenceEngine(): Engine {
  return {
    name: 'reference',
    description: `TensorFlow.js ${tf.version_core}, plain JavaScript, for tests`,
    createTraining: async (spec, weights, options) => new ReferenceTraining(spec, weights, options),
    createSampling: async (spec, weights, options) => new ReferenceSampling(spec, weights, options),
  };
}

/** Tensor arithmetic on the cpu backend; every tensor made in it is freed. */
function onCpu<T>(work: () => T): T {
  if (tf.getBackend() !== 'cpu') tf.setBackend('cpu');
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}

function requireLength(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new RangeError(`${what}: ${actual} numbers instead of ${expected}`);
}

function requireIds(what: string, ids: Int32Array, least: number, limit: number): void {
  for (const id of ids)
    if (id < least || id >= limit) throw new RangeError(`${what}: id ${id} is not below ${limit}`);
}

function copyWeights(spec: NetworkSpec, weights: Weights): Map<string, Float32Array> {
  const copy = new Map<string, Float32Array>();
  for (const [name, shape] of tensorShapes(spec)) {
    requireLength(name, weights.get(name)?.length ?? 0, elements(shape));
    copy.set(
      name,
      spec.tied && name === 'output.weight' ? copy.get('embedding.weight')! : weights.get(name)!.slice(),
    );
  }
  return copy;
}

class ReferenceTraining implements TrainingStepper {
  readonly batchSize: number;
  readonly seqLength: number;
  readonly #spec: NetworkSpec;
  readonly #options: TrainingOptions;
  #weights: Map<string, Float32Array>;
  #state: Float32Array;
  #step = 0;
  #moments = new Map<string, Float32Array>();

  constructor(spec: NetworkSpec, weights: Weights, options: TrainingOptions) {
    this.batchSize = options.batchSize;
    this.seqLength = options.seqLength;
    this.#spec = spec;
    this.#options = options;
    this.#weights = copyWeights(spec, weights);
    this.#state = new Float32Array(stateSize(spec, options.batchSize));
    for (const name of trainableNames(spec)) {
      for (const kind of options.optimizer.name === 'rmsprop' ? ['v'] : ['m', 'v']) {
        this.#moments.set(`${kind}.${name}`, new Float32Array(this.#weights.get(name)!.length));
      }
    }
  }

  get memoryBytes(): number {
    const arrays = [...new Set(this.#weights.values()), ...this.#moments.values(), this.#state];
    return arrays.reduce((sum, array) => sum + array.byteLength, 0);
  }

  step(batch: Batch, learningRate: number): StepResult {
    this.#check(batch);
    const { loss, gradients, state } = this.#differentiate(batch);
    this.#state = state;
    const count = countTargets(batch);
    const gradientNorm = jointNorm(gradients.values());
    if (count > 0 && Number.isFinite(loss)) {
      clip(gradients.values(), gradientNorm, this.#options.clipping);
      this.#step++;
      for (const [name, gradient] of gradients) {
        const [weights, v, m] = [
          this.#weights.get(name)!,
          this.#moments.get(`v.${name}`)!,
          this.#moments.get(`m.${name}`),
        ];
        const parameter = {
          weights,
          gradient,
          v,
          decays: tensorShapes(this.#spec).get(name)!.length === 2,
          ...(m && { m }),
        };
        update(parameter, this.#options.optimizer, this.#step, learningRate);
      }
    }
    return { loss, count, gradientNorm };
  }

  evaluate(batch: Batch): LossResult {
    this.#check(batch);
    return onCpu(() => {
      const start = toLayerStates(this.#spec, this.#startState(batch), this.batchSize);
      const { logits, states } = forward(
        this.#spec,
        toTensors(this.#spec, this.#weights),
        batch.inputs,
        start,
        noDropout,
      );
      this.#state = fromLayerStates(states);
      return { loss: meanCrossEntropy(logits, batch.targets).dataSync()[0]!, count: countTargets(batch) };
    });
  }

  gradients(batch: Batch): { loss: number; gradients: Map<string, Float32Array> } {
    this.#check(batch);
    const { loss, gradients } = this.#differentiate(batch);
    if (this.#spec.tied) gradients.set('output.weight', gradients.get('embedding.weight')!.slice());
    return { loss, gradients };
  }

  readState(): Float32Array {
    return this.#state.slice();
  }

  writeState(state: Float32Array): void {
    requireLength('state', state.length, this.#state.length);
    this.#state = state.slice();
  }

  resetState(): void {
    this.#state.fill(0);
  }

  readWeights(): Map<string, Float32Array> {
    return new Map([...this.#weights].map(([name, values]) => [name, values.slice()]));
  }

  writeWeights(weights: Weights): void {
    this.#weights = copyWeights(this.#spec, weights);
  }

  readOptimizer(): OptimizerState {
    return {
      step: this.#step,
      moments: new Map([...this.#moments].map(([name, values]) => [name, values.slice()])),
    };
  }

  writeOptimizer(state: OptimizerState): void {
    if (!Number.isInteger(state.step) || state.step < 0) throw new RangeError(`optimiser step ${state.step}`);
    for (const [name, values] of this.#moments)
      requireLength(name, state.moments.get(name)?.length ?? 0, values.length);
    this.#step = state.step;
    for (const [name, values] of this.#moments) values.set(state.moments.get(name)!);
  }

  async close(): Promise<void> {}

  #check(batch: Batch): void {
    const positions = this.batchSize * this.seqLength;
    requireLength('inputs', batch.inputs.length, positions);
    requireLength('targets', batch.targets.length, positions);
    if (batch.fresh) requireLength('fresh', batch.fresh.length, this.batchSize);
    requireIds('inputs', batch.inputs, 0, this.#spec.vocabularySize);
    requireIds('targets', batch.targets, Number.NEGATIVE_INFINITY, this.#spec.vocabularySize);
  }

  /** The carried state with the batch's fresh rows at zero. */
  #startState(batch: Batch): Float32Array {
    const H = this.#spec.rnnSize;
    return this.#state.map((value, i) => (batch.fresh?.[Math.floor(i / H) % this.batchSize] ? 0 : value));
  }

  #differentiate(batch: Batch): { loss: number; gradients: Map<string, Float32Array>; state: Float32Array } {
    const spec = this.#spec;
    const names = trainableNames(spec);
    return onCpu(() => {
      let state = this.#state;
      const lossOf = (...values: tf.Tensor[]): tf.Scalar => {
        const tensors = new Map(names.map((name, i) => [name, values[i] as tf.Tensor2D]));
        if (spec.tied) tensors.set('output.weight', tensors.get('embedding.weight')!);
        const start = toLayerStates(spec, this.#startState(batch), this.batchSize);
        const { logits, states } = forward(spec, tensors, batch.inputs, start, this.#dropout());
        state = fromLayerStates(states);
        return meanCrossEntropy(logits, batch.targets);
      };
      const tensors = toTensors(spec, this.#weights);
      const { value, grads } = tf.valueAndGrads(lossOf)(names.map((name) => tensors.get(name)!));
      const gradients = new Map(names.map((name, i) => [name, new Float32Array(grads[i]!.dataSync())]));
      return { loss: value.dataSync()[0]!, gradients, state };
    });
  }

  /** Zeroes numbers with the spec's probability and scales the others so that the expectation stays. */
  #dropout(): Dropout {
    const p = this.#spec.dropout;
    if (p === 0) return noDropout;
    const key = Math.imul(this.#options.seed, 0x9e3779b1) ^ Math.imul(this.#step + 1, 0x85ebca6b);
    return (values, site, t) => {
      const random = new Random(key ^ Math.imul(site * this.seqLength + t + 1, 0xc2b2ae35));
      const mask = Float32Array.from({ length: values.size }, () => (random.uniform() < p ? 0 : 1 / (1 - p)));
      return tf.mul(values, tf.tensor2d(mask, values.shape));
    };
  }
}

const countTargets = (batch: Batch): number =>
  batch.targets.reduce((count, id) => count + (id >= 0 ? 1 : 0), 0);

class ReferenceSampling implements SamplingStepper {
  readonly slots: number;
  readonly vocabularySize: number;
  readonly #spec: NetworkSpec;
  readonly #weights: Map<string, Float32Array>;
  readonly #states: Float32Array[];

  constructor(spec: NetworkSpec, weights: Weights, options: SamplingOptions) {
    this.slots = options.slots;
    this.vocabularySize = spec.vocabularySize;
    this.#spec = spec;
    this.#weights = copyWeights(spec, weights);
    this.#states = Array.from({ length: options.slots }, () => new Float32Array(stateSize(spec, 1)));
  }

  get memoryBytes(): number {
    return [...new Set(this.#weights.values()), ...this.#states].reduce(
      (sum, array) => sum + array.byteLength,
      0,
    );
  }

  reset(slot: number): void {
    this.#stateOf(slot).fill(0);
  }

  step(slots: Int32Array, tokens: Int32Array, count: number): Float32Array {
    const chosen = slots.subarray(0, count);
    const ids = tokens.subarray(0, count);
    if (chosen.length !== count || ids.length !== count)
      throw new RangeError(`${count} slots and tokens are not there`);
    if (new Set(chosen).size !== count) throw new RangeError('a slot is named twice');
    for (const slot of chosen) this.#stateOf(slot);
    requireIds('tokens', ids, 0, this.vocabularySize);
    const logits = new Float32Array(count * this.vocabularySize);
    onCpu(() => {
      const tensors = toTensors(this.#spec, this.#weights);
      for (let i = 0; i < count; i++) {
        const start = toLayerStates(this.#spec, this.#states[chosen[i]!]!, 1);
        const next = forward(this.#spec, tensors, ids.slice(i, i + 1), start, noDropout);
        logits.set(next.logits.dataSync(), i * this.vocabularySize);
        this.#states[chosen[i]!] = fromLayerStates(next.states);
      }
    });
    return logits;
  }

  readState(slot: number): Float32Array {
    return this.#stateOf(slot).slice();
  }

  writeState(slot: number, state: Float32Array): void {
    requireLength('state', state.length, this.#stateOf(slot).length);
    this.#states[slot] = state.slice();
  }

  async close(): Promise<void> {}

  #stateOf(slot: number): Float32Array {
    const state = this.#states[slot];
    if (!state) throw new RangeError(`slot ${slot} is not below ${this.slots}`);
    return state;
  }
}
