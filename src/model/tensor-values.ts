/** Numbers of a tensor as the bytes of a file and in memory, in pieces: a large model has sixteen million. */
import { UserError } from '../errors.ts';
import { fromFloat16Bits, toFloat16Bits } from './float16.ts';
import type { Steps } from './steps.ts';

export const DTYPES = ['float32', 'float16'] as const;
export type Dtype = (typeof DTYPES)[number];

export const BYTES = { float32: 4, float16: 2, uint8: 1 } as const;
/** Bytes that are worked on at once: a millisecond. */
export const PIECE = 2 ** 20;
/** Halfway between the largest half (65,504) and the next that would be: the even neighbour is infinity. */
const ROUNDS_TO_INFINITY = 65520;

/** Throws a `UserError` on a value that is not finite or beyond the range of `dtype`. */
export function writeValues(name: string, values: Float32Array, dtype: Dtype, bytes: Uint8Array): void {
  if (dtype === 'float32') {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  } else {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < values.length; i++) view.setUint16(2 * i, toFloat16Bits(values[i]), true);
  }
  const limit = dtype === 'float32' ? Number.MAX_VALUE : ROUNDS_TO_INFINITY;
  const fault = values.find((value) => !(Math.abs(value) < limit));
  if (fault !== undefined)
    throw new UserError('valueNotStorable', { tensor: name, value: String(fault), dtype });
}

/** The value of each half, made when the first file with halves is read. */
let halves: Float32Array | undefined;

/** A copy, because the tensor may begin at any byte of its file. Undefined where a value is not finite. */
export function* readValues(dtype: Dtype, bytes: Uint8Array): Steps<Float32Array | undefined> {
  const values = new Float32Array(bytes.length / BYTES[dtype]);
  for (let start = 0; start < bytes.length; start += PIECE) {
    const piece = bytes.subarray(start, start + PIECE);
    const at = start / BYTES[dtype];
    const part = values.subarray(at, at + piece.length / BYTES[dtype]);
    if (dtype === 'float32') new Uint8Array(part.buffer, part.byteOffset, part.byteLength).set(piece);
    else readHalves(piece, part);
    if (!isFiniteThroughout(part)) return undefined;
    yield;
  }
  return values;
}

function readHalves(bytes: Uint8Array, values: Float32Array): void {
  halves ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => fromFloat16Bits(bits));
  const words = new Uint16Array(values.length);
  new Uint8Array(words.buffer).set(bytes);
  for (let i = 0; i < words.length; i++) values[i] = halves[words[i]];
}

/** Infinity and NaN times zero are NaN, and stay so in a sum: one branch instead of one a value. */
function isFiniteThroughout(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * 0;
  return sum === 0;
}

/** Bytes to the begin of others. */
export function* copyValues(from: Uint8Array, to: Uint8Array): Steps<void> {
  for (let at = 0; at < from.length; at += PIECE) {
    to.set(from.subarray(at, at + PIECE), at);
    yield;
  }
}

/** Whether two tensors have the same values. */
export function* areEqual(one: Float32Array, other: Float32Array): Steps<boolean> {
  for (let i = 0; i < one.length; i++) {
    if (one[i] !== other[i]) return false;
    if (i % PIECE === PIECE - 1) yield;
  }
  return true;
}
