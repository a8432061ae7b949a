/** Gradient clipping and optimisers as PyTorch documents them, number by number. */
import type { GradientClipping, Optimizer } from '../../src/engine/engine.ts';

/** Single precision in an engine, double where the formulas themselves are the measure. */
type Floats = Float32Array | Float64Array;

/** Weights, gradients and moments of one tensor. */
export interface Parameter {
  readonly weights: Floats;
  readonly gradient: Floats;
  /** RMSProp has none. */
  readonly m?: Floats;
  readonly v: Floats;
  /** Whether AdamW decays it: a matrix. */
  readonly decays: boolean;
}

/** L2 norm of all gradients together. */
export function jointNorm(gradients: Iterable<Floats>): number {
  let sum = 0;
  for (const gradient of gradients) for (const g of gradient) sum += g * g;
  return Math.sqrt(sum);
}

/** `clip_grad_norm_` (scale by limit / (norm + 1e-6) where that is below 1) or `clip_grad_value_`, in place. */
export function clip(gradients: Iterable<Floats>, norm: number, clipping: GradientClipping): void {
  const { by, limit } = clipping;
  if (limit === 0) return;
  const scale = Math.min(1, limit / (norm + 1e-6));
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) {
      gradient[i] = by === 'norm' ? gradient[i]! * scale : Math.min(limit, Math.max(-limit, gradient[i]!));
    }
  }
}

/** The update number `step` (from 1), in place. */
export function update(parameter: Parameter, optimizer: Optimizer, step: number, learningRate: number): void {
  const { weights, gradient, m, v, decays } = parameter;
  const { name, beta1, beta2, epsilon, weightDecay } = optimizer;
  const decay = name === 'adamw' && decays ? 1 - learningRate * weightDecay : 1;
  const correction1 = 1 - beta1 ** step;
  const correction2 = Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i]!;
    v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
    if (name === 'rmsprop') {
      weights[i] = weights[i]! - (learningRate * g) / (Math.sqrt(v[i]!) + epsilon);
      continue;
    }
    m![i] = beta1 * m![i]! + (1 - beta1) * g;
    const denominator = Math.sqrt(v[i]!) / correction2 + epsilon;
    weights[i] = weights[i]! * decay - ((learningRate / correction1) * m![i]!) / denominator;
  }
}
