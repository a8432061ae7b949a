/**
 * Dropout of recurrent weights (DropConnect): one mask a step, so the product of a time step stays one product. The masked
 * weights are a copy; the gradient goes through the same mask.
 */

import { ROW } from './parameters.ts';
import { ownPart, type Pass } from './pass.ts';

/** Keeps these masks apart from those of activations, which are numbered by layer. */
const FIRST_PLACE = 1000;

/** Panels of a layer's recurrent weights, from `first` on, at two addresses (which may be one). */
interface WeightPanels {
  readonly first: number;
  readonly count: number;
  readonly source: number;
  readonly target: number;
}

/** Copies panels with elements dropped: the same ones for weights and gradients of a step. */
export function dropRecurrentPanels(
  { kernels, plan, recurrentDropout }: Pass,
  layer: number,
  { first, count, source, target }: WeightPanels,
): void {
  if (!recurrentDropout) return;
  const { key, threshold, scale } = recurrentDropout;
  const rows = plan.parameters.byName.get(`rnn.weight_hh_l${layer}`)!.unitFloats / 16;
  const place = Math.imul(FIRST_PLACE + layer, 0x9e3779b9);
  kernels.dropoutRows(count * rows, 1, source, 0, target, 0, first * rows, 0, key + place, threshold, scale);
}

/** This thread's panels of all layers' recurrent weights after dropout, and transposed. */
export function dropRecurrentWeights(pass: Pass): void {
  const { kernels, plan, thread } = pass;
  if (!pass.recurrentDropout) return;
  plan.layers.forEach(({ recurrentDropped, recurrentTransposed, h }, layer) => {
    const place = plan.parameters.byName.get(`rnn.weight_hh_l${layer}`)!;
    const { first, count, at } = ownPart(plan, thread, place, plan.weights);
    const target = recurrentDropped! + first * place.unitFloats * 4;
    dropRecurrentPanels(pass, layer, { first, count, source: at, target });
    const { at: transposed, stride } = recurrentTransposed;
    kernels.transposePanels(count, h.panels, target, transposed + first * 16 * ROW, stride);
  });
}
