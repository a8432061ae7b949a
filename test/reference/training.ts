/**
 * The reference engine's training stepper. Gradients by automatic differentiation of `network.ts`; everything
 * is held in plain arrays between calls, so that no tensor outlives a call.
 */
import * as tf from '@tensorflow/tfjs-core';
import type {
  Batch,
  LossResult,
  OptimizerState,
  StepResult,
  TrainingOptions,
  TrainingStepper,
} from '../../src/engine/engine.ts';
import { type NetworkSpec, tensorShapes, type Weights } from '../../src/model/network.ts';
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
import { copyWeights, onCpu, requireIds, requireLength } from './support.ts';

export class ReferenceTraining implements TrainingStepper {
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
        this.#dropRecurrent(tensors);
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

  /** DropConnect: recurrent weights under the masks of this step. */
  #dropRecurrent(tensors: Map<string, tf.Tensor2D>): void {
    const mask = this.#mask(this.#options.recurrentDropout ?? 0);
    for (let layer = 0; layer < this.#spec.numLayers; layer++) {
      const name = `rnn.weight_hh_l${layer}`;
      tensors.set(name, mask(tensors.get(name)!, this.#spec.numLayers + 1 + layer, 0));
    }
  }

  #dropout(): Dropout {
    return this.#mask(this.#spec.dropout);
  }

  /** Zeroes numbers with the given probability and scales the others so that the expectation stays. */
  #mask(p: number): Dropout {
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
