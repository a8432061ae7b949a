/**
 * The memory map of a training stepper: computed alike by every thread from the same few numbers.
 *
 * Rows (time x batch) of an activation stand thread by thread, each thread's by time: thread p with rows
 * [b0, b1) of the batch keeps (t, b) at T * b0 + t * (b1 - b0) + (b - b0), so that all its time steps are one
 * block for the products that need no order. State arrays have T + 1 steps; step 0 is the carried state.
 *
 * What depends on a row's character alone (its embedding, layer 0's input products) is made once for each different
 * character of a batch: those arrays have a row for each, at most min(V, T * B).
 */
import type { NetworkSpec } from '../../model/network.ts';
import { RESERVED_BYTES } from './kernels.ts';
import { layoutParameters, type ParameterLayout, panelsOf, ROW } from './parameters.ts';

export interface TrainingShape {
  readonly spec: NetworkSpec;
  readonly batchSize: number;
  readonly seqLength: number;
  readonly threads: number;
  /** RMSProp keeps no first moment. */
  readonly firstMoment: boolean;
  readonly recurrentDropout: number;
}

/** A matrix of panels in memory. */
export interface Panels {
  readonly at: number;
  readonly panels: number;
  /** Bytes between panels. */
  readonly stride: number;
}

export interface LayerPlan {
  /** Groups of gate panels: LSTM i f g o, GRU r z n_x n_h, RNN one. */
  readonly gates: Panels;
  readonly h: Panels;
  readonly c: Panels | undefined;
  /** h after dropout; undefined without dropout. */
  readonly dropped: Panels | undefined;
  /** Transposed weights, right operands of the backward products. */
  readonly inputTransposed: Panels;
  readonly recurrentTransposed: Panels;
  /** Recurrent weights after dropout; undefined without it. */
  readonly recurrentDropped: number | undefined;
}

export interface TrainingPlan extends TrainingShape {
  readonly parameters: ParameterLayout;
  readonly weights: number;
  readonly gradients: number;
  readonly firstMoments: number;
  readonly secondMoments: number;
  /** i32 [T * B] each: the row's character as its index among `characters`; the id to be predicted. */
  readonly places: number;
  readonly targets: number;
  /** i32: ids of the batch's different characters. */
  readonly characters: number;
  /** A row for each different character: embedding after dropout; layer 0's input product, later its gradient. */
  readonly embedded: Panels;
  readonly projected: Panels;
  readonly layers: readonly LayerPlan[];
  readonly logits: Panels;
  readonly outputTransposed: Panels;
  /** Gradients of a layer's h, two in turn. */
  readonly dh: readonly [Panels, Panels];
  readonly dEmbedded: Panels;
  readonly dc: Panels;
  readonly bytes: number;
}

/** Control area, shared by the threads. Addresses in bytes. */
export const CONTROL = {
  barrier: RESERVED_BYTES,
  /** i32: command, dropout key, optimiser step, counted targets, different characters. */
  command: RESERVED_BYTES + 64,
  /** i32: next piece of work that no thread has taken. */
  queue: RESERVED_BYTES + 96,
  /** f64: learning rate. */
  rate: RESERVED_BYTES + 128,
  /** f64 loss and squared norm of each thread, a cache line each. */
  results: RESERVED_BYTES + 192,
  end: (threads: number) => RESERVED_BYTES + 192 + threads * 64,
} as const;

/** Rows of the batch that a thread owns: [from, to). */
export function share(count: number, thread: number, threads: number): readonly [number, number] {
  return [Math.floor((count * thread) / threads), Math.floor((count * (thread + 1)) / threads)];
}

export const gateGroups = (spec: NetworkSpec): number => (spec.cell === 'rnn' ? 1 : 4);
export const weightGroups = (spec: NetworkSpec): number => ({ lstm: 4, gru: 3, rnn: 1 })[spec.cell];

export function planTraining(shape: TrainingShape): TrainingPlan {
  const { spec, batchSize: B, seqLength: T } = shape;
  const parameters = layoutParameters(spec);
  const [H, E, V] = [panelsOf(spec.rnnSize), panelsOf(spec.embeddingSize), panelsOf(spec.vocabularySize)];
  let top = Math.ceil(CONTROL.end(shape.threads) / 128) * 128;
  const take = (bytes: number) => {
    const at = top;
    top = Math.ceil((top + bytes) / 128) * 128;
    return at;
  };
  const matrix = (panels: number, rows: number): Panels => {
    const stride = spacedRows(rows) * ROW;
    return { at: take(panels * stride), panels, stride };
  };
  const rows = T * B;
  const characters = Math.min(spec.vocabularySize, rows);
  const outputs = weightGroups(spec) * H * 16;
  const weights = take(parameters.bytes);
  const gradients = take(parameters.bytes);
  const firstMoments = shape.firstMoment ? take(parameters.bytes) : 0;
  const secondMoments = take(parameters.bytes);
  const layers = Array.from(
    { length: spec.numLayers },
    (_, layer): LayerPlan => ({
      gates: matrix(gateGroups(spec) * H, rows),
      h: matrix(H, rows + B),
      c: spec.cell === 'lstm' ? matrix(H, rows + B) : undefined,
      dropped: spec.dropout > 0 ? matrix(H, rows) : undefined,
      inputTransposed: matrix(layer === 0 ? E : H, outputs),
      recurrentTransposed: matrix(H, outputs),
      recurrentDropped: shape.recurrentDropout > 0 ? take(H * 16 * 4 * outputs) : undefined,
    }),
  );
  return {
    ...shape,
    parameters,
    weights,
    gradients,
    firstMoments,
    secondMoments,
    places: take(rows * 4),
    targets: take(rows * 4),
    characters: take(characters * 4),
    embedded: matrix(E, characters),
    projected: matrix(weightGroups(spec) * H, characters),
    layers,
    logits: matrix(V, rows),
    outputTransposed: matrix(H, V * 16),
    dh: [matrix(H, rows), matrix(H, rows)],
    dEmbedded: matrix(E, characters),
    dc: matrix(H, B),
    bytes: top,
  };
}

/**
 * Rows between panels, for `rows` rows. A tile reads the same few rows of many panels: where those are a power of two
 * apart (batch 32 x sequence 64) they fall on the same sets of the caches and evict each other.
 */
const spacedRows = (rows: number): number => rows + 8;
