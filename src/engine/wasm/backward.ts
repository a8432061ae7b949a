/**
 * One thread's share of the backward pass over its rows of the batch: gradients of activations. Those of the weights
 * follow in gradients.ts when all threads are there.
 */

import { panelsOf, ROW } from './parameters.ts';
import { applyDropout, inBlocks, type Pass, productInParts, ROW_BLOCK, rowsAt } from './pass.ts';
import { type Panels, weightGroups } from './plan.ts';

function cellBackward(pass: Pass, layer: number, t: number, dh: Panels): void {
  const { kernels, plan, rows } = pass;
  const { gates, h, c } = plan.layers[layer]!;
  const T = plan.seqLength;
  const g = rowsAt(pass, gates, t, T);
  const d = rowsAt(pass, dh, t, T);
  switch (plan.spec.cell) {
    case 'lstm': {
      const [before, after] = [rowsAt(pass, c!, t, T + 1), rowsAt(pass, c!, t + 1, T + 1)];
      const dc = plan.dc.at + pass.from * ROW;
      kernels.lstmBackward(
        rows,
        h.panels,
        g,
        gates.stride,
        before,
        after,
        c!.stride,
        d,
        dh.stride,
        dc,
        plan.dc.stride,
      );
      break;
    }
    case 'gru': {
      const previous = t > 0 ? rowsAt(pass, dh, t - 1, T) : 0;
      kernels.gruBackward(
        rows,
        h.panels,
        g,
        gates.stride,
        rowsAt(pass, h, t, T + 1),
        h.stride,
        d,
        previous,
        dh.stride,
      );
      break;
    }
    case 'rnn':
      kernels.rnnBackward(rows, h.panels, g, gates.stride, d, dh.stride);
      break;
    default:
      plan.spec.cell satisfies never;
  }
}

/** dh of step t - 1 += gate gradients of step t x recurrent weights, gate by gate so that a panel stays in cache. */
function recurrentBackward(pass: Pass, layer: number, t: number, dh: Panels): void {
  const { kernels, plan, rows } = pass;
  const { gates, recurrentTransposed: weight } = plan.layers[layer]!;
  const H = panelsOf(plan.spec.rnnSize);
  const T = plan.seqLength;
  for (let group = 0; group < weightGroups(plan.spec); group++) {
    const gateGroup = plan.spec.cell === 'gru' && group === 2 ? 3 : group;
    kernels.product(
      rows,
      H,
      H,
      rowsAt(pass, gates, t, T) + gateGroup * H * gates.stride,
      gates.stride,
      weight.at + group * H * 16 * ROW,
      weight.stride,
      rowsAt(pass, dh, t - 1, T),
      dh.stride,
    );
  }
}

/** Gradients of all activations of the thread's rows. `plan.dh[0]` holds that of the last layer's output. */
export function backwardRows(pass: Pass): void {
  const { kernels, plan, rows } = pass;
  if (rows === 0) return;
  const T = plan.seqLength;
  for (let layer = plan.spec.numLayers - 1, turn = 0; layer >= 0; layer--, turn = 1 - turn) {
    const dh = plan.dh[turn]!;
    applyDropout(pass, layer + 1, dh, T, 0, dh);
    kernels.zeroRows(rows, plan.dc.panels, plan.dc.at + pass.from * ROW, plan.dc.stride);
    for (let t = T - 1; t >= 0; t--) {
      cellBackward(pass, layer, t, dh);
      if (t > 0) recurrentBackward(pass, layer, t, dh);
    }
    if (layer > 0) inputGradient(pass, layer, plan.dh[1 - turn]!);
  }
}

/** Gradient of what a layer from 1 on reads. */
function inputGradient(pass: Pass, layer: number, below: Panels): void {
  const { kernels, plan } = pass;
  const T = plan.seqLength;
  const { gates, inputTransposed } = plan.layers[layer]!;
  const panels = weightGroups(plan.spec) * panelsOf(plan.spec.rnnSize);
  inBlocks(pass, ROW_BLOCK, (first, count) => {
    const target = rowsAt(pass, below, 0, T) + first * ROW;
    kernels.zeroRows(count, below.panels, target, below.stride);
    const d = rowsAt(pass, gates, 0, T) + first * ROW;
    productInParts(kernels, count, panels, d, gates.stride, inputTransposed, target, below);
  });
}
