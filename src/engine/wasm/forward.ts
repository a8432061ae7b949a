/** One thread's share of the forward pass: its rows of the batch through all layers. */

import { spreadProjection } from './characters.ts';
import type { Kernels } from './kernels.ts';
import { panelsOf, ROW } from './parameters.ts';
import {
  applyDropout,
  inBlocks,
  layerInput,
  type Pass,
  placeAt,
  productInParts,
  ROW_BLOCK,
  rowsAt,
} from './pass.ts';
import { gateGroups, type LayerPlan, type TrainingPlan, weightGroups } from './plan.ts';

/** Rows of logits that are made, turned into probabilities and used again while they are in cache. */
const LOGIT_BLOCK = 60;

/** Gate pre-activations of a layer from 1 on = biases + input x weights, for all time steps at once. */
function projectInput(pass: Pass, layer: number): void {
  const { kernels, plan } = pass;
  const { gates } = plan.layers[layer]!;
  const input = layerInput(pass, layer);
  const H = panelsOf(plan.spec.rnnSize);
  const panels = weightGroups(plan.spec) * H;
  const weight = placeAt(plan, plan.weights, `rnn.weight_ih_l${layer}`);
  const biasIh = placeAt(plan, plan.weights, `rnn.bias_ih_l${layer}`);
  const biasHh = placeAt(plan, plan.weights, `rnn.bias_hh_l${layer}`);
  const bytes = input.matrix.panels * 16 * ROW;
  inBlocks(pass, ROW_BLOCK, (first, rows) => {
    const c = rowsAt(pass, gates, 0, plan.seqLength) + first * ROW;
    if (plan.spec.cell === 'gru') {
      // n keeps its input part and its recurrent part apart: the reset gate scales the latter alone
      kernels.fillRows(rows, 2 * H, biasIh, biasHh, c, gates.stride);
      kernels.fillRows(rows, H, biasIh + 2 * H * ROW, 0, c + 2 * H * gates.stride, gates.stride);
      kernels.fillRows(rows, H, biasHh + 2 * H * ROW, 0, c + 3 * H * gates.stride, gates.stride);
    } else {
      kernels.fillRows(rows, panels, biasIh, biasHh, c, gates.stride);
    }
    kernels.product(
      rows,
      input.matrix.panels,
      panels,
      input.at + first * ROW,
      input.matrix.stride,
      weight,
      bytes,
      c,
      gates.stride,
    );
  });
}

/** Gates += h x recurrent weights. The GRU's third group of weights goes to the fourth group of gates. */
export function recurrentProduct(
  kernels: Kernels,
  plan: { spec: TrainingPlan['spec'] },
  rows: number,
  h: number,
  hStride: number,
  weight: number,
  gates: number,
  gateStride: number,
): void {
  const H = panelsOf(plan.spec.rnnSize);
  const bytes = H * 16 * ROW;
  const together = plan.spec.cell === 'gru' ? 2 * H : gateGroups(plan.spec) * H;
  kernels.product(rows, H, together, h, hStride, weight, bytes, gates, gateStride);
  if (plan.spec.cell === 'gru') {
    kernels.product(
      rows,
      H,
      H,
      h,
      hStride,
      weight + 2 * H * bytes,
      bytes,
      gates + 3 * H * gateStride,
      gateStride,
    );
  }
}

function stepCell(pass: Pass, { gates, h, c }: LayerPlan, t: number): void {
  const { kernels, plan, rows } = pass;
  const T = plan.seqLength;
  const g = rowsAt(pass, gates, t, T);
  const next = rowsAt(pass, h, t + 1, T + 1);
  switch (plan.spec.cell) {
    case 'lstm': {
      const [before, after] = [rowsAt(pass, c!, t, T + 1), rowsAt(pass, c!, t + 1, T + 1)];
      kernels.lstmForward(rows, h.panels, g, gates.stride, before, after, next, h.stride);
      break;
    }
    case 'gru':
      kernels.gruForward(rows, h.panels, g, gates.stride, rowsAt(pass, h, t, T + 1), next, h.stride);
      break;
    case 'rnn':
      kernels.rnnForward(rows, h.panels, g, gates.stride, next, h.stride);
      break;
    default:
      plan.spec.cell satisfies never;
  }
}

function recur(pass: Pass, layer: number): void {
  const { kernels, plan, rows } = pass;
  const place = plan.layers[layer]!;
  const weight =
    pass.recurrentDropout && place.recurrentDropped
      ? place.recurrentDropped
      : placeAt(plan, plan.weights, `rnn.weight_hh_l${layer}`);
  const T = plan.seqLength;
  for (let t = 0; t < T; t++) {
    const h = rowsAt(pass, place.h, t, T + 1);
    recurrentProduct(
      kernels,
      plan,
      rows,
      h,
      place.h.stride,
      weight,
      rowsAt(pass, place.gates, t, T),
      place.gates.stride,
    );
    stepCell(pass, place, t);
  }
}

/**
 * Logits, loss and, where `scale` is not 0, the gradients of logits and of the last layer's output (after dropout),
 * block by block. Returns the sum of nats over this thread's counted targets.
 */
function output(pass: Pass, scale: number): number {
  const { kernels, plan } = pass;
  const { logits, outputTransposed } = plan;
  const T = plan.seqLength;
  const input = layerInput(pass, plan.spec.numLayers);
  const weight = placeAt(plan, plan.weights, 'output.weight');
  const bias = placeAt(plan, plan.weights, 'output.bias');
  const targets = plan.targets + T * pass.from * 4;
  const dh = plan.dh[0];
  let nats = 0;
  inBlocks(pass, LOGIT_BLOCK, (first, rows) => {
    const z = rowsAt(pass, logits, 0, T) + first * ROW;
    kernels.fillRows(rows, logits.panels, bias, 0, z, logits.stride);
    kernels.product(
      rows,
      input.matrix.panels,
      logits.panels,
      input.at + first * ROW,
      input.matrix.stride,
      weight,
      input.matrix.panels * 16 * ROW,
      z,
      logits.stride,
    );
    nats += kernels.softmaxLoss(rows, logits.panels, targets + first * 4, z, logits.stride, scale);
    if (scale === 0) return;
    const d = rowsAt(pass, dh, 0, T) + first * ROW;
    kernels.zeroRows(rows, dh.panels, d, dh.stride);
    productInParts(kernels, rows, logits.panels, z, logits.stride, outputTransposed, d, dh);
  });
  return nats;
}

/**
 * Runs the thread's rows forward, when the characters are projected. Returns the sum of nats; `scale` as in `output`.
 */
export function forward(pass: Pass, scale: number): number {
  const { plan } = pass;
  if (pass.rows === 0) return 0;
  for (let layer = 0; layer < plan.spec.numLayers; layer++) {
    if (layer === 0) spreadProjection(pass);
    else projectInput(pass, layer);
    recur(pass, layer);
    const { h, dropped } = plan.layers[layer]!;
    if (dropped) applyDropout(pass, layer + 1, h, plan.seqLength + 1, 1, dropped);
  }
  return output(pass, scale);
}

/** The last step's state becomes the carried state. */
export function carryState(pass: Pass): void {
  const T = pass.plan.seqLength;
  for (const { h, c } of pass.plan.layers) {
    for (const matrix of c ? [h, c] : [h]) {
      const [last, first] = [rowsAt(pass, matrix, T, T + 1), rowsAt(pass, matrix, 0, T + 1)];
      pass.kernels.copyRows(pass.rows, matrix.panels, last, matrix.stride, first, matrix.stride);
    }
  }
}
