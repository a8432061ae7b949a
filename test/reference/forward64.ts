/**
 * The network once more, forward alone, in plain double precision: the measure that engines are compared
 * with where single precision would be the limit (finite differences of the loss, exact losses).
 */
import { type Cell, GATES, hasCellState, type NetworkSpec, type Weights } from '../../src/model/network.ts';

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

/** One unit of a cell: `a` are its gates from the input, `b` those from the hidden state; returns [h, c]. */
const UNIT: Record<Cell, (a: number[], b: number[], h: number, c: number) => [number, number]> = {
  lstm(a, b, _h, c) {
    const [i, f, g, o] = a.map((value, gate) => value + b[gate]!) as [number, number, number, number];
    const next = sigmoid(f) * c + sigmoid(i) * Math.tanh(g);
    return [sigmoid(o) * Math.tanh(next), next];
  },
  gru(a, b, h) {
    const [r, z] = [sigmoid(a[0]! + b[0]!), sigmoid(a[1]! + b[1]!)];
    return [(1 - z) * Math.tanh(a[2]! + r * b[2]!) + z * h, 0];
  },
  rnn: (a, b) => [Math.tanh(a[0]! + b[0]!), 0],
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
  const gates = Array.from({ length: GATES[cell] }, (_, gate) => gate);
  const kinds = hasCellState(cell) ? 2 : 1;
  const of = (name: string) => weights.get(name)!;
  const state = Float64Array.from(start);
  const logits = new Float64Array(batch.inputs.length * V);
  let [sum, count] = [0, 0];
  batch.inputs.forEach((id, position) => {
    const [t, row] = [Math.floor(position / batchSize), position % batchSize];
    let x = of('embedding.weight').slice(id * E, (id + 1) * E);
    for (let layer = 0; layer < numLayers; layer++) {
      const h = (layer * kinds * batchSize + row) * H;
      const c = h + batchSize * H;
      const input = x.map((value, unit) => value * dropout(layer, t, row, unit));
      const a = affine(of(`rnn.weight_ih_l${layer}`), of(`rnn.bias_ih_l${layer}`), input);
      const b = affine(of(`rnn.weight_hh_l${layer}`), of(`rnn.bias_hh_l${layer}`), state.slice(h, h + H));
      for (let unit = 0; unit < H; unit++) {
        const of = (values: Float64Array) => gates.map((gate) => values[gate * H + unit]!);
        const [nextH, nextC] = UNIT[cell](of(a), of(b), state[h + unit]!, kinds === 2 ? state[c + unit]! : 0);
        state[h + unit] = nextH;
        if (kinds === 2) state[c + unit] = nextC;
      }
      x = state.slice(h, h + H);
    }
    const top = x.map((value, unit) => value * dropout(numLayers, t, row, unit));
    const y = affine(of('output.weight'), of('output.bias'), top);
    logits.set(y, position * V);
    const target = batch.targets[position]!;
    if (target < 0) return;
    sum += crossEntropy(y, target);
    count++;
  });
  return { loss: count === 0 ? 0 : sum / count, logits, state };
}
