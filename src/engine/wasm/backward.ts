/**
 * One thread's share of the backward pass: first its rows of the batch (gradients of activations), then, when all
 * threads are there, its panels of the weights (gradients of weights over all rows: nothing has to be summed
 * between threads).
 */
import {
  applyDropout,
  inBlocks,
  layerInput,
  type Pass,
  placeAt,
  productInParts,
  ROW_BLOCK,
  rowsAt,
} from './forward.ts';
import { panelsOf, ROW, type TensorPlace } from './parameters.ts';
import { type Panels, share, type TrainingPlan, weightGroups } from './plan.ts';

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
    const below = layer === 0 ? plan.dEmbedded : plan.dh[1 - turn]!;
    const { gates, inputTransposed } = plan.layers[layer]!;
    const panels = weightGroups(plan.spec) * panelsOf(plan.spec.rnnSize);
    inBlocks(pass, ROW_BLOCK, (first, count) => {
      const target = rowsAt(pass, below, 0, T) + first * ROW;
      kernels.zeroRows(count, below.panels, target, below.stride);
      productInParts(
        kernels,
        count,
        panels,
        rowsAt(pass, gates, 0, T) + first * ROW,
        gates.stride,
        inputTransposed,
        target,
        below,
      );
    });
  }
  applyDropout(pass, 0, plan.dEmbedded, T, 0, plan.dEmbedded);
}

/** The thread's units of a tensor, as [first, count, address and floats of that part in the copy at `base`]. */
export function ownPart(pass: Pass, place: TensorPlace, base: number) {
  const [first, end] = share(place.units, pass.thread, pass.plan.threads);
  const at = base + place.offset + first * place.unitFloats * 4;
  return { first, count: end - first, at, floats: (end - first) * place.unitFloats };
}

/** Calls `work` with the input rows and the other threads' rows that stand at the same place in T-step arrays. */
function forEachThread(plan: TrainingPlan, work: (from: number, rows: number) => void): void {
  for (let thread = 0; thread < plan.threads; thread++) {
    const [from, to] = share(plan.batchSize, thread, plan.threads);
    if (to > from) work(from, to - from);
  }
}

interface GradientOperands {
  readonly weight: string;
  readonly bias: string;
  /** Left operand's address for a thread's rows. */
  readonly input: (from: number, rows: number) => number;
  readonly inputMatrix: Panels;
  readonly outputs: Panels;
  /** Panel of `outputs` that belongs to a panel of the weights. */
  readonly outputPanel: (panel: number) => number;
}

/** Gradient of this thread's panels of a weight matrix and of its bias. */
function weightGradient(pass: Pass, operands: GradientOperands): void {
  const { kernels, plan } = pass;
  const weight = ownPart(pass, plan.parameters.byName.get(operands.weight)!, plan.gradients);
  const bias = ownPart(pass, plan.parameters.byName.get(operands.bias)!, plan.gradients);
  kernels.zeroRows(weight.floats / 16, 1, weight.at, 0);
  kernels.zeroRows(bias.floats / 16, 1, bias.at, 0);
  const panelBytes = operands.inputMatrix.panels * 16 * ROW;
  const T = plan.seqLength;
  // panels whose gradients stand side by side are done in one call
  let done = 0;
  while (done < weight.count) {
    const panel = operands.outputPanel(weight.first + done);
    let count = 1;
    while (done + count < weight.count && operands.outputPanel(weight.first + done + count) === panel + count)
      count++;
    forEachThread(plan, (from, rows) => {
      kernels.gradientProduct(
        T * rows,
        operands.inputMatrix.panels,
        count,
        operands.input(from, rows),
        operands.inputMatrix.stride,
        operands.outputs.at + T * from * ROW + panel * operands.outputs.stride,
        operands.outputs.stride,
        weight.at + done * panelBytes,
        bias.at + done * ROW,
      );
    });
    done += count;
  }
}

function embeddingGradient(pass: Pass): void {
  const { kernels, plan } = pass;
  const { tied } = plan.spec;
  const place = plan.parameters.byName.get(tied ? 'output.weight' : 'embedding.weight')!;
  const part = ownPart(pass, place, plan.gradients);
  if (!tied) kernels.zeroRows(part.floats / 16, 1, part.at, 0);
  const [from, to] = tied
    ? [part.first * 16, (part.first + part.count) * 16]
    : [part.first, part.first + part.count];
  const scatter = tied ? kernels.scatterColumns : kernels.scatterRows;
  scatter(
    plan.seqLength * plan.batchSize,
    plan.dEmbedded.panels,
    plan.ids,
    from,
    to,
    plan.dEmbedded.at,
    plan.dEmbedded.stride,
    placeAt(plan, plan.gradients, place.name),
  );
}

/** Gradients of this thread's panels of all weights, over the rows of all threads. */
export function backwardWeights(pass: Pass): void {
  const { plan } = pass;
  const T = plan.seqLength;
  const H = panelsOf(plan.spec.rnnSize);
  const inputOf = (layer: number) => {
    const { matrix } = layerInput(pass, layer);
    const steps = layer > 0 && matrix === plan.layers[layer - 1]!.h ? T + 1 : T;
    const skipped = steps === T ? 0 : 1;
    return { matrix, at: (from: number, rows: number) => matrix.at + (steps * from + skipped * rows) * ROW };
  };
  for (let layer = 0; layer < plan.spec.numLayers; layer++) {
    const { gates, h } = plan.layers[layer]!;
    const input = inputOf(layer);
    weightGradient(pass, {
      weight: `rnn.weight_ih_l${layer}`,
      bias: `rnn.bias_ih_l${layer}`,
      input: input.at,
      inputMatrix: input.matrix,
      outputs: gates,
      outputPanel: (panel) => panel,
    });
    weightGradient(pass, {
      weight: `rnn.weight_hh_l${layer}`,
      bias: `rnn.bias_hh_l${layer}`,
      input: (from) => h.at + (T + 1) * from * ROW,
      inputMatrix: h,
      outputs: gates,
      outputPanel: (panel) => (plan.spec.cell === 'gru' && panel >= 2 * H ? panel + H : panel),
    });
  }
  const input = inputOf(plan.spec.numLayers);
  weightGradient(pass, {
    weight: 'output.weight',
    bias: 'output.bias',
    input: input.at,
    inputMatrix: input.matrix,
    outputs: plan.logits,
    outputPanel: (panel) => panel,
  });
  embeddingGradient(pass);
}
