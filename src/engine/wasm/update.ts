/** One thread's share of clipping and of the optimiser: a range of each tensor's units. */

import type { GradientClipping, Optimizer } from '../engine.ts';
import { panelsOf, ROW } from './parameters.ts';
import { ownPart, type Pass } from './pass.ts';
import type { Panels } from './plan.ts';

/** Sum of squares of the thread's share of the gradients. */
export function ownSquaredNorm(pass: Pass): number {
  let sum = 0;
  for (const place of pass.plan.parameters.places) {
    const part = ownPart(pass.plan, pass.thread, place, pass.plan.gradients);
    sum += pass.kernels.squaredNorm(part.floats, part.at);
  }
  return sum;
}

export interface Update {
  readonly optimizer: Optimizer;
  readonly clipping: GradientClipping;
  readonly learningRate: number;
  /** Updates including this one: 1 for the first. */
  readonly step: number;
  readonly gradientNorm: number;
}

/** Scale and clamp of the gradients. PyTorch's clip_grad_norm_ divides by norm + 1e-6. */
function clip({ clipping: { by, limit }, gradientNorm }: Update): { scale: number; limit: number } {
  const none = Number.MAX_VALUE; // becomes Infinity in float32
  if (limit === 0) return { scale: 1, limit: none };
  if (by === 'value') return { scale: 1, limit };
  return { scale: gradientNorm > limit ? limit / (gradientNorm + 1e-6) : 1, limit: none };
}

export function updateOwn(pass: Pass, update: Update): void {
  const { kernels, plan } = pass;
  const { optimizer, learningRate, step } = update;
  const { scale, limit } = clip(update);
  const { beta1, beta2, epsilon } = optimizer;
  for (const place of plan.parameters.places) {
    const p = ownPart(pass.plan, pass.thread, place, plan.weights);
    const g = ownPart(pass.plan, pass.thread, place, plan.gradients).at;
    const v = ownPart(pass.plan, pass.thread, place, plan.secondMoments).at;
    if (optimizer.name === 'rmsprop') {
      kernels.rmsprop(p.floats, p.at, g, v, scale, limit, learningRate, beta2, epsilon);
    } else {
      const m = ownPart(pass.plan, pass.thread, place, plan.firstMoments).at;
      const rate = learningRate / (1 - beta1 ** step);
      const root = 1 / Math.sqrt(1 - beta2 ** step);
      const decay = optimizer.name === 'adamw' && place.isMatrix ? learningRate * optimizer.weightDecay : 0;
      kernels.adam(p.floats, p.at, g, m, v, scale, limit, rate, beta1, beta2, root, epsilon, decay);
    }
  }
}

/** The thread's panels of all matrices into their transposed copies; recurrent ones after dropout where there is any. */
export function transposeOwn(pass: Pass): void {
  const { kernels, plan } = pass;
  const transpose = (name: string, kPanels: number, target: Panels) => {
    const part = ownPart(plan, pass.thread, plan.parameters.byName.get(name)!, plan.weights);
    kernels.transposePanels(part.count, kPanels, part.at, target.at + part.first * 16 * ROW, target.stride);
  };
  const H = panelsOf(plan.spec.rnnSize);
  plan.layers.forEach((layer, l) => {
    transpose(`rnn.weight_ih_l${l}`, layer.inputTransposed.panels, layer.inputTransposed);
    if (layer.recurrentDropped === undefined) transpose(`rnn.weight_hh_l${l}`, H, layer.recurrentTransposed);
  });
  transpose('output.weight', H, plan.outputTransposed);
}
