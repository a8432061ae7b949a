/**
 * The ops of TensorFlow that the engine is made of, by their own names and argument orders
 * (https://www.tensorflow.org/api_docs/python/tf/raw_ops). Tensors that an op makes are freed by the enclosing
 * `tidy`, unless they are its result.
 */
import type { Attribute, Backend, Tensor, TensorContainer, Tfjs } from './tfjs.ts';

export interface Product {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

export class Ops {
  readonly #tf: Tfjs;
  readonly #backend: Backend;
  /** Small tensors that ops take beside their operands: axes, shapes, fixed factors. Made once, kept for good. */
  readonly #constants = new Map<string, Tensor>();
  /** T = float32, of most ops. */
  readonly #float: readonly Attribute[];

  constructor(tf: Tfjs) {
    this.#tf = tf;
    this.#backend = tf.backend();
    this.#float = [this.#type('T', 'TF_FLOAT')];
  }

  get usesGpu(): boolean {
    return this.#backend.isUsingGpuDevice;
  }

  get version(): string {
    return this.#backend.binding.TF_Version;
  }

  tidy<T extends TensorContainer>(work: () => T): T {
    return this.#tf.tidy(work);
  }

  /** Takes a tensor out of the enclosing `tidy`: it lives until it is disposed of. */
  keep(tensor: Tensor): Tensor {
    return this.#tf.keep(tensor);
  }

  /** A tensor of its own; the values are copied. */
  floats(values: Float32Array, shape: readonly number[]): Tensor {
    return this.#tf.tensor(values.slice(), shape, 'float32');
  }

  ids(values: Int32Array, shape: readonly number[] = [values.length]): Tensor {
    return this.#tf.tensor(values.slice(), shape, 'int32');
  }

  scalar(value: number): Tensor {
    return this.floats(Float32Array.of(value), []);
  }

  zeros(shape: readonly number[]): Tensor {
    return this.floats(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
  }

  matMul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: Product = {}): Tensor {
    const attributes = [
      ...this.#float,
      this.#bool('transpose_a', transposeA),
      this.#bool('transpose_b', transposeB),
    ];
    return this.#one('MatMul', attributes, [a, b]);
  }

  /** a W^T + b for a [n, in], W [out, in], b [out]. */
  linear(a: Tensor, weight: Tensor, bias: Tensor): Tensor {
    return this.#one('BiasAdd', this.#float, [this.matMul(a, weight, { transposeB: true }), bias]);
  }

  add = (a: Tensor, b: Tensor): Tensor => this.#one('AddV2', this.#float, [a, b]);
  sub = (a: Tensor, b: Tensor): Tensor => this.#one('Sub', this.#float, [a, b]);
  mul = (a: Tensor, b: Tensor): Tensor => this.#one('Mul', this.#float, [a, b]);
  div = (a: Tensor, b: Tensor): Tensor => this.#one('RealDiv', this.#float, [a, b]);
  sqrt = (a: Tensor): Tensor => this.#one('Sqrt', this.#float, [a]);
  square = (a: Tensor): Tensor => this.#one('Square', this.#float, [a]);
  sigmoid = (a: Tensor): Tensor => this.#one('Sigmoid', this.#float, [a]);
  tanh = (a: Tensor): Tensor => this.#one('Tanh', this.#float, [a]);
  /** Gradient of the sigmoid by its value y. */
  sigmoidGrad = (y: Tensor, dy: Tensor): Tensor => this.#one('SigmoidGrad', this.#float, [y, dy]);
  tanhGrad = (y: Tensor, dy: Tensor): Tensor => this.#one('TanhGrad', this.#float, [y, dy]);
  /** Every number to at most `limit` from 0. */
  clamp = (a: Tensor, limit: number): Tensor =>
    this.#one('ClipByValue', this.#float, [a, this.#factor(-limit), this.#factor(limit)]);
  /** Half the sum of squares. */
  halfSquares = (a: Tensor): Tensor => this.#one('L2Loss', this.#float, [a]);
  /** a times a number that stays the same from step to step. */
  scale = (a: Tensor, factor: number): Tensor => this.mul(a, this.#factor(factor));

  addAll(tensors: readonly Tensor[]): Tensor {
    return this.#one('AddN', [...this.#float, this.#int('N', tensors.length)], tensors);
  }

  /** [n, m] -> [m] (axis 0), or [n] -> []. */
  sumRows(a: Tensor): Tensor {
    const attributes = [...this.#float, this.#type('Tidx', 'TF_INT32'), this.#bool('keep_dims', false)];
    return this.#one('Sum', attributes, [a, this.#axis(0)]);
  }

  reshape(a: Tensor, shape: readonly number[]): Tensor {
    return this.#one('Reshape', [...this.#float, this.#type('Tshape', 'TF_INT32')], [a, this.#list(shape)]);
  }

  transpose(a: Tensor): Tensor {
    return this.#one('Transpose', [...this.#float, this.#type('Tperm', 'TF_INT32')], [a, this.#list([1, 0])]);
  }

  /** Equal parts along an axis. */
  split(a: Tensor, parts: number, axis: number): Tensor[] {
    if (parts === 1) return [a];
    return this.#run('Split', [this.#int('num_split', parts), ...this.#float], [this.#axis(axis), a], parts);
  }

  /** Parts of given sizes along an axis. */
  splitInto(a: Tensor, sizes: readonly number[], axis: number): Tensor[] {
    const attributes = [this.#int('num_split', sizes.length), ...this.#float, this.#type('Tlen', 'TF_INT32')];
    return this.#run('SplitV', attributes, [a, this.#list(sizes), this.#axis(axis)], sizes.length);
  }

  concat(parts: readonly Tensor[], axis: number): Tensor {
    if (parts.length === 1) return parts[0]!;
    const attributes = [this.#int('N', parts.length), ...this.#float, this.#type('Tidx', 'TF_INT32')];
    return this.#one('ConcatV2', attributes, [...parts, this.#axis(axis)]);
  }

  /** Rows of a table [n, m] by ids [k], -> [k, m]. */
  gather(table: Tensor, ids: Tensor): Tensor {
    const attributes = [
      this.#int('batch_dims', 0),
      this.#type('Tparams', 'TF_FLOAT'),
      this.#type('Tindices', 'TF_INT32'),
      this.#type('Taxis', 'TF_INT32'),
    ];
    return this.#one('GatherV2', attributes, [table, ids, this.#axis(0)]);
  }

  /** Entry `index` along the first axis. */
  entry(a: Tensor, index: number): Tensor {
    return this.gather(a, this.#axis(index));
  }

  /** The reverse of `gather`: sums rows [k, m] into a table [n, m]. */
  scatterSum(rows: Tensor, ids: Tensor, n: number): Tensor {
    const attributes = [
      ...this.#float,
      this.#type('Tindices', 'TF_INT32'),
      this.#type('Tnumsegments', 'TF_INT32'),
    ];
    return this.#one('UnsortedSegmentSum', attributes, [rows, ids, this.#axis(n)]);
  }

  /** Cross-entropy [n] in nats of logits [n, V] for labels [n], and its gradient [n, V] by the logits. */
  crossEntropy(logits: Tensor, labels: Tensor): { losses: Tensor; gradient: Tensor } {
    const attributes = [...this.#float, this.#type('Tlabels', 'TF_INT32')];
    const [losses, gradient] = this.#run(
      'SparseSoftmaxCrossEntropyWithLogits',
      attributes,
      [logits, labels],
      2,
    );
    return { losses: losses!, gradient: gradient! };
  }

  /** 0 with the given probability, else 1 / (1 - probability): the same for the same two keys (Philox). */
  dropoutMask(shape: readonly number[], probability: number, keys: readonly [number, number]): Tensor {
    const uniform = this.#one(
      'StatelessRandomUniform',
      [this.#type('dtype', 'TF_FLOAT'), this.#type('T', 'TF_INT32'), this.#type('Tseed', 'TF_INT32')],
      [this.#list(shape), this.ids(Int32Array.from(keys))],
    );
    const kept = this.#one('GreaterEqual', this.#float, [uniform, this.#factor(probability)]);
    const cast = [
      this.#type('SrcT', 'TF_BOOL'),
      this.#type('DstT', 'TF_FLOAT'),
      this.#bool('Truncate', false),
    ];
    return this.scale(this.#one('Cast', cast, [kept]), 1 / (1 - probability));
  }

  /** Any op of float32 with attributes of its own. */
  fused(
    name: string,
    attributes: Record<string, boolean>,
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[] {
    const own = Object.entries(attributes).map(([key, value]) => this.#bool(key, value));
    return this.#run(name, [...this.#float, ...own], inputs, outputs);
  }

  /**
   * cuDNN's recurrent ops, by their name, with the attributes that they share. Some give bytes to be handed back, a type
   * that TensorFlow.js has no tensors of: such an output is one here as long as nobody reads it.
   */
  cudnn(
    name: string,
    counts: Readonly<Record<string, number>>,
    flags: Readonly<Record<string, boolean>>,
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[] {
    const attributes = [
      ...this.#float,
      this.#string('rnn_mode', 'lstm'),
      this.#string('input_mode', 'linear_input'),
      this.#string('direction', 'unidirectional'),
      { name: 'dropout', type: this.#backend.binding.TF_ATTR_FLOAT, value: 0 },
      ...['seed', 'seed2', 'num_proj'].map((attribute) => this.#int(attribute, 0)),
      ...Object.entries(counts).map(([key, value]) => this.#int(key, value)),
      ...Object.entries(flags).map(([key, value]) => this.#bool(key, value)),
    ];
    const { binding, tensorMap } = this.#backend;
    const made = binding.executeOp(name, attributes, this.#backend.getInputTensorIds(inputs), outputs);
    return made.map(({ id, shape, dtype }) => {
      const dataId = {};
      tensorMap.set(dataId, { shape, dtype, id, values: null, refCount: 1 });
      const known = dtype === binding.TF_FLOAT ? 'float32' : 'int32';
      return this.#tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: known });
    });
  }

  /** A scalar of 32 bits, kept. */
  int32(value: number): Tensor {
    return this.#axis(value);
  }

  /** A list of n equal numbers, kept. */
  repeated(value: number, n: number): Tensor {
    return this.#list(new Array<number>(n).fill(value));
  }

  /**
   * A scalar of 64 bits, kept. TensorFlow.js has no such tensors: its own way (`Int64Scalar`) makes a native one
   * for each call and never frees it.
   */
  int64(value: number): Tensor {
    return this.#constant(`int64 ${value}`, () => {
      const { binding, tensorMap } = this.#backend;
      const dataId = {};
      const id = binding.createTensor([], binding.TF_INT64, Int32Array.of(value, 0));
      tensorMap.set(dataId, { shape: [], dtype: binding.TF_INT64, id, values: null, refCount: 1 });
      return this.#tf.engine().makeTensorFromTensorInfo({ dataId, shape: [], dtype: 'int32' });
    });
  }

  #axis(value: number): Tensor {
    return this.#constant(`axis ${value}`, () => this.ids(Int32Array.of(value), []));
  }

  #list(values: readonly number[]): Tensor {
    return this.#constant(`list ${values}`, () => this.ids(Int32Array.from(values)));
  }

  #factor(value: number): Tensor {
    return this.#constant(`factor ${value}`, () => this.scalar(value));
  }

  #constant(key: string, make: () => Tensor): Tensor {
    let tensor = this.#constants.get(key);
    if (!tensor) {
      tensor = this.keep(make());
      this.#constants.set(key, tensor);
    }
    return tensor;
  }

  #run(op: string, attributes: readonly Attribute[], inputs: readonly Tensor[], outputs: number): Tensor[] {
    return this.#backend.executeMultipleOutputs(op, attributes, inputs, outputs);
  }

  #one(op: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor {
    return this.#run(op, attributes, inputs, 1)[0]!;
  }

  #type(name: string, type: 'TF_FLOAT' | 'TF_INT32' | 'TF_BOOL'): Attribute {
    const { binding } = this.#backend;
    return { name, type: binding.TF_ATTR_TYPE, value: binding[type] };
  }

  #bool(name: string, value: boolean): Attribute {
    return { name, type: this.#backend.binding.TF_ATTR_BOOL, value };
  }

  #string(name: string, value: string): Attribute {
    return { name, type: this.#backend.binding.TF_ATTR_STRING, value };
  }

  #int(name: string, value: number): Attribute {
    return { name, type: this.#backend.binding.TF_ATTR_INT, value };
  }
}
