/**
 * The network once more, forward alone, in plain double precision: the measure that engines are compared
 * with where single precision would be the limit (finite differences of the loss, exact losses).
 */
import { type Cell, hasCellState, type NetworkSpec, type Weights } from '../../src/model/network.ts';

export type Weights64 = Map<string, Float64Array>;
/** Factor on unit `unit` of the input of a site (0..numLayers - 1: a layer's, numLayers: the output's). */
export type Dropout64 = (site: number, t: number, row: number, unit: number) => number;

export interface Forward64 {
  /** Mean cross-entropy over targets that are not negative, in nats. */
  readonly loss: number;
  /** [T * B, V] */
  readonly logits: Float64Array;
  /** Carried state [layer, (h, c), B, H] after the last step. */
  readonly state: Float64Array;
}

/** A tied `output.weight` and `embedding.weight` become one array, so that changing either changes both. */
export function toFloat64(spec: NetworkSpec, weights: Weights): Weights64 {
  const wide = new Map([...weights].map(([name, values]) => [name, Float64Array.from(values)]));
  if (spec.tied) wide.set('output.weight', wide.get('embedding.weight')!);
  return wide;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** W x + b. */
function affine(weight: Float64Array, bias: Float64Array, x: Float64Array): Float64Array {
  const y = bias.slice();
  for (let row = 0, k = 0; row < y.length; row++) {
    let sum = 0;
    for (let i = 0; i < x.length; i++, k++) sum += weight[k]! * x[i]!;
    y[row] = y[row]! + sum;
  }
  return y;
}

/**
 * One step of a row, in place: `a` [G * H] are the gates from the input, `b` those from the hidden state,
 * h and c [H] the state.
 */
const CELL: Record<Cell, (a: Float64Array, b: Float64Array, h: Float64Array, c: Float64Array) => void> = {
  lstm(a, b, h, c) {
    const H = h.length;
    for (let k = 0; k < H; k++) {
      const i = sigmoid(a[k]! + b[k]!);
      const f = sigmoid(a[H + k]! + b[H + k]!);
      const g = Math.tanh(a[2 * H + k]! + b[2 * H + k]!);
      const o = sigmoid(a[3 * H + k]! + b[3 * H + k]!);
      c[k] = f * c[k]! + i * g;
      h[k] = o * Math.tanh(c[k]!);
    }
  },
  gru(a, b, h) {
    const H = h.length;
    for (let k = 0; k < H; k++) {
      const r = sigmoid(a[k]! + b[k]!);
      const z = sigmoid(a[H + k]! + b[H + k]!);
      const n = Math.tanh(a[2 * H + k]! + r * b[2 * H + k]!);
      h[k] = (1 - z) * n + z * h[k]!;
    }
  },
  rnn(a, b, h) {
    for (let k = 0; k < h.length; k++) h[k] = Math.tanh(a[k]! + b[k]!);
  },
};

/** Negative log-softmax of `logits` at `target`. */
function crossEntropy(logits: Float64Array, target: number): number {
  const most = logits.reduce((max, value) => Math.max(max, value));
  const sum = logits.reduce((total, value) => total + Math.exp(value - most), 0);
  return most + Math.log(sum) - logits[target]!;
}

/**
 * T steps over B rows.
 * @param batch time-major ids and targets [T * B]
 * @param start carried state [layer, (h, c), B, H]
 */
export function forward64(
  spec: NetworkSpec,
  weights: Weights64,
  batch: { readonly inputs: Int32Array; readonly targets: Int32Array },
  batchSize: number,
  start: ArrayLike<number>,
  dropout: Dropout64 = () => 1,
): Forward64 {
  const { cell, numLayers, rnnSize: H, embeddingSize: E, vocabularySize: V } = spec;
  const kinds = hasCellState(cell) ? 2 : 1;
  const of = (name: string) => weights.get(name)!;
  const state = Float64Array.from(start);
  /** h (kind 0) or c (kind 1) of a layer's row, as a view. */
  const part = (layer: number, kind: number, row: number) => {
    const at = ((layer * kinds + kind) * batchSize + row) * H;
    return state.subarray(at, at + H);
  };
  const logits = new Float64Array(batch.inputs.length * V);
  let sum = 0;
  let count = 0;
  for (const [position, id] of batch.inputs.entries()) {
    const [t, row] = [Math.floor(position / batchSize), position % batchSize];
    const dropped = (x: Float64Array, site: number) =>
      x.map((value, unit) => value * dropout(site, t, row, unit));
    let x = of('embedding.weight').subarray(id * E, (id + 1) * E);
    for (let layer = 0; layer < numLayers; layer++) {
      const h = part(layer, 0, row);
      const a = affine(of(`rnn.weight_ih_l${layer}`), of(`rnn.bias_ih_l${layer}`), dropped(x, layer));
      const b = affine(of(`rnn.weight_hh_l${layer}`), of(`rnn.bias_hh_l${layer}`), h);
      CELL[cell](a, b, h, part(layer, kinds - 1, row));
      x = h;
    }
    const y = affine(of('output.weight'), of('output.bias'), dropped(x, numLayers));
    logits.set(y, position * V);
    const target = batch.targets[position]!;
    if (target < 0) continue;
    sum += crossEntropy(y, target);
    count++;
  }
  return { loss: count === 0 ? 0 : sum / count, logits, state };
}
