/** Weights between plain arrays and tensors. A tied `output.weight` is the embedding's tensor and has none of its own. */
import { elements, type NetworkSpec, tensorShapes, type Weights } from '../../model/network.ts';
import type { Ops } from './ops.ts';
import type { LayerTensors } from './recurrence.ts';
import type { Tensor } from './tfjs.ts';

export type Tensors = ReadonlyMap<string, Tensor>;

const isTiedOutput = (spec: NetworkSpec, name: string) => spec.tied && name === 'output.weight';

/** Names and shapes of what is trained. */
export function parameterShapes(spec: NetworkSpec): Map<string, readonly number[]> {
  return new Map([...tensorShapes(spec)].filter(([name]) => !isTiedOutput(spec, name)));
}

/** Throws a RangeError where one of `shapes` is missing or of another length. */
export function requireArrays(
  shapes: ReadonlyMap<string, readonly number[]>,
  arrays: ReadonlyMap<string, Float32Array>,
): void {
  for (const [name, shape] of shapes) {
    const length = arrays.get(name)?.length ?? 0;
    if (length !== elements(shape))
      throw new RangeError(`${name} has ${length} numbers, not ${elements(shape)}`);
  }
}

/** Kept tensors of all parameters. */
export function writeTensors(ops: Ops, spec: NetworkSpec, weights: Weights): Map<string, Tensor> {
  requireArrays(tensorShapes(spec), weights);
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of parameterShapes(spec))
    tensors.set(name, ops.keep(ops.floats(weights.get(name)!, shape)));
  return tensors;
}

/** Copies by every name of `tensorShapes`. */
export function readTensors(spec: NetworkSpec, tensors: Tensors): Map<string, Float32Array> {
  const arrays = new Map<string, Float32Array>();
  for (const name of tensorShapes(spec).keys())
    arrays.set(name, readFloats(tensors.get(isTiedOutput(spec, name) ? 'embedding.weight' : name)!));
  return arrays;
}

export const readFloats = (tensor: Tensor): Float32Array => Float32Array.from(tensor.dataSync());

export function layerTensors(tensors: Tensors, layer: number): LayerTensors {
  const of = (name: string) => tensors.get(`rnn.${name}_l${layer}`)!;
  return {
    weightIh: of('weight_ih'),
    weightHh: of('weight_hh'),
    biasIh: of('bias_ih'),
    biasHh: of('bias_hh'),
  };
}

export function disposeAll(tensors: Iterable<Tensor>): void {
  for (const tensor of tensors) tensor.dispose();
}

export const bytesOf = (shapes: Iterable<readonly number[]>): number =>
  [...shapes].reduce((sum, shape) => sum + 4 * elements(shape), 0);
