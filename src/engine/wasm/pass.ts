/** What a thread needs for a pass over its rows of a batch, and where things stand for it. */
import type { Kernels } from './kernels.ts';
import { ROW, type TensorPlace } from './parameters.ts';
import { type Panels, share, type TrainingPlan } from './plan.ts';

/** Rows that pass through a product together, so that they stay in the second-level cache. */
export const ROW_BLOCK = 240;

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

/** A thread's units of a tensor: [first, count, address and floats of that part in the copy at `base`]. */
export function ownPart(plan: TrainingPlan, thread: number, place: TensorPlace, base: number) {
  const [first, end] = share(place.units, thread, plan.threads);
  const at = base + place.offset + first * place.unitFloats * 4;
  return { first, count: end - first, at, floats: (end - first) * place.unitFloats };
}
