/** One thread's share of the forward pass: its rows of the batch through all layers. */
import { spreadProjection } from './characters.ts';
import type { Kernels } from './kernels.ts';
import { panelsOf, ROW } from './parameters.ts';
import { gateGroups, type LayerPlan, type Panels, share, type TrainingPlan, weightGroups } from './plan.ts';

/** Rows that pass through a product together, so that they stay in the second-level cache. */
export const ROW_BLOCK = 240;
/** Rows of logits that are made, turned into probabilities and used again while they are in cache. */
const LOGIT_BLOCK = 60;

export interface Dropout {
  /** From the seed and the optimiser's step; each place of dropout adds its own number. */
  readonly key: number;
  readonly threshold: number;
  readonly scale: number;
}

/** What a thread needs for a pass. */
export interface Pass {
  readonly kernels: Kernels;
  readonly plan: TrainingPlan;
  readonly thread: number;
  /** Rows of the batch of this thread, [from, to), and how many. */
  readonly from: number;
  readonly rows: number;
  /** Different characters of the batch. */
  readonly characters: number;
  readonly dropout: Dropout | undefined;
  readonly recurrentDropout: Dropout | undefined;
}

export function createPass(
  given: Pick<Pass, 'kernels' | 'plan' | 'thread' | 'characters' | 'dropout' | 'recurrentDropout'>,
): Pass {
  const { plan, thread } = given;
  const [from, to] = share(plan.batchSize, thread, plan.threads);
  return { ...given, from, rows: to - from };
}

/** Address of this thread's rows at time t. `steps` is T, or T + 1 for the state arrays h and c. */
export const rowsAt = (pass: Pass, matrix: Panels, t: number, steps: number): number =>
  matrix.at + (steps * pass.from + t * pass.rows) * ROW;

export const placeAt = (plan: TrainingPlan, base: number, name: string): number =>
  base + plan.parameters.byName.get(name)!.offset;

/** Calls `work` with [first row, rows] for blocks of the thread's T * rows rows. */
export function inBlocks(pass: Pass, block: number, work: (first: number, rows: number) => void): void {
  const total = pass.plan.seqLength * pass.rows;
  for (let first = 0; first < total; first += block) work(first, Math.min(block, total - first));
}

/** Drops elements of T * rows rows; `place` is l + 1 for the output of layer l. Its own gradient. */
export function applyDropout(
  pass: Pass,
  place: number,
  source: Panels,
  sourceSteps: number,
  sourceT: number,
  target: Panels,
): void {
  const { kernels, plan, dropout } = pass;
  if (!dropout) return;
  for (let t = 0; t < plan.seqLength; t++) {
    kernels.dropoutRows(
      pass.rows,
      source.panels,
      rowsAt(pass, source, t + sourceT, sourceSteps),
      source.stride,
      rowsAt(pass, target, t, plan.seqLength),
      target.stride,
      t * plan.batchSize + pass.from,
      0,
      dropout.key + Math.imul(place, 0x9e3779b9),
      dropout.threshold,
      dropout.scale,
    );
  }
}

/** What a layer from 1 on (or the output) reads: the rows of T steps, one block. */
export function layerInput(pass: Pass, layer: number): { at: number; matrix: Panels } {
  const { plan } = pass;
  const T = plan.seqLength;
  const below = plan.layers[layer - 1]!;
  if (pass.dropout && below.dropped) return { at: rowsAt(pass, below.dropped, 0, T), matrix: below.dropped };
  return { at: rowsAt(pass, below.h, 1, T + 1), matrix: below.h };
}

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

/** C += A x B over many panels of A, a part at a time so that B's part stays in the first-level cache. */
export function productInParts(
  kernels: Kernels,
  rows: number,
  kPanels: number,
  a: number,
  aStride: number,
  b: Panels,
  c: number,
  target: Panels,
): void {
  const PART = 20;
  for (let k = 0; k < kPanels; k += PART) {
    kernels.product(
      rows,
      Math.min(PART, kPanels - k),
      target.panels,
      a + k * aStride,
      aStride,
      b.at + k * 16 * ROW,
      b.stride,
      c,
      target.stride,
    );
  }
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
