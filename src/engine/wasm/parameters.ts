/**
 * Where each tensor of a network stands in a kernel's memory, and the conversion from and to PyTorch's layout.
 *
 * Matrices stand as panels of 16 outputs: [panel][input k][16], outputs grouped by gate and each group padded to
 * whole panels, inputs padded likewise; vectors as their panels; the embedding as padded rows. Padding is zero and
 * stays zero, except in the output bias, where it keeps the padded characters' probability at exactly 0.
 */
import { elements, GATES, type NetworkSpec, tensorShapes, type Weights } from '../../model/network.ts';

export const panelsOf = (columns: number): number => Math.ceil(columns / 16);
/** Bytes of one row of a panel. */
export const ROW = 64;
const NEVER = -1e30;

export interface TensorPlace {
  readonly name: string;
  readonly shape: readonly number[];
  /** Bytes from the start of the parameters. */
  readonly offset: number;
  /** What one thread owns whole: a panel of a matrix or vector, a row of the embedding. */
  readonly units: number;
  readonly unitFloats: number;
  readonly isMatrix: boolean;
  readonly kind: 'panels' | 'vector' | 'rows';
  /** Outputs of one gate, of which each group is padded. */
  readonly groupSize: number;
}

export interface ParameterLayout {
  readonly places: readonly TensorPlace[];
  readonly byName: ReadonlyMap<string, TensorPlace>;
  /** Bytes of one copy (weights; gradients; each moment). */
  readonly bytes: number;
}

/** With tied weights there is no embedding of its own: its rows are the output's columns. */
export function layoutParameters(spec: NetworkSpec): ParameterLayout {
  const places: TensorPlace[] = [];
  let offset = 0;
  for (const [name, shape] of tensorShapes(spec)) {
    if (spec.tied && name === 'embedding.weight') continue;
    const groupSize = name.startsWith('rnn.') ? spec.rnnSize : shape[0]!;
    const groups = name.startsWith('rnn.') ? GATES[spec.cell] : 1;
    const kind = name === 'embedding.weight' ? 'rows' : shape.length === 1 ? 'vector' : 'panels';
    const inputs = 16 * panelsOf(shape[1] ?? 0);
    const units = kind === 'rows' ? shape[0]! : groups * panelsOf(groupSize);
    const unitFloats = kind === 'rows' ? inputs : kind === 'vector' ? 16 : inputs * 16;
    places.push({ name, shape, offset, units, unitFloats, isMatrix: shape.length > 1, kind, groupSize });
    offset += Math.ceil((units * unitFloats * 4) / 128) * 128;
  }
  return { places, byName: new Map(places.map((place) => [place.name, place])), bytes: offset };
}

/** Index of the first element of row `n` in a place, and the step between its columns. */
function rowStart(place: TensorPlace, n: number): { start: number; step: number } {
  if (place.kind === 'rows') return { start: n * place.unitFloats, step: 1 };
  const unit = n % place.groupSize;
  const panel = Math.floor(n / place.groupSize) * panelsOf(place.groupSize) + (unit >> 4);
  return { start: panel * place.unitFloats + (unit & 15), step: 16 };
}

/** Row-major tensor into its place. `memory` is the float view of one copy of the parameters. */
export function packTensor(place: TensorPlace, values: Float32Array, memory: Float32Array): void {
  const base = place.offset / 4;
  const [rows, columns] = [place.shape[0]!, place.shape[1] ?? 1];
  if (values.length !== elements(place.shape)) {
    throw new RangeError(`${place.name} has ${values.length} numbers instead of ${elements(place.shape)}`);
  }
  for (let n = 0; n < rows; n++) {
    const { start, step } = rowStart(place, n);
    for (let k = 0; k < columns; k++) memory[base + start + k * step] = values[n * columns + k]!;
  }
}

export function unpackTensor(place: TensorPlace, memory: Float32Array): Float32Array {
  const base = place.offset / 4;
  const [rows, columns] = [place.shape[0]!, place.shape[1] ?? 1];
  const values = new Float32Array(rows * columns);
  for (let n = 0; n < rows; n++) {
    const { start, step } = rowStart(place, n);
    for (let k = 0; k < columns; k++) values[n * columns + k] = memory[base + start + k * step]!;
  }
  return values;
}

/** All weights into one copy of the parameters, padding included. */
export function packWeights(layout: ParameterLayout, weights: Weights, memory: Float32Array): void {
  for (const place of layout.places) {
    const values = weights.get(place.name);
    if (!values) throw new RangeError(`weights lack ${place.name}`);
    packTensor(place, values, memory);
    if (place.name === 'output.bias') {
      const end = place.offset / 4 + place.units * 16;
      memory.fill(NEVER, place.offset / 4 + place.shape[0]!, end);
    }
  }
}

/** Every tensor by its PyTorch name; a tied embedding is the output's array. */
export function unpackWeights(
  spec: NetworkSpec,
  layout: ParameterLayout,
  memory: Float32Array,
): Map<string, Float32Array> {
  const place = (name: string) =>
    layout.byName.get(spec.tied && name === 'embedding.weight' ? 'output.weight' : name)!;
  const weights = new Map(
    [...tensorShapes(spec).keys()].map((name) => [name, unpackTensor(place(name), memory)]),
  );
  if (spec.tied) weights.set('output.weight', weights.get('embedding.weight')!);
  return weights;
}
