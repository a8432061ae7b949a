/**
 * LSTM by TensorFlow's fused ops, one call a layer and sequence: `BlockLSTMV2` and `BlockLSTMGradV2`. They take
 * one matrix [in + H, 4H] and one bias; their gates stand in the order i, f, g (there: ci), o, as PyTorch's do.
 */
import type { Ops } from './ops.ts';
import type { LayerInput, LayerTensors, Recurrence } from './recurrence.ts';
import type { Tensor } from './tfjs.ts';

const OUTPUTS = 7; // i, cs, f, o, ci, co, h: each [T, B, H]
const CS = 1;
const H = 6;

/** The inputs that both ops begin with; the cell state comes before the hidden state. */
function blockInputs(ops: Ops, { prepared, x, start, seqLength }: LayerInput): Tensor[] {
  const [joint, bias, zeros] = prepared as [Tensor, Tensor, Tensor];
  const sequence = ops.reshape(x, [seqLength, start[0]!.shape[0]!, x.shape[1]!]);
  return [ops.int64(seqLength), sequence, start[1]!, start[0]!, joint, zeros, zeros, zeros, bias];
}

export const lstm: Recurrence = {
  prepare(ops, { weightIh, weightHh, biasIh, biasHh }) {
    const joint = ops.transpose(ops.concat([weightIh, weightHh], 1));
    const noPeepholes = ops.zeros([weightHh.shape[1]!]);
    return [joint, ops.add(biasIh, biasHh), noPeepholes];
  },

  forward(ops, input) {
    const inputs = blockInputs(ops, input);
    const saved = ops.fused('BlockLSTMV2', { use_peephole: false }, inputs, OUTPUTS);
    const last = input.seqLength - 1;
    return {
      h: ops.reshape(saved[H]!, [input.x.shape[0]!, input.start[0]!.shape[1]!]),
      end: [ops.entry(saved[H]!, last), ops.entry(saved[CS]!, last)],
      saved,
    };
  },

  backward(ops, input, { saved }, dh) {
    const { x, weights, seqLength } = input;
    const [rows, hidden] = input.start[0]!.shape as [number, number];
    const shape = [seqLength, rows, hidden];
    const inputs = [...blockInputs(ops, input), ...saved, ops.zeros(shape), ops.reshape(dh, shape)];
    const gradients = ops.fused('BlockLSTMGradV2', { use_peephole: false }, inputs, 8);
    const [dx, , , dJoint, , , , dBias] = gradients;
    const [dIh, dHh] = ops.splitInto(ops.transpose(dJoint!), [weights.weightIh.shape[1]!, hidden], 1);
    const own: LayerTensors = { weightIh: dIh!, weightHh: dHh!, biasIh: dBias!, biasHh: dBias! };
    return { ...own, x: ops.reshape(dx!, x.shape) };
  },
};
