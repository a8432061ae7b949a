/**
 * Gradients of the weights, over the rows of all threads: a thread makes whole panels of outputs, so nothing has to be
 * summed between threads. Panels are handed out a few at a time to whoever is free; who makes one changes no bit of it.
 */

import { sumByCharacter } from './characters.ts';
import { panelsOf, ROW } from './parameters.ts';
import { layerInput, ownPart, type Pass } from './pass.ts';
import { CONTROL, type Panels, share, type TrainingPlan, weightGroups } from './plan.ts';
import { dropRecurrentPanels } from './recurrent-dropout.ts';

/** Panels of one piece of work: small enough to share evenly, large enough to keep the left operand in cache. */
const PIECE = 6;

/** Rows that stand together: of one thread, or all. Addresses in bytes. */
interface Rows {
  readonly count: number;
  readonly input: number;
  readonly output: number;
}

/** A weight matrix, with the activations that it multiplied and the gradients of what came out. */
interface Operands {
  readonly weight: string;
  readonly bias: string;
  readonly inputMatrix: Panels;
  readonly outputs: Panels;
  readonly rows: readonly Rows[];
  /** Of recurrent weights: their layer, whose mask the gradient goes through. */
  readonly recurrent?: number;
}

/** Some panels of a matrix; `panel` counts those of the weight, `output` those of the gradients. */
interface Piece {
  readonly panel: number;
  readonly output: number;
  readonly count: number;
}

/** Gradients of all weights but what the embedding adds, which needs every panel (`embeddingGradient`). */
export function weightGradients(pass: Pass): void {
  clearEmbedding(pass);
  const next = () => pass.kernels.takeWork(CONTROL.queue);
  let turn = next();
  let seen = 0;
  for (const { operands, piece } of allPieces(pass)) {
    if (seen++ !== turn) continue;
    weightGradient(pass, operands, piece);
    turn = next();
  }
}

/** Rows of characters that the batch lacks have no gradient. */
function clearEmbedding({ kernels, plan, thread }: Pass): void {
  const place = plan.parameters.byName.get('embedding.weight');
  if (!place) return;
  const part = ownPart(plan, thread, place, plan.gradients);
  kernels.zeroRows(part.floats / 16, 1, part.at, 0);
}

function* allPieces(pass: Pass): Generator<{ operands: Operands; piece: Piece }> {
  const { plan } = pass;
  const H = panelsOf(plan.spec.rnnSize);
  for (let layer = 0; layer < plan.spec.numLayers; layer++) {
    const [fromInput, fromState] = [inputOperands(pass, layer), recurrentOperands(pass, layer)];
    for (let group = 0; group < weightGroups(plan.spec); group++) {
      // the GRU keeps the recurrent part of n in a fourth group of gates
      const recurrentGroup = plan.spec.cell === 'gru' && group === 2 ? 3 : group;
      for (let first = 0; first < H; first += PIECE) {
        const count = Math.min(PIECE, H - first);
        const panel = group * H + first;
        yield { operands: fromInput, piece: { panel, output: panel, count } };
        yield { operands: fromState, piece: { panel, output: recurrentGroup * H + first, count } };
      }
    }
  }
  const output = outputOperands(pass);
  for (let panel = 0; panel < plan.logits.panels; panel += PIECE) {
    const count = Math.min(PIECE, plan.logits.panels - panel);
    yield { operands: output, piece: { panel, output: panel, count } };
  }
}

function weightGradient(pass: Pass, operands: Operands, { panel, output, count }: Piece): void {
  const { kernels, plan } = pass;
  const { inputMatrix, outputs } = operands;
  if (outputs === plan.projected) sumByCharacter(pass, output, count);
  const place = plan.parameters.byName.get(operands.weight)!;
  const weight = plan.gradients + place.offset + panel * place.unitFloats * 4;
  const bias = plan.gradients + plan.parameters.byName.get(operands.bias)!.offset + panel * ROW;
  kernels.zeroRows((count * place.unitFloats) / 16, 1, weight, 0);
  kernels.zeroRows(count, 1, bias, 0);
  for (const rows of operands.rows) {
    kernels.gradientProduct(
      rows.count,
      inputMatrix.panels,
      count,
      rows.input,
      inputMatrix.stride,
      rows.output + output * outputs.stride,
      outputs.stride,
      weight,
      bias,
    );
  }
  if (operands.recurrent !== undefined) {
    dropRecurrentPanels(pass, operands.recurrent, { first: panel, count, source: weight, target: weight });
  }
}

function inputOperands(pass: Pass, layer: number): Operands {
  const { plan } = pass;
  const names = { weight: `rnn.weight_ih_l${layer}`, bias: `rnn.bias_ih_l${layer}` };
  if (layer === 0) {
    const { embedded, projected } = plan;
    const rows = [{ count: pass.characters, input: embedded.at, output: projected.at }];
    return { ...names, inputMatrix: embedded, outputs: projected, rows };
  }
  return { ...names, ...fromBelow(pass, layer, plan.layers[layer]!.gates) };
}

function recurrentOperands({ plan }: Pass, layer: number): Operands {
  const { h, gates } = plan.layers[layer]!;
  return {
    weight: `rnn.weight_hh_l${layer}`,
    bias: `rnn.bias_hh_l${layer}`,
    recurrent: layer,
    inputMatrix: h,
    outputs: gates,
    // the states before each step: the first T of T + 1
    rows: rowsOfThreads(plan, (from) => h.at + (plan.seqLength + 1) * from * ROW, gates),
  };
}

function outputOperands(pass: Pass): Operands {
  const { plan } = pass;
  return {
    weight: 'output.weight',
    bias: 'output.bias',
    ...fromBelow(pass, plan.spec.numLayers, plan.logits),
  };
}

/** What a layer from 1 on (or the output) read: h of T + 1 steps without the first, or its copy after dropout. */
function fromBelow(pass: Pass, layer: number, outputs: Panels) {
  const { plan } = pass;
  const { matrix } = layerInput(pass, layer);
  const T = plan.seqLength;
  const input = (from: number, rows: number) =>
    matrix.at + (matrix === plan.layers[layer - 1]!.h ? (T + 1) * from + rows : T * from) * ROW;
  return { inputMatrix: matrix, outputs, rows: rowsOfThreads(plan, input, outputs) };
}

function rowsOfThreads(
  plan: TrainingPlan,
  input: (from: number, rows: number) => number,
  outputs: Panels,
): Rows[] {
  const T = plan.seqLength;
  return Array.from({ length: plan.threads }, (_, thread) => share(plan.batchSize, thread, plan.threads))
    .filter(([from, to]) => to > from)
    .map(([from, to]) => ({
      count: T * (to - from),
      input: input(from, to - from),
      output: outputs.at + T * from * ROW,
    }));
}
