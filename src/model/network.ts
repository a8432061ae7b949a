/**
 * The network: what it is made of, the names and shapes of its tensors, and how they are initialised.
 * It knows no engine, no file and no character.
 *
 * A character network is `embedding -> rnn (num_layers) -> output`: ids go in, one logit per character
 * comes out. Tensor names, shapes and gate order are those of PyTorch's `nn.Embedding`,
 * `nn.LSTM | nn.GRU | nn.RNN` (tanh) and `nn.Linear`, so that a checkpoint can be read there.
 */
import { UserError } from '../errors.ts';
import { Random } from '../random.ts';

/** Token id of a character that the vocabulary does not hold. Never sampled. */
export const UNKNOWN = 0;
/** Token id that stands before the first character of a song, and so also ends the one before. */
export const START = 1;

export const CELLS = ['lstm', 'gru', 'rnn'] as const;
export type Cell = (typeof CELLS)[number];

export interface NetworkSpec {
  readonly cell: Cell;
  /** Recurrent layers, 1 or more. */
  readonly numLayers: number;
  /** Hidden size H of each layer. */
  readonly rnnSize: number;
  /** Embedding size E; equal to H when `tied`. */
  readonly embeddingSize: number;
  /** Vocabulary size V, reserved ids included. */
  readonly vocabularySize: number;
  /** Probability in [0, 1) of dropping an element of the embedding, an input of a further layer or of the output (training only). */
  readonly dropout: number;
  /** Whether `output.weight` is `embedding.weight` (then E = H). */
  readonly tied: boolean;
}

/** Weights (or gradients, or moments) by tensor name, row-major float32. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** Gates per unit, in PyTorch's order: LSTM i, f, g, o; GRU r, z, n; tanh RNN 1. */
export const GATES: Readonly<Record<Cell, number>> = { lstm: 4, gru: 3, rnn: 1 };

/** Whether the cell carries a cell state c beside the hidden state h. */
export const hasCellState = (cell: Cell): boolean => cell === 'lstm';

/** Names and shapes of all tensors, in the order in which they are stored. `output.weight` is listed when tied too. */
export function tensorShapes(spec: NetworkSpec): Map<string, readonly number[]> {
  const { numLayers, rnnSize: H, embeddingSize: E, vocabularySize: V } = spec;
  const rows = GATES[spec.cell] * H;
  const shapes = new Map<string, readonly number[]>([['embedding.weight', [V, E]]]);
  for (let layer = 0; layer < numLayers; layer++) {
    shapes.set(`rnn.weight_ih_l${layer}`, [rows, layer === 0 ? E : H]);
    shapes.set(`rnn.weight_hh_l${layer}`, [rows, H]);
    shapes.set(`rnn.bias_ih_l${layer}`, [rows]);
    shapes.set(`rnn.bias_hh_l${layer}`, [rows]);
  }
  shapes.set('output.weight', [V, H]);
  shapes.set('output.bias', [V]);
  return shapes;
}

export const elements = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Number of trainable numbers; tied weights count once. */
export function parameterCount(spec: NetworkSpec): number {
  let count = 0;
  for (const [name, shape] of tensorShapes(spec)) {
    if (!(spec.tied && name === 'output.weight')) count += elements(shape);
  }
  return count;
}

/** Throws a `UserError` naming the first field that no engine could run. */
export function assertNetwork(spec: NetworkSpec): void {
  const wholeNumber = (field: keyof NetworkSpec, most: number) => {
    const value = spec[field] as number;
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new UserError('networkField', { field, value: String(value), expected: `1..${most}` });
    }
  };
  if (!CELLS.includes(spec.cell)) {
    throw new UserError('networkField', {
      field: 'cell',
      value: String(spec.cell),
      expected: CELLS.join(', '),
    });
  }
  wholeNumber('numLayers', 8);
  wholeNumber('rnnSize', 4096);
  wholeNumber('embeddingSize', 4096);
  wholeNumber('vocabularySize', 100_000);
  if (!(spec.dropout >= 0 && spec.dropout < 1)) {
    throw new UserError('networkField', { field: 'dropout', value: String(spec.dropout), expected: '0..1' });
  }
  if (spec.tied && spec.embeddingSize !== spec.rnnSize) {
    throw new UserError('networkField', {
      field: 'embeddingSize',
      value: String(spec.embeddingSize),
      expected: `${spec.rnnSize} (tied weights)`,
    });
  }
}

/**
 * Fresh weights: U(-1/sqrt(H), 1/sqrt(H)) for recurrent and output tensors as PyTorch does, the
 * embedding N(0, 1) (or the output's range when tied), LSTM forget biases 1 in sum
 * (Jozefowicz et al. 2015: the network remembers from the start). The embedding of the unknown character
 * starts, and without training stays, at zero: the mean of the others.
 */
export function initialWeights(spec: NetworkSpec, seed: number): Map<string, Float32Array> {
  const random = new Random(seed);
  const bound = 1 / Math.sqrt(spec.rnnSize);
  const weights = new Map<string, Float32Array>();
  for (const [name, shape] of tensorShapes(spec)) {
    if (spec.tied && name === 'output.weight') {
      weights.set(name, weights.get('embedding.weight')!);
      continue;
    }
    const values = new Float32Array(elements(shape));
    const normal = name === 'embedding.weight' && !spec.tied;
    for (let i = 0; i < values.length; i++) {
      values[i] = normal ? random.normal() : (2 * random.uniform() - 1) * bound;
    }
    if (spec.cell === 'lstm' && name.startsWith('rnn.bias')) {
      values.fill(name.startsWith('rnn.bias_ih') ? 1 : 0, spec.rnnSize, 2 * spec.rnnSize);
    }
    if (name === 'embedding.weight')
      values.fill(0, UNKNOWN * spec.embeddingSize, (UNKNOWN + 1) * spec.embeddingSize);
    weights.set(name, values);
  }
  return weights;
}
