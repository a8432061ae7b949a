/**
 * The part of TensorFlow.js that the engine uses, as types of our own: the package is optional, and the build
 * must not need it. Everything but memory goes through `executeMultipleOutputs`, which runs any op of TensorFlow.
 */

/** A handle of a tensor in TensorFlow's memory. */
export interface Tensor {
  readonly shape: number[];
  dataSync(): Float32Array | Int32Array;
  dispose(): void;
}

/** What `tf.tidy` looks through for tensors to keep. */
export type TensorContainer = Tensor | readonly TensorContainer[] | { readonly [key: string]: unknown };

/** An attribute of an op; `type` is one of the binding's TF_ATTR_ numbers. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean | string;
}

type Constant =
  | 'TF_ATTR_TYPE'
  | 'TF_ATTR_BOOL'
  | 'TF_ATTR_INT'
  | 'TF_ATTR_FLOAT'
  | 'TF_ATTR_STRING'
  | 'TF_FLOAT'
  | 'TF_INT32'
  | 'TF_INT64'
  | 'TF_BOOL';

export interface Binding extends Readonly<Record<Constant, number>> {
  readonly TF_Version: string;
  executeOp(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): { readonly id: number; readonly shape: number[]; readonly dtype: number }[];
  createTensor(shape: readonly number[], dtype: number, values: Int32Array): number;
}

export interface Backend {
  readonly binding: Binding;
  readonly isUsingGpuDevice: boolean;
  readonly tensorMap: { set(dataId: object, data: object): void };
  /** The binding's numbers of tensors, which are written to its memory where they are not yet. */
  getInputTensorIds(tensors: readonly Tensor[]): number[];
  executeMultipleOutputs(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}

export interface Tfjs {
  registerBackend(name: string, make: () => Backend): boolean;
  setBackend(name: string): Promise<boolean>;
  backend(): Backend;
  engine(): {
    makeTensorFromTensorInfo(info: { dataId: object; shape: number[]; dtype: 'float32' | 'int32' }): Tensor;
  };
  memory(): { readonly numTensors: number };
  tensor(values: Float32Array | Int32Array, shape: readonly number[], dtype: 'float32' | 'int32'): Tensor;
  tidy<T extends TensorContainer>(work: () => T): T;
  keep(tensor: Tensor): Tensor;
}
