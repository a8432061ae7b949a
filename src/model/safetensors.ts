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
import { elements } from './network.ts';
import { atOnce, gently, type Steps } from './steps.ts';
import { BYTES, copyValues, type Dtype, PIECE, readValues, writeValues } from './tensor-values.ts';

export { DTYPES, type Dtype } from './tensor-values.ts';

/** Row-major values; float32 in memory whatever the file holds. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Tensors of one dimension that hold bytes (U8). */
  readonly bytes: ReadonlyMap<string, Uint8Array>;
}

/** Where a tensor lies: `start` and `end` count bytes from the begin of the data. */
export interface TensorEntry {
  readonly dtype: Dtype | 'uint8';
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

const CODES: Readonly<Record<string, TensorEntry['dtype']>> = { F32: 'float32', F16: 'float16', U8: 'uint8' };
export const HEADER_LENGTH_BYTES = 8;
const ALIGNMENT = 8;
/** A vocabulary of 100,000 characters needs less than 2 MB. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const METADATA = '__metadata__';
const CHECKSUM = 'sha256';

/**
 * The bytes of a file. float16 rounds to nearest, ties to even. Throws a `UserError` on a value that is not
 * finite or, in float16, beyond its range (65,504).
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
  dtype: Dtype,
  bytes: ReadonlyMap<string, Uint8Array> = new Map(),
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
  for (const [name, { length }] of bytes) {
    entries.set(name, { dtype: 'uint8', shape: [length], start: end, end: end + length });
    end += length;
  }
  const data = new Uint8Array(end);
  for (const [name, { start, end }] of entries) {
    const tensor = tensors.get(name);
    if (tensor) writeValues(name, tensor.values, dtype, data.subarray(start, end));
    else data.set(bytes.get(name)!, start);
  }
  return atOnce(assemble(entries, metadata, data));
}

/**
 * The file with other metadata; its tensors stay as they are, to the bit. The event loop runs in between. Throws as
 * `decodeSafetensors` on a damaged one.
 */
export const withMetadata = (
  bytes: Uint8Array,
  metadata: Readonly<Record<string, string>>,
  file: string,
): Promise<Uint8Array> => gently(restamping(bytes, metadata, file));

function* restamping(
  bytes: Uint8Array,
  metadata: Readonly<Record<string, string>>,
  file: string,
): Steps<Uint8Array> {
  const header = decodeHeader(bytes, bytes.length, file);
  const data = bytes.subarray(header.dataStart);
  yield* assertUndamaged(header, data, file);
  return yield* assemble(header.entries, metadata, data);
}

function* assemble(
  entries: ReadonlyMap<string, TensorEntry>,
  metadata: Readonly<Record<string, string>>,
  data: Uint8Array,
): Steps<Uint8Array> {
  const header: Record<string, unknown> = {
    [METADATA]: { ...metadata, [CHECKSUM]: yield* checksum(metadata, entries, data) },
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
  yield* copyValues(data, bytes.subarray(HEADER_LENGTH_BYTES + headerLength));
  return bytes;
}

/** Reads and checks a whole file. Throws a `UserError` that names `file`. */
export const decodeSafetensors = (bytes: Uint8Array, file: string): Safetensors =>
  atOnce(decoding(bytes, file));

/** The steps of `decodeSafetensors`. */
export function* decoding(whole: Uint8Array, file: string): Steps<Safetensors> {
  const header = decodeHeader(whole, whole.length, file);
  const data = whole.subarray(header.dataStart);
  const metadata = yield* assertUndamaged(header, data, file);
  const tensors = new Map<string, Tensor>();
  const bytes = new Map<string, Uint8Array>();
  for (const [name, { dtype, shape, start, end }] of header.entries) {
    if (dtype === 'uint8') {
      bytes.set(name, data.slice(start, end));
      continue;
    }
    const values = yield* readValues(dtype, data.subarray(start, end));
    if (!values) throw new UserError('tensorNotFinite', { file, tensor: name });
    tensors.set(name, { shape, values });
  }
  return { metadata, tensors, bytes };
}

/** Compares content and checksum, where there is one; returns the metadata without it. */
function* assertUndamaged(
  { metadata: all, entries }: SafetensorsHeader,
  data: Uint8Array,
  file: string,
): Steps<Readonly<Record<string, string>>> {
  const { [CHECKSUM]: expected, ...metadata } = all;
  if (expected !== undefined && expected !== (yield* checksum(metadata, entries, data))) {
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
    offsets[1] - offsets[0] !== elements(shape) * BYTES[dtype] ||
    (dtype === 'uint8' && shape.length !== 1)
  ) {
    throw new UserError('headerField', { file, field: `${name}.data_offsets` });
  }
  return { dtype, shape, start: offsets[0], end: offsets[1] };
}

/** Independent of the order in which a file holds its entries, so that a file saved again elsewhere stays valid. */
function* checksum(
  metadata: Readonly<Record<string, string>>,
  entries: ReadonlyMap<string, TensorEntry>,
  data: Uint8Array,
): Steps<string> {
  const hash = createHash('sha256');
  const sorted = <T>(pairs: Iterable<[string, T]>) => [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const pair of sorted(Object.entries(metadata))) hash.update(JSON.stringify(pair));
  for (const [name, { dtype, shape, start, end }] of sorted(entries)) {
    hash.update(JSON.stringify([name, codeOf(dtype), shape]));
    for (let at = start; at < end; at += PIECE) {
      hash.update(data.subarray(at, Math.min(at + PIECE, end)));
      yield;
    }
  }
  return hash.digest('hex');
}

const codeOf = (dtype: TensorEntry['dtype']): string =>
  Object.keys(CODES).find((code) => CODES[code] === dtype)!;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
