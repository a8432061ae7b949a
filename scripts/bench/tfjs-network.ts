/**
 * The network on TensorFlow.js, as fast as its operations let it be: inputs of all time steps are projected in
 * one product, only the recurrent product is made step by step. The embedding is a product with one-hot rows in
 * training, as `gather` has no gradient on the WebAssembly backend. That backend multiplies fast only what need
 * not be transposed, so matrices are kept as [inputs, outputs], and the gradient of a product transposes first
 * (measured: several times faster than matMul's own gradient). Names and gate order are PyTorch's.
 */
// biome-ignore lint/suspicious/noTsIgnore: where the package is installed, nothing is wrong
// @ts-ignore: a development dependency; without it this contender is missing, and all else is built
import * as tf from 'tfjs-union';
import { type Cell, GATES, hasCellState, type NetworkSpec, type Weights } from '../../src/model/network.ts';

export type Matrix = tf.Tensor2D;

/** h [B, H] of a layer, and the LSTM's c. */
export type LayerState = readonly Matrix[];

type Product = (x: Matrix) => Matrix;
type Transposes = ReadonlyMap<string, Matrix>;

export class TfNetwork {
  readonly spec: NetworkSpec;
  /** Trainable, by name: matrices [inputs, outputs], biases [1, n], the embedding [V, E]. */
  readonly variables: ReadonlyMap<string, tf.Variable>;

  constructor(spec: NetworkSpec, weights: Weights, shapes: ReadonlyMap<string, readonly number[]>) {
    this.spec = spec;
    this.variables = new Map(
      [...shapes].map(([name, shape]) => {
        const matrix = [shape.length === 1 ? 1 : shape[0]!, shape.at(-1)!] as [number, number];
        const values = tf.tensor2d(weights.get(name)!, matrix);
        const asIs = shape.length === 1 || name === 'embedding.weight';
        return [name, tf.variable(asIs ? values : tf.transpose(values))];
      }),
    );
  }

  zeroState(batch: number): LayerState[] {
    const { numLayers, rnnSize, cell } = this.spec;
    const kinds = hasCellState(cell) ? 2 : 1;
    const zeros = () => tf.zeros([batch, rnnSize]) as Matrix;
    return Array.from({ length: numLayers }, () => Array.from({ length: kinds }, zeros));
  }

  /** One-hot rows x embedding: [T * B, V] -> [T * B, E]. */
  embed(oneHot: Matrix): Matrix {
    const multiply = tf.customGrad((...inputs: unknown[]) => {
      const value = tf.matMul(oneHot, inputs[0] as Matrix);
      return { value, gradFunc: (dy: tf.Tensor) => tf.matMul(tf.transpose(oneHot), dy as Matrix) };
    });
    return multiply(this.#matrix('embedding.weight')) as Matrix;
  }

  /** Transposed matrices for the gradients of one step; to be called outside of what is differentiated. */
  transposes(): Transposes {
    return new Map(
      [...this.variables.keys()].map((name) => [name, tf.transpose(this.#matrix(name)) as Matrix]),
    );
  }

  /**
   * @param embedded [T * B, E], time-major.
   * @param training what gradients need, and what is applied to the input of each layer and of the output.
   * @returns logits [T * B, V] and the states after the last step.
   */
  forward(
    embedded: Matrix,
    before: readonly LayerState[],
    training?: { readonly transposes: Transposes; readonly drop: Product },
  ): { logits: Matrix; states: LayerState[] } {
    const linear = (name: string, layer: string, x: Matrix) => {
      const [weight, bias] = [`${name}weight${layer}`, `${name}bias${layer}`];
      const multiply = product(this.#matrix(weight), training?.transposes.get(weight));
      return tf.add(multiply(x), this.#matrix(bias)) as Matrix;
    };
    const drop = training?.drop ?? ((x) => x);
    const steps = embedded.shape[0] / before[0]![0]!.shape[0];
    let x = embedded;
    const states = before.map((state, layer) => {
      const projected = linear('rnn.', `_ih_l${layer}`, drop(x));
      const outputs: Matrix[] = [];
      for (const rows of tf.split(projected, steps, 0) as Matrix[]) {
        state = CELLS[this.spec.cell](rows, linear('rnn.', `_hh_l${layer}`, state[0]!), state);
        outputs.push(state[0]!);
      }
      x = outputs.length === 1 ? outputs[0]! : (tf.concat(outputs, 0) as Matrix);
      return state;
    });
    return { logits: linear('output.', '', drop(x)), states };
  }

  #matrix(name: string): Matrix {
    return this.variables.get(name)! as unknown as Matrix;
  }
}

/** x -> x W. Without the transposed matrix there is no gradient. */
function product(weight: Matrix, transposed: Matrix | undefined): Product {
  if (!transposed) return (x) => tf.matMul(x, weight);
  const multiply = tf.customGrad((...inputs: unknown[]) => {
    const [x, w] = inputs as [Matrix, Matrix];
    const save = inputs[2] as unknown as (saved: tf.Tensor[]) => void;
    save([x]);
    return {
      value: tf.matMul(x, w),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [
        tf.matMul(dy as Matrix, transposed),
        tf.matMul(tf.transpose(saved[0] as Matrix), dy as Matrix),
      ],
    };
  });
  return (x) => multiply(x, weight) as Matrix;
}

const split = (x: Matrix, cell: Cell) => tf.split(x, GATES[cell], 1) as Matrix[];

/** The next state from the input's part of the gates, the recurrent part and the state. */
const CELLS: Readonly<Record<Cell, (fromInput: Matrix, fromState: Matrix, state: LayerState) => LayerState>> =
  {
    lstm(fromInput, fromState, state) {
      const [i, f, g, o] = split(tf.add(fromInput, fromState) as Matrix, 'lstm');
      const kept = tf.mul(tf.sigmoid(f!), state[1]!);
      const c = tf.add(kept, tf.mul(tf.sigmoid(i!), tf.tanh(g!))) as Matrix;
      return [tf.mul(tf.sigmoid(o!), tf.tanh(c)), c];
    },
    gru(fromInput, fromState, state) {
      const [inputR, inputZ, inputN] = split(fromInput, 'gru');
      const [stateR, stateZ, stateN] = split(fromState, 'gru');
      const r = tf.sigmoid(tf.add(inputR!, stateR!));
      const z = tf.sigmoid(tf.add(inputZ!, stateZ!));
      const n = tf.tanh(tf.add(inputN!, tf.mul(r, stateN!)));
      return [tf.add(n, tf.mul(z, tf.sub(state[0]!, n))) as Matrix];
    },
    rnn: (fromInput, fromState) => [tf.tanh(tf.add(fromInput, fromState)) as Matrix],
  };
