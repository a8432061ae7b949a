/** Gradient clipping and optimisers with PyTorch's formulas (as `kernels/optimizer.ts`). */
import type { GradientClipping, Optimizer } from '../engine.ts';
import type { Ops } from './ops.ts';
import type { Tensor } from './tfjs.ts';

/** L2 norm of all gradients together, a scalar. */
export function jointNorm(ops: Ops, gradients: readonly Tensor[]): Tensor {
  return ops.sqrt(ops.scale(ops.addAll(gradients.map((gradient) => ops.halfSquares(gradient))), 2));
}

/** `clip_grad_norm_` (divides by norm + 1e-6) or `clip_grad_value_`, as one function for all gradients. */
export function clipper(
  ops: Ops,
  { by, limit }: GradientClipping,
  norm: number,
): (gradient: Tensor) => Tensor {
  if (limit === 0 || (by === 'norm' && norm <= limit)) return (gradient) => gradient;
  if (by === 'value') return (gradient) => ops.clamp(gradient, limit);
  const factor = ops.scalar(limit / (norm + 1e-6));
  return (gradient) => ops.mul(gradient, factor);
}

/** One parameter with its moments; RMSProp has no `m`. */
export interface Parameter {
  readonly weights: Tensor;
  readonly m?: Tensor | undefined;
  readonly v: Tensor;
}

/** How update number `step` (from 1) changes a parameter. `decays`: a matrix, which AdamW decays. */
export function updater(
  ops: Ops,
  { name, beta1, beta2, epsilon, weightDecay }: Optimizer,
  step: number,
  learningRate: number,
): (parameter: Parameter, gradient: Tensor, decays: boolean) => Parameter {
  const average = (old: Tensor, value: Tensor, beta: number) =>
    ops.add(ops.scale(old, beta), ops.scale(value, 1 - beta));
  const epsilonTensor = ops.scalar(epsilon);
  if (name === 'rmsprop') {
    const rate = ops.scalar(learningRate);
    return ({ weights, v: oldV }, gradient) => {
      const v = average(oldV, ops.square(gradient), beta2);
      const change = ops.div(ops.mul(gradient, rate), ops.add(ops.sqrt(v), epsilonTensor));
      return { weights: ops.sub(weights, change), v };
    };
  }
  const rate = ops.scalar(learningRate / (1 - beta1 ** step));
  const root = ops.scalar(1 / Math.sqrt(1 - beta2 ** step));
  const keep = ops.scalar(1 - learningRate * weightDecay);
  return ({ weights, m: oldM, v: oldV }, gradient, decays) => {
    const m = average(oldM!, gradient, beta1);
    const v = average(oldV, ops.square(gradient), beta2);
    const change = ops.div(ops.mul(m, rate), ops.add(ops.mul(ops.sqrt(v), root), epsilonTensor));
    const kept = name === 'adamw' && decays ? ops.mul(weights, keep) : weights;
    return { weights: ops.sub(kept, change), m, v };
  };
}
