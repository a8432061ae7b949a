/** Carried state between plain arrays [layer, (h, c), B, H] and tensors by layer. */
import { hasCellState, type NetworkSpec } from '../../model/network.ts';
import type { Ops } from './ops.ts';
import { readFloats } from './parameters.ts';
import type { Tensor } from './tfjs.ts';

/** h [B, H], and c [B, H] of the LSTM, by layer. */
export type State = readonly (readonly Tensor[])[];

const partsOf = (spec: NetworkSpec) => (hasCellState(spec.cell) ? 2 : 1);

export const stateLength = (spec: NetworkSpec, rows: number): number =>
  spec.numLayers * partsOf(spec) * rows * spec.rnnSize;

export function requireState(spec: NetworkSpec, rows: number, state: Float32Array): void {
  const length = stateLength(spec, rows);
  if (state.length !== length)
    throw new RangeError(`the carried state has ${length} numbers, not ${state.length}`);
}

/** Kept tensors. */
export function writeState(ops: Ops, spec: NetworkSpec, rows: number, state: Float32Array): State {
  const length = rows * spec.rnnSize;
  return Array.from({ length: spec.numLayers }, (_, layer) =>
    Array.from({ length: partsOf(spec) }, (_, part) => {
      const at = (layer * partsOf(spec) + part) * length;
      return ops.keep(ops.floats(state.subarray(at, at + length), [rows, spec.rnnSize]));
    }),
  );
}

export function readState(spec: NetworkSpec, rows: number, state: State): Float32Array {
  const array = new Float32Array(stateLength(spec, rows));
  state.flat().forEach((tensor, i) => {
    array.set(readFloats(tensor), i * rows * spec.rnnSize);
  });
  return array;
}
