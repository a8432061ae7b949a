/**
 * The network as formulas over TensorFlow.js tensors, one time step after another, for automatic
 * differentiation. Formulas: PyTorch's documentation of `nn.LSTM`, `nn.GRU` and `nn.RNN`.
 */
import 'tfjs-union'; // tfjs-core and its cpu backend, with the gradients that tfjs-core alone does not register
import * as tf from '@tensorflow/tfjs-core';
import { type Cell, GATES, hasCellState, type NetworkSpec, tensorShapes } from '../../src/model/network.ts';

tf.env().set('IS_TEST', true); // else the backend's first use advertises another package on standard error

export type Tensors = ReadonlyMap<string, tf.Tensor2D>;
/** Hidden state h [B, H] of one layer, and the LSTM's cell state c [B, H]. */
export interface LayerState {
  readonly h: tf.Tensor2D;
  readonly c?: tf.Tensor2D;
}
/** Multiplies the input of a site (0..numLayers - 1: a layer's input, numLayers: the output's) at time t. */
export type Dropout = (values: tf.Tensor2D, site: number, t: number) => tf.Tensor2D;

export const noDropout: Dropout = (values) => values;

/** Names of the trainable tensors: a tied `output.weight` is the embedding and is not listed. */
export const trainableNames = (spec: NetworkSpec): string[] =>
  [...tensorShapes(spec).keys()].filter((name) => !(spec.tied && name === 'output.weight'));

/** Floats of a carried state [layer, (h, c), B, H]. */
export const stateSize = (spec: NetworkSpec, batch: number): number =>
  spec.numLayers * (hasCellState(spec.cell) ? 2 : 1) * batch * spec.rnnSize;

/** Weights (1 x n for biases) as tensors; a tied `output.weight` is the embedding's tensor. */
export function toTensors(
  spec: NetworkSpec,
  weights: ReadonlyMap<string, Float32Array>,
): Map<string, tf.Tensor2D> {
  const tensors = new Map<string, tf.Tensor2D>();
  for (const [name, shape] of tensorShapes(spec)) {
    if (spec.tied && name === 'output.weight') tensors.set(name, tensors.get('embedding.weight')!);
    else
      tensors.set(name, tf.tensor2d(weights.get(name)!, [shape.length === 1 ? 1 : shape[0]!, shape.at(-1)!]));
  }
  return tensors;
}

export function toLayerStates(spec: NetworkSpec, state: Float32Array, batch: number): LayerState[] {
  const length = batch * spec.rnnSize;
  const part = (index: number) =>
    tf.tensor2d(state.slice(index * length, (index + 1) * length), [batch, spec.rnnSize]);
  return Array.from({ length: spec.numLayers }, (_, layer) =>
    hasCellState(spec.cell) ? { h: part(2 * layer), c: part(2 * layer + 1) } : { h: part(layer) },
  );
}

export function fromLayerStates(states: readonly LayerState[]): Float32Array {
  const parts = states.flatMap(({ h, c }) => (c ? [h.dataSync(), c.dataSync()] : [h.dataSync()]));
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

/** x W^T + b for x [B, in], W [out, in], b [1, out]. */
const linear = (x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor2D): tf.Tensor2D =>
  tf.add(tf.matMul(x, weight, false, true), bias);

/** Next state of a layer from x W_ih^T + b_ih [B, G * H] and h W_hh^T + b_hh [B, G * H]. */
const CELL_FORMULAS: Record<
  Cell,
  (fromInput: tf.Tensor2D, fromHidden: tf.Tensor2D, state: LayerState) => LayerState
> = {
  lstm(fromInput, fromHidden, state) {
    const [i, f, g, o] = tf.split(tf.add(fromInput, fromHidden), GATES.lstm, 1) as tf.Tensor2D[];
    const c = tf.add(tf.mul(tf.sigmoid(f!), state.c!), tf.mul(tf.sigmoid(i!), tf.tanh(g!))) as tf.Tensor2D;
    return { h: tf.mul(tf.sigmoid(o!), tf.tanh(c)), c };
  },
  gru(fromInput, fromHidden, state) {
    const [inputR, inputZ, inputN] = tf.split(fromInput, GATES.gru, 1) as tf.Tensor2D[];
    const [hiddenR, hiddenZ, hiddenN] = tf.split(fromHidden, GATES.gru, 1) as tf.Tensor2D[];
    const r = tf.sigmoid(tf.add(inputR!, hiddenR!));
    const z = tf.sigmoid(tf.add(inputZ!, hiddenZ!));
    const n = tf.tanh(tf.add(inputN!, tf.mul(r, hiddenN!)));
    return { h: tf.add(tf.mul(tf.sub(1, z), n), tf.mul(z, state.h)) };
  },
  rnn: (fromInput, fromHidden) => ({ h: tf.tanh(tf.add(fromInput, fromHidden)) }),
};

/**
 * T steps over B rows.
 * @param ids T x B token ids, time-major.
 * @returns logits [T * B, V] and the states after the last step.
 */
export function forward(
  spec: NetworkSpec,
  tensors: Tensors,
  ids: Int32Array,
  start: readonly LayerState[],
  dropout: Dropout,
  /** Embeddings of the ids V, V + 1, ... */
  inputs: readonly Float32Array[] = [],
): { logits: tf.Tensor2D; states: LayerState[] } {
  const batch = start[0]!.h.shape[0];
  const known = dropout(tensors.get('embedding.weight')!, 0, 0);
  const embedding = tf.concat([known, ...inputs.map((row) => tf.tensor2d(row, [1, row.length]))]);
  const states = [...start];
  const tops: tf.Tensor2D[] = [];
  for (let t = 0; t < ids.length / batch; t++) {
    const row = tf.tensor1d(ids.slice(t * batch, (t + 1) * batch), 'int32');
    let x = tf.gather(embedding, row);
    for (let layer = 0; layer < spec.numLayers; layer++) {
      const of = (name: string) => tensors.get(`rnn.${name}_l${layer}`)!;
      const fromInput = linear(layer === 0 ? x : dropout(x, layer, t), of('weight_ih'), of('bias_ih'));
      const fromHidden = linear(states[layer]!.h, of('weight_hh'), of('bias_hh'));
      states[layer] = CELL_FORMULAS[spec.cell](fromInput, fromHidden, states[layer]!);
      x = states[layer]!.h;
    }
    tops.push(dropout(x, spec.numLayers, t));
  }
  const logits = linear(tf.concat(tops, 0), tensors.get('output.weight')!, tensors.get('output.bias')!);
  return { logits, states };
}

/** Mean cross-entropy in nats over targets that are not negative; 0 without any. */
export function meanCrossEntropy(logits: tf.Tensor2D, targets: Int32Array): tf.Scalar {
  const count = targets.reduce((sum, id) => sum + (id >= 0 ? 1 : 0), 0);
  // Rows of a negative id are all zeros in the one-hot matrix, so they add nothing.
  const wanted = tf.oneHot(tf.tensor1d(targets, 'int32'), logits.shape[1]);
  return tf.div(tf.sub(0, tf.sum(tf.mul(tf.logSoftmax(logits), wanted))), Math.max(count, 1));
}
