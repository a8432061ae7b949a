/**
 * The weight matrices of a sampling stepper, in one of two precisions behind one face: float32, or 8-bit whole
 * numbers with a scale for each output (a quarter of the memory traffic, which is what bounds a single lyric).
 */
import type { NetworkSpec, Weights } from '../../model/network.ts';
import type { Kernels } from './kernels.ts';
import { layoutParameters, packTensor, panelsOf, ROW, type TensorPlace } from './parameters.ts';

/** Rows of activations that are about to be multiplied. Addresses and strides in bytes. */
export interface Activations {
  readonly at: number;
  readonly panels: number;
  readonly stride: number;
  /** What 16-bit rounding multiplied them by; 1 in float32. */
  readonly scale: number;
}

export interface Matrices {
  /** Reads the matrices out of the weights; called once, when the memory exists. */
  load(weights: Weights, memory: WebAssembly.Memory, kernels: Kernels): void;
  /** Makes activations ready for any number of products. `bound`: the largest absolute value among them. */
  prepare(kernels: Kernels, rows: number, x: Omit<Activations, 'scale'>, bound: number): Activations;
  /** C += A x the matrix's panels [first, first + count). */
  multiply(
    kernels: Kernels,
    rows: number,
    a: Activations,
    name: string,
    first: number,
    count: number,
    c: number,
  ): void;
}

/** Takes `bytes` of the stepper's memory and gives their address. */
export type Take = (bytes: number) => number;

function matrixPlaces(spec: NetworkSpec): TensorPlace[] {
  return layoutParameters({ ...spec, tied: false }).places.filter((place) => place.kind === 'panels');
}

export class FloatMatrices implements Matrices {
  readonly #places = new Map<string, { place: TensorPlace; at: number }>();

  constructor(spec: NetworkSpec, take: Take) {
    for (const place of matrixPlaces(spec)) {
      this.#places.set(place.name, { place, at: take(place.units * place.unitFloats * 4) });
    }
  }

  load(weights: Weights, memory: WebAssembly.Memory): void {
    for (const [name, { place, at }] of this.#places) {
      const floats = new Float32Array(memory.buffer, at, place.units * place.unitFloats);
      packTensor({ ...place, offset: 0 }, weights.get(name)!, floats);
    }
  }

  prepare(_kernels: Kernels, _rows: number, x: Omit<Activations, 'scale'>): Activations {
    return { ...x, scale: 1 };
  }

  multiply(
    k: Kernels,
    rows: number,
    a: Activations,
    name: string,
    first: number,
    count: number,
    c: number,
  ): void {
    const { place, at } = this.#places.get(name)!;
    const bytes = place.unitFloats * 4;
    k.product(rows, a.panels, count, a.at, a.stride, at + first * bytes, bytes, c, rows * ROW);
  }
}

export class QuantizedMatrices implements Matrices {
  readonly #places = new Map<string, { place: TensorPlace; at: number; scales: number }>();
  /** One row of weights on its way to 8 bits. */
  readonly #row: number;
  readonly #rounded: number;
  readonly #roundedStride: number;

  constructor(spec: NetworkSpec, slots: number, take: Take) {
    for (const place of matrixPlaces(spec)) {
      this.#places.set(place.name, {
        place,
        at: take(place.units * place.unitFloats),
        scales: take(place.units * ROW),
      });
    }
    this.#roundedStride = Math.max(panelsOf(spec.rnnSize), panelsOf(spec.embeddingSize)) * 32;
    this.#row = take(this.#roundedStride * 2);
    this.#rounded = take(slots * this.#roundedStride);
  }

  load(weights: Weights, memory: WebAssembly.Memory, kernels: Kernels): void {
    for (const [name, { place, at, scales }] of this.#places) {
      const values = weights.get(name)!;
      const [outputs, inputs] = [place.shape[0]!, place.shape[1]!];
      const row = new Float32Array(memory.buffer, this.#row, inputs);
      for (let n = 0; n < outputs; n++) {
        row.set(values.subarray(n * inputs, (n + 1) * inputs));
        const unit = n % place.groupSize;
        const panel = Math.floor(n / place.groupSize) * panelsOf(place.groupSize) + (unit >> 4);
        const lane = unit & 15;
        const target = at + panel * place.unitFloats + lane * 2;
        kernels.quantizeWeights(inputs, this.#row, target, scales + (panel * 16 + lane) * 4);
      }
    }
  }

  prepare(k: Kernels, rows: number, x: Omit<Activations, 'scale'>, bound: number): Activations {
    // 16 bits, or fewer where the sum of many inputs times 127 would not fit 32 bits
    const most = Math.min(32767, Math.floor((2 ** 31 - 1) / (127 * 16 * x.panels)));
    const scale = bound > 0 ? most / bound : 1;
    k.quantizeRows(rows, x.panels, x.at, x.stride, scale, this.#rounded, this.#roundedStride);
    return { at: this.#rounded, panels: x.panels, stride: this.#roundedStride, scale };
  }

  multiply(
    k: Kernels,
    rows: number,
    a: Activations,
    name: string,
    first: number,
    count: number,
    c: number,
  ): void {
    const { place, at, scales } = this.#places.get(name)!;
    const b = at + first * place.unitFloats;
    k.quantizedProduct(
      rows,
      a.panels,
      count,
      a.at,
      a.stride,
      b,
      scales + first * ROW,
      1 / a.scale,
      c,
      rows * ROW,
    );
  }
}
