/**
 * The safetensors container (https://github.com/huggingface/safetensors#format): 8 bytes of little-endian
 * header length, a JSON header (padded with spaces to 8 bytes), then the tensors' bytes without holes.
 * It knows tensors and a string-to-string metadata, nothing of networks or vocabularies.
 *
 * Reading trusts nothing: each fault is a `UserError` that names the file and what is wrong with it. Files
 * written here carry a `sha256` entry in their metadata, so that damage shows which leaves the structure
 * whole; files written by others need not have it.
 */
import { createHash } from 'node:crypto';
import { UserError } from '../errors.ts';
import { fromFloat16Bits, toFloat16Bits } from './float16.ts';
import { elements } from './network.ts';

export const DTYPES = ['float32', 'float16'] as const;
export type Dtype = (typeof DTYPES)[number];

/** Row-major values; float32 in memory whatever the file holds. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Where a tensor lies: `start` and `end` count bytes from the begin of the data. */
export interface TensorEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /** Bytes before the data. */
  readonly dataStart: number;
}

const CODES: Readonly<Record<string, Dtype>> = { F32: 'float32', F16: 'float16' };
const BYTES: Readonly<Record<Dtype, number>> = { float32: 4, float16: 2 };
export const HEADER_LENGTH_BYTES = 8;
const ALIGNMENT = 8;
/** A vocabulary of 100,000 characters needs less than 2 MB. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const METADATA = '__metadata__';
const CHECKSUM = 'sha256';
/** Halfway between the largest half (65,504) and the next that would be: the even neighbour is infinity. */
const ROUNDS_TO_INFINITY = 65520;

/**
 * The bytes of a file. float16 rounds to nearest, ties to even. Throws a `UserError` on a value that is not
 * finite or, in float16, beyond its range (65,504).
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
  dtype: Dtype,
): Uint8Array {
  const entries = new Map<string, TensorEntry>();
  let end = 0;
  for (const [name, { shape, values }] of tensors) {
    if (values.length !== elements(shape)) {
      throw new RangeError(`tensor ${name} has ${values.length} values, shape [${shape}]`);
    }
    const start = end;
    end += values.length * BYTES[dtype];
    entries.set(name, { dtype, shape, start, end });
  }
  const data = new Uint8Array(end);
  for (const [name, { start, end }] of entries) {
    writeValues(name, tensors.get(name)!.values, dtype, data.subarray(start, end));
  }
  return assemble(entries, metadata, data);
}

/** The file with other metadata; its tensors stay as they are, to the bit. Throws as `decodeSafetensors` on a damaged one. */
export function withMetadata(
  bytes: Uint8Array,
  metadata: Readonly<Record<string, string>>,
  file: string,
): Uint8Array {
  const header = decodeHeader(bytes, bytes.length, file);
  const data = bytes.subarray(header.dataStart);
  assertUndamaged(header, data, file);
  return assemble(header.entries, metadata, data);
}

function assemble(
  entries: ReadonlyMap<string, TensorEntry>,
  metadata: Readonly<Record<string, string>>,
  data: Uint8Array,
): Uint8Array {
  const header: Record<string, unknown> = {
    [METADATA]: { ...metadata, [CHECKSUM]: checksum(metadata, entries, data) },
  };
  for (const [name, { dtype, shape, start, end }] of entries) {
    header[name] = { dtype: codeOf(dtype), shape, data_offsets: [start, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(HEADER_LENGTH_BYTES + headerLength + data.length).fill(
    0x20,
    0,
    HEADER_LENGTH_BYTES + headerLength,
  );
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(json, HEADER_LENGTH_BYTES);
  bytes.set(data, HEADER_LENGTH_BYTES + headerLength);
  return bytes;
}

/** Reads and checks a whole file. Throws a `UserError` that names `file`. */
export function decodeSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const header = decodeHeader(bytes, bytes.length, file);
  const data = bytes.subarray(header.dataStart);
  const metadata = assertUndamaged(header, data, file);
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, start, end }] of header.entries) {
    const values = readValues(dtype, data.subarray(start, end));
    if (!isFiniteThroughout(values)) throw new UserError('tensorNotFinite', { file, tensor: name });
    tensors.set(name, { shape, values });
  }
  return { metadata, tensors };
}

/** Compares content and checksum, where there is one; returns the metadata without it. */
function assertUndamaged(
  { metadata: all, entries }: SafetensorsHeader,
  data: Uint8Array,
  file: string,
): Readonly<Record<string, string>> {
  const { [CHECKSUM]: expected, ...metadata } = all;
  if (expected !== undefined && expected !== checksum(metadata, entries, data)) {
    throw new UserError('fileChecksum', { file });
  }
  return metadata;
}

/** Bytes up to the end of the header, from the first 8 bytes of a file of `fileLength` bytes. */
export function headerEnd(bytes: Uint8Array, fileLength: number, file: string): number {
  if (bytes.length < HEADER_LENGTH_BYTES) throw new UserError('notSafetensors', { file });
  const length = new DataView(bytes.buffer, bytes.byteOffset, HEADER_LENGTH_BYTES).getBigUint64(0, true);
  if (length < 2n || length > BigInt(MAX_HEADER_BYTES)) throw new UserError('notSafetensors', { file });
  const dataStart = HEADER_LENGTH_BYTES + Number(length);
  if (dataStart > fileLength) {
    throw new UserError('fileLength', { file, actual: fileLength, expected: `${dataStart}+` });
  }
  return dataStart;
}

/**
 * Reads and checks the header alone. `bytes` is at least the file's length field and header; `fileLength` is
 * the length of the whole file. Throws a `UserError` that names `file`.
 */
export function decodeHeader(bytes: Uint8Array, fileLength: number, file: string): SafetensorsHeader {
  const dataStart = headerEnd(bytes, fileLength, file);
  const { [METADATA]: metadata = {}, ...tensors } = parseHeader(
    bytes.subarray(HEADER_LENGTH_BYTES, dataStart),
    file,
  );
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw new UserError('headerField', { file, field: METADATA });
  }
  const entries = new Map<string, TensorEntry>();
  for (const [name, entry] of Object.entries(tensors)) entries.set(name, checkEntry(name, entry, file));

  let end = 0;
  for (const [name, entry] of [...entries].sort(([, a], [, b]) => a.start - b.start || a.end - b.end)) {
    if (entry.start !== end) throw new UserError('headerField', { file, field: `${name}.data_offsets` });
    end = entry.end;
  }
  if (dataStart + end !== fileLength) {
    throw new UserError('fileLength', { file, actual: fileLength, expected: String(dataStart + end) });
  }
  return { metadata: metadata as Record<string, string>, entries, dataStart };
}

function parseHeader(bytes: Uint8Array, file: string): Record<string, unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const header: unknown = JSON.parse(text);
    if (isRecord(header) && !hasDuplicateKeys(text)) return header;
  } catch (error) {
    throw new UserError('notSafetensors', { file }, { cause: error });
  }
  throw new UserError('notSafetensors', { file });
}

/** JSON.parse keeps the last of two equal keys without a word; the format forbids them. `text` is valid JSON. */
function hasDuplicateKeys(text: string): boolean {
  const open: Set<string>[] = [];
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon) {
      const key = JSON.parse(string) as string;
      if (open.at(-1)!.has(key)) return true;
      open.at(-1)!.add(key);
    }
  }
  return false;
}

function checkEntry(name: string, value: unknown, file: string): TensorEntry {
  const { dtype: code, shape, data_offsets: offsets } = isRecord(value) ? value : {};
  const dtype = typeof code === 'string' && Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  if (dtype === undefined) throw new UserError('headerField', { file, field: `${name}.dtype` });
  if (!isSizes(shape)) throw new UserError('headerField', { file, field: `${name}.shape` });
  if (
    !isSizes(offsets) ||
    offsets.length !== 2 ||
    offsets[1] - offsets[0] !== elements(shape) * BYTES[dtype]
  ) {
    throw new UserError('headerField', { file, field: `${name}.data_offsets` });
  }
  return { dtype, shape, start: offsets[0], end: offsets[1] };
}

/** Independent of the order in which a file holds its entries, so that a file saved again elsewhere stays valid. */
function checksum(
  metadata: Readonly<Record<string, string>>,
  entries: ReadonlyMap<string, TensorEntry>,
  data: Uint8Array,
): string {
  const hash = createHash('sha256');
  const sorted = <T>(pairs: Iterable<[string, T]>) => [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const pair of sorted(Object.entries(metadata))) hash.update(JSON.stringify(pair));
  for (const [name, { dtype, shape, start, end }] of sorted(entries)) {
    hash.update(JSON.stringify([name, codeOf(dtype), shape])).update(data.subarray(start, end));
  }
  return hash.digest('hex');
}

function writeValues(name: string, values: Float32Array, dtype: Dtype, bytes: Uint8Array): void {
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

function readValues(dtype: Dtype, bytes: Uint8Array): Float32Array {
  const values = new Float32Array(bytes.length / BYTES[dtype]);
  if (dtype === 'float32') {
    // A copy, because the tensor may begin at any byte of its file.
    new Uint8Array(values.buffer).set(bytes);
  } else {
    halves ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => fromFloat16Bits(bits));
    const words = new Uint16Array(values.length);
    new Uint8Array(words.buffer).set(bytes);
    for (let i = 0; i < words.length; i++) values[i] = halves[words[i]];
  }
  return values;
}

/** Infinity and NaN times zero are NaN, and stay so in a sum: one branch instead of one a value. */
function isFiniteThroughout(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * 0;
  return sum === 0;
}

const codeOf = (dtype: Dtype): string => (dtype === 'float32' ? 'F32' : 'F16');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
