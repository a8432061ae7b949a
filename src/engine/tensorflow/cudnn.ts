/**
 * LSTM by cuDNN, one call a layer and sequence: `CudnnRNNV3` and `CudnnRNNBackpropV3`, which run on NVIDIA's GPUs alone.
 * Never run on one by its authors: `chooseLstm` takes it only where it agrees with the ops that are.
 *
 * cuDNN keeps a layer's parameters in one array whose order is its own affair. Its canonical form is 8 matrices and 8
 * biases, those of the input's gates and then those of the state's, in the order i, f, g (there: c), o: PyTorch's.
 */
import type { Ops } from './ops.ts';
import type { LayerInput, LayerTensors, Recurrence } from './recurrence.ts';
import type { Tensor } from './tfjs.ts';

const GATES = 4;
/** Of a layer: 4 of the input and 4 of the state. */
const COUNTS = { num_params_weights: 2 * GATES, num_params_biases: 2 * GATES } as const;
const FLAGS = { time_major: true } as const;

/** The matrices [H, in] or [H, H] and the biases [H] of a layer in cuDNN's order. */
export function toCanonical(ops: Ops, layer: LayerTensors): { weights: Tensor[]; biases: Tensor[] } {
  const gates = (tensor: Tensor) => ops.split(tensor, GATES, 0);
  return {
    weights: [...gates(layer.weightIh), ...gates(layer.weightHh)],
    biases: [...gates(layer.biasIh), ...gates(layer.biasHh)],
  };
}

/** The reverse of `toCanonical`. */
export function fromCanonical(ops: Ops, weights: readonly Tensor[], biases: readonly Tensor[]): LayerTensors {
  const join = (gates: readonly Tensor[]) => ops.concat(gates, 0);
  return {
    weightIh: join(weights.slice(0, GATES)),
    weightHh: join(weights.slice(GATES)),
    biasIh: join(biases.slice(0, GATES)),
    biasHh: join(biases.slice(GATES)),
  };
}

/** Layers, units and input of a layer, as the ops take them. */
const sizes = (ops: Ops, { weightIh, weightHh }: LayerTensors): Tensor[] =>
  [1, weightHh.shape[1]!, weightIh.shape[1]!].map((size) => ops.int32(size));

/** The inputs that both ops begin with: x [T, B, in], h and c [1, B, H], parameters, lengths [B]. */
function sequenceInputs(ops: Ops, { prepared, x, start, seqLength }: LayerInput): Tensor[] {
  const [rows, hidden] = start[0]!.shape as [number, number];
  const state = start.map((part) => ops.reshape(part, [1, rows, hidden]));
  const sequence = ops.reshape(x, [seqLength, rows, x.shape[1]!]);
  return [sequence, ...state, prepared[0]!, ops.repeated(seqLength, rows)];
}

export const cudnnLstm: Recurrence = {
  prepare(ops, layer) {
    const { weights, biases } = toCanonical(ops, layer);
    const inputs = [...sizes(ops, layer), ...weights, ...biases];
    return ops.cudnn('CudnnRNNCanonicalToParamsV2', COUNTS, {}, inputs, 1);
  },

  forward(ops, input) {
    const flags = { ...FLAGS, is_training: true };
    // output [T, B, H], h and c [1, B, H], and two arrays for the way back
    const saved = ops.cudnn('CudnnRNNV3', {}, flags, sequenceInputs(ops, input), 5);
    const [output, h, c] = saved as [Tensor, Tensor, Tensor];
    const shape = input.start[0]!.shape;
    return {
      h: ops.reshape(output, [input.x.shape[0]!, shape[1]!]),
      end: [ops.reshape(h, shape), ops.reshape(c, shape)],
      saved,
    };
  },

  backward(ops, input, { saved }, dh) {
    const { x, weights, seqLength } = input;
    const [rows, hidden] = input.start[0]!.shape as [number, number];
    const [output, h, c, ...reserved] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
    const nothing = ops.zeros([1, rows, hidden]);
    const inputs = [
      ...sequenceInputs(ops, input),
      ...[output, h, c],
      ...[ops.reshape(dh, [seqLength, rows, hidden]), nothing, nothing],
      ...reserved,
    ];
    const [dx, , , dParameters] = ops.cudnn('CudnnRNNBackpropV3', {}, FLAGS, inputs, 4);
    const canonical = ops.cudnn(
      'CudnnRNNParamsToCanonicalV2',
      COUNTS,
      {},
      [...sizes(ops, weights), dParameters!],
      4 * GATES,
    );
    const own = fromCanonical(ops, canonical.slice(0, 2 * GATES), canonical.slice(2 * GATES));
    return { ...own, x: ops.reshape(dx!, x.shape) };
  },
};
