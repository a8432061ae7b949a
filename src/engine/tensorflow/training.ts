/** The training stepper on TensorFlow. Weights, moments and state stay in TensorFlow's memory from step to step. */
import { assertNetwork, elements, type NetworkSpec, type Weights } from '../../model/network.ts';
import type {
  Batch,
  LossResult,
  OptimizerState,
  StepResult,
  TrainingOptions,
  TrainingStepper,
} from '../engine.ts';
import { backward, forward, type Mask, type Pass, prepare, type Trace } from './network.ts';
import type { Ops } from './ops.ts';
import {
  bytesOf,
  disposeAll,
  parameterShapes,
  readFloats,
  readTensors,
  requireArrays,
  writeTensors,
} from './parameters.ts';
import { readState, requireState, type State, stateLength, writeState } from './state.ts';
import type { Tensor } from './tfjs.ts';
import { clipper, jointNorm, type Parameter, updater } from './update.ts';

const recurrentName = (layer: number) => `rnn.weight_hh_l${layer}`;
/** Keeps these masks apart from those of activations, which count up from 0. */
const FIRST_RECURRENT_KEY = 2 ** 30;

export class TensorflowTraining implements TrainingStepper {
  readonly batchSize: number;
  readonly seqLength: number;
  readonly #ops: Ops;
  readonly #spec: NetworkSpec;
  readonly #options: TrainingOptions;
  #tensors: Map<string, Tensor>;
  /** By `m.<tensor>` and `v.<tensor>`. */
  #moments = new Map<string, Tensor>();
  #state: State;
  #step = 0;

  constructor(ops: Ops, spec: NetworkSpec, weights: Weights, options: TrainingOptions) {
    assertNetwork(spec);
    this.batchSize = options.batchSize;
    this.seqLength = options.seqLength;
    this.#ops = ops;
    this.#spec = spec;
    this.#options = options;
    this.#tensors = writeTensors(ops, spec, weights);
    for (const [name, shape] of this.#momentShapes()) this.#moments.set(name, ops.keep(ops.zeros(shape)));
    this.#state = writeState(ops, spec, this.batchSize, new Float32Array(stateLength(spec, this.batchSize)));
  }

  /** What is kept between steps; a step takes more for a while. */
  get memoryBytes(): number {
    const shapes = [...parameterShapes(this.#spec).values(), ...this.#momentShapes().values()];
    return bytesOf(shapes) + 4 * stateLength(this.#spec, this.batchSize);
  }

  step(batch: Batch, learningRate: number): StepResult {
    const count = this.#check(batch);
    let result: StepResult = { loss: 0, count, gradientNorm: 0 };
    const { state, updated } = this.#ops.tidy(() => {
      const pass = this.#pass(batch, this.#dropout(), this.#recurrentMasks());
      const trace = forward(this.#ops, this.#spec, pass);
      if (count === 0) return { state: trace.end, updated: undefined };
      const { loss, gradients } = this.#differentiate(batch, count, pass, trace);
      const norm = jointNorm(this.#ops, [...gradients.values()]);
      result = { loss: readNumber(loss), count, gradientNorm: readNumber(norm) };
      const explodes = !Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm);
      const updated = explodes ? undefined : this.#update(gradients, result.gradientNorm, learningRate);
      return { state: trace.end, updated };
    });
    this.#replaceState(state);
    if (updated) this.#replaceParameters(updated);
    return result;
  }

  evaluate(batch: Batch): LossResult {
    const count = this.#check(batch);
    let loss = 0;
    const state = this.#ops.tidy(() => {
      const trace = forward(this.#ops, this.#spec, this.#pass(batch));
      if (count > 0) loss = readNumber(this.#loss(batch, count, trace.logits).loss);
      return trace.end;
    });
    this.#replaceState(state);
    return { loss, count };
  }

  gradients(batch: Batch): { loss: number; gradients: Map<string, Float32Array> } {
    const count = this.#check(batch);
    if (count === 0) return { loss: 0, gradients: this.#read(() => undefined) };
    let result = { loss: 0, gradients: new Map<string, Float32Array>() };
    this.#ops.tidy(() => {
      const pass = this.#pass(batch, this.#dropout(), this.#recurrentMasks());
      const trace = forward(this.#ops, this.#spec, pass);
      const { loss, gradients } = this.#differentiate(batch, count, pass, trace);
      result = { loss: readNumber(loss), gradients: this.#read((name) => gradients.get(name)) };
      return [];
    });
    return result;
  }

  readState(): Float32Array {
    return readState(this.#spec, this.batchSize, this.#state);
  }

  writeState(state: Float32Array): void {
    requireState(this.#spec, this.batchSize, state);
    this.#replaceState(writeState(this.#ops, this.#spec, this.batchSize, state));
  }

  resetState(): void {
    this.writeState(new Float32Array(stateLength(this.#spec, this.batchSize)));
  }

  readWeights(): Map<string, Float32Array> {
    return readTensors(this.#spec, this.#tensors);
  }

  writeWeights(weights: Weights): void {
    const tensors = writeTensors(this.#ops, this.#spec, weights);
    disposeAll(this.#tensors.values());
    this.#tensors = tensors;
  }

  readOptimizer(): OptimizerState {
    const moments = new Map([...this.#moments].map(([name, tensor]) => [name, readFloats(tensor)]));
    return { step: this.#step, moments };
  }

  writeOptimizer(state: OptimizerState): void {
    const shapes = this.#momentShapes();
    requireArrays(shapes, state.moments);
    disposeAll(this.#moments.values());
    for (const [name, shape] of shapes)
      this.#moments.set(name, this.#ops.keep(this.#ops.floats(state.moments.get(name)!, shape)));
    this.#step = state.step;
  }

  async close(): Promise<void> {
    disposeAll([...this.#tensors.values(), ...this.#moments.values(), ...this.#state.flat()]);
  }

  #momentShapes(): Map<string, readonly number[]> {
    const kinds = this.#options.optimizer.name === 'rmsprop' ? ['v'] : ['m', 'v'];
    const shapes = [...parameterShapes(this.#spec)];
    return new Map(
      kinds.flatMap((kind) => shapes.map(([name, shape]) => [`${kind}.${name}`, shape] as const)),
    );
  }

  /** Counts the targets; throws a RangeError where ids or lengths are wrong. */
  #check({ inputs, targets, fresh }: Batch): number {
    const [B, T, V] = [this.batchSize, this.seqLength, this.#spec.vocabularySize];
    if (inputs.length !== T * B || targets.length !== T * B || (fresh && fresh.length !== B))
      throw new RangeError(`a batch has ${T} x ${B} inputs and targets, and ${B} fresh marks`);
    if (inputs.some((id) => id < 0 || id >= V) || targets.some((id) => id >= V))
      throw new RangeError(`a token id is outside the vocabulary of ${V}`);
    return targets.reduce((count, id) => count + (id >= 0 ? 1 : 0), 0);
  }

  #pass({ inputs, fresh }: Batch, mask?: Mask, recurrentMasks: readonly Tensor[] = []): Pass {
    let start = this.#state;
    if (fresh?.some((mark) => mark !== 0)) {
      const kept = this.#ops.floats(
        Float32Array.from(fresh, (mark) => (mark ? 0 : 1)),
        [this.batchSize, 1],
      );
      start = start.map((layer) => layer.map((part) => this.#ops.mul(part, kept)));
    }
    const tensors = new Map(this.#tensors);
    recurrentMasks.forEach((mask, layer) => {
      tensors.set(recurrentName(layer), this.#ops.mul(tensors.get(recurrentName(layer))!, mask));
    });
    const prepared = prepare(this.#ops, this.#spec, tensors);
    const ids = this.#ops.ids(inputs);
    return { ids, seqLength: this.seqLength, tensors, recurrentMasks, prepared, start, mask };
  }

  /** Masks of this step for the recurrent weights, by layer. */
  #recurrentMasks(): Tensor[] {
    const { recurrentDropout = 0, seed } = this.#options;
    if (recurrentDropout === 0) return [];
    const first = FIRST_RECURRENT_KEY + this.#step * this.#spec.numLayers;
    return Array.from({ length: this.#spec.numLayers }, (_, layer) => {
      const { shape } = this.#tensors.get(recurrentName(layer))!;
      return this.#ops.dropoutMask(shape, recurrentDropout, [seed, first + layer]);
    });
  }

  /** Masks of this step: by seed, step and site; a position has its own numbers of them. */
  #dropout(): Mask | undefined {
    const { dropout, numLayers } = this.#spec;
    if (dropout === 0) return undefined;
    const first = this.#step * (numLayers + 1);
    return (site, shape) => this.#ops.dropoutMask(shape, dropout, [this.#options.seed, first + site]);
  }

  /** The mean cross-entropy over the counted targets, and its gradient by the logits [T * B, V]. */
  #loss({ targets }: Batch, count: number, logits: Tensor): { loss: Tensor; dLogits: Tensor } {
    const ops = this.#ops;
    const labels = ops.ids(targets.map((id) => Math.max(id, 0)));
    const share = Float32Array.from(targets, (id) => (id >= 0 ? 1 / count : 0));
    const { losses, gradient } = ops.crossEntropy(logits, labels);
    return {
      loss: ops.sumRows(ops.mul(losses, ops.floats(share, [share.length]))),
      dLogits: ops.mul(gradient, ops.floats(share, [share.length, 1])),
    };
  }

  #differentiate(batch: Batch, count: number, pass: Pass, trace: Trace) {
    const { loss, dLogits } = this.#loss(batch, count, trace.logits);
    return { loss, gradients: backward(this.#ops, this.#spec, pass, trace, dLogits) };
  }

  /** The parameters after an update: weights, m (or none) and v by name. */
  #update(gradients: Map<string, Tensor>, norm: number, learningRate: number) {
    const { optimizer, clipping } = this.#options;
    const clip = clipper(this.#ops, clipping, norm);
    const update = updater(this.#ops, optimizer, this.#step + 1, learningRate);
    return Object.fromEntries(
      [...parameterShapes(this.#spec)].map(([name, shape]) => {
        const [m, v] = [this.#moments.get(`m.${name}`), this.#moments.get(`v.${name}`)!];
        const parameter = { weights: this.#tensors.get(name)!, m, v };
        return [name, update(parameter, clip(gradients.get(name)!), shape.length === 2)];
      }),
    );
  }

  #replaceParameters(updated: Readonly<Record<string, Parameter>>): void {
    for (const [name, { weights, m, v }] of Object.entries(updated)) {
      this.#replace(this.#tensors, name, weights);
      if (m) this.#replace(this.#moments, `m.${name}`, m);
      this.#replace(this.#moments, `v.${name}`, v);
    }
    this.#step++;
  }

  #replace(map: Map<string, Tensor>, name: string, tensor: Tensor): void {
    map.get(name)!.dispose();
    map.set(name, this.#ops.keep(tensor));
  }

  #replaceState(state: State): void {
    disposeAll(this.#state.flat());
    for (const tensor of state.flat()) this.#ops.keep(tensor);
    this.#state = state;
  }

  /** Arrays by every name of the network; zeros where there is no tensor. */
  #read(tensorOf: (name: string) => Tensor | undefined): Map<string, Float32Array> {
    const arrays = new Map<string, Float32Array>();
    for (const [name, shape] of parameterShapes(this.#spec)) {
      const tensor = tensorOf(name);
      arrays.set(name, tensor ? readFloats(tensor) : new Float32Array(elements(shape)));
    }
    if (this.#spec.tied) arrays.set('output.weight', arrays.get('embedding.weight')!.slice());
    return arrays;
  }
}

const readNumber = (tensor: Tensor): number => tensor.dataSync()[0]!;
