/**
 * GRU and tanh RNN, one step after another: TensorFlow has no fused op with PyTorch's formulas for them (its
 * `GRUBlockCell` resets the state before the product). All products that do not wait for a step before are one
 * product over the whole sequence.
 */
import type { Ops } from './ops.ts';
import type { LayerGradients, LayerInput, Recurrence } from './recurrence.ts';
import type { Tensor } from './tfjs.ts';

/** Gradients of weights and input from those of the gates [T * B, G * H]: by the input's part and by the state's. */
function gateGradients(
  ops: Ops,
  { weights, x, start, seqLength }: LayerInput,
  h: Tensor,
  fromInput: Tensor,
  fromState: Tensor,
): LayerGradients {
  const before = ops.concat([start[0]!, ...ops.split(h, seqLength, 0).slice(0, -1)], 0);
  return {
    x: ops.matMul(fromInput, weights.weightIh),
    weightIh: ops.matMul(fromInput, x, { transposeA: true }),
    weightHh: ops.matMul(fromState, before, { transposeA: true }),
    biasIh: ops.sumRows(fromInput),
    biasHh: ops.sumRows(fromState),
  };
}

/** Values of a GRU's step, each [B, H] (rz [B, 2H]); `hn` is the state's part of n before the reset gate. */
const GRU_SAVED = 3;

export const gru: Recurrence = {
  prepare: () => [],

  forward(ops, { weights, x, start, seqLength }) {
    const hidden = start[0]!.shape[1]!;
    const gates = ops.linear(x, weights.weightIh, weights.biasIh);
    const [inputRz, inputN] = ops
      .splitInto(gates, [2 * hidden, hidden], 1)
      .map((part) => ops.split(part, seqLength, 0));
    let h = start[0]!;
    const steps: Tensor[] = [];
    const saved: Tensor[] = [];
    for (let t = 0; t < seqLength; t++) {
      const own = ops.linear(h, weights.weightHh, weights.biasHh);
      const [stateRz, hn] = ops.splitInto(own, [2 * hidden, hidden], 1);
      const rz = ops.sigmoid(ops.add(inputRz![t]!, stateRz!));
      const [r, z] = ops.split(rz, 2, 1);
      const n = ops.tanh(ops.add(inputN![t]!, ops.mul(r!, hn!)));
      h = ops.add(n, ops.mul(z!, ops.sub(h, n))); // (1 - z) n + z h
      steps.push(h);
      saved.push(rz, hn!, n);
    }
    return { h: ops.concat(steps, 0), end: [h], saved };
  },

  backward(ops, input, { h, saved }, dh) {
    const { weights, start, seqLength } = input;
    const steps = ops.split(h, seqLength, 0);
    const dSteps = ops.split(dh, seqLength, 0);
    const fromInput: Tensor[] = [];
    const fromState: Tensor[] = [];
    let carried: Tensor | undefined;
    for (let t = seqLength - 1; t >= 0; t--) {
      const [rz, hn, n] = saved.slice(GRU_SAVED * t, GRU_SAVED * (t + 1)) as [Tensor, Tensor, Tensor];
      const [r, z] = ops.split(rz, 2, 1) as [Tensor, Tensor];
      const before = t === 0 ? start[0]! : steps[t - 1]!;
      const d = carried ? ops.add(dSteps[t]!, carried) : dSteps[t]!;
      const throughZ = ops.mul(d, z);
      const dn = ops.tanhGrad(n, ops.sub(d, throughZ));
      const dr = ops.mul(dn, hn);
      const dz = ops.mul(d, ops.sub(before, n));
      const drz = ops.sigmoidGrad(rz, ops.concat([dr, dz], 1));
      fromInput.unshift(ops.concat([drz, dn], 1));
      fromState.unshift(ops.concat([drz, ops.mul(dn, r)], 1));
      carried = ops.add(throughZ, ops.matMul(fromState[0]!, weights.weightHh));
    }
    return gateGradients(ops, input, h, ops.concat(fromInput, 0), ops.concat(fromState, 0));
  },
};

export const rnn: Recurrence = {
  prepare: () => [],

  forward(ops, { weights, x, start, seqLength }) {
    const inputs = ops.split(ops.linear(x, weights.weightIh, weights.biasIh), seqLength, 0);
    let h = start[0]!;
    const steps: Tensor[] = [];
    for (let t = 0; t < seqLength; t++) {
      h = ops.tanh(ops.add(inputs[t]!, ops.linear(h, weights.weightHh, weights.biasHh)));
      steps.push(h);
    }
    return { h: ops.concat(steps, 0), end: [h], saved: [] };
  },

  backward(ops, input, { h }, dh) {
    const { weights, seqLength } = input;
    const steps = ops.split(h, seqLength, 0);
    const dSteps = ops.split(dh, seqLength, 0);
    const gates: Tensor[] = [];
    let carried: Tensor | undefined;
    for (let t = seqLength - 1; t >= 0; t--) {
      const d = carried ? ops.add(dSteps[t]!, carried) : dSteps[t]!;
      gates.unshift(ops.tanhGrad(steps[t]!, d));
      carried = ops.matMul(gates[0]!, weights.weightHh);
    }
    const all = ops.concat(gates, 0);
    return gateGradients(ops, input, h, all, all);
  },
};
