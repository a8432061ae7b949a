import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/model/safetensors.ts';

const FILE = 'song.safetensors';

/** A file as another program may write it: header text and data bytes. */
function fileOf(header: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

function assertRefused(bytes: Uint8Array, code: string, detail = ''): void {
  assert.throws(
    () => decodeSafetensors(bytes, FILE),
    (error) =>
      error instanceof UserError &&
      error.code === code &&
      error.message.includes(FILE) &&
      error.message.includes(detail),
  );
}

test('a file of another program is read: any order, no padding, no metadata', () => {
  const header =
    '{"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}';
  const { tensors, metadata } = decodeSafetensors(fileOf(header, floats(1, 2, 3)), FILE);
  assert.deepEqual(tensors.get('a'), { shape: [2, 1], values: Float32Array.of(1, 2) });
  assert.deepEqual(tensors.get('b'), { shape: [1], values: Float32Array.of(3) });
  assert.deepEqual(metadata, {});
});

test('scalars and empty tensors are read', () => {
  const tensors = new Map([
    ['scalar', { shape: [], values: Float32Array.of(7) }],
    ['empty', { shape: [0, 3], values: new Float32Array() }],
  ]);
  assert.deepEqual(decodeSafetensors(encodeSafetensors(tensors, {}, 'float32'), FILE).tensors, tensors);
});

test('a file saved again in another order of entries stays valid', () => {
  const one = { shape: [1], values: Float32Array.of(1) };
  const two = { shape: [2], values: Float32Array.of(2, 3) };
  const written = encodeSafetensors(
    new Map([
      ['one', one],
      ['two', two],
    ]),
    { x: '1', y: '2' },
    'float32',
  );
  const length = Number(new DataView(written.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(written.subarray(8, 8 + length)));
  const { x, y, sha256 } = header.__metadata__;
  const again = JSON.stringify({
    two: { ...header.two, data_offsets: [0, 8] },
    one: { ...header.one, data_offsets: [8, 12] },
    __metadata__: { y, sha256, x },
  });
  assert.deepEqual(decodeSafetensors(fileOf(again, floats(2, 3, 1)), FILE).tensors.get('one'), one);
  assertRefused(fileOf(again, floats(2, 3.5, 1)), 'fileChecksum');
});

test('each fault of a header is named', () => {
  const entry = (fields: object) =>
    JSON.stringify({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...fields } });
  const data = floats(1, 2);
  assertRefused(new Uint8Array(7), 'notSafetensors');
  assertRefused(fileOf('[]'), 'notSafetensors');
  assertRefused(fileOf('{"a":'), 'notSafetensors');
  assertRefused(fileOf('null'), 'notSafetensors');
  assertRefused(fileOf('{"__metadata__":{"a":1}}'), 'headerField', '__metadata__');
  assertRefused(fileOf('{"__metadata__":[]}'), 'headerField', '__metadata__');
  assertRefused(fileOf('{"a":7}'), 'headerField', 'a.dtype');
  assertRefused(fileOf(entry({ dtype: 'BF16' }), data), 'headerField', 'a.dtype');
  assertRefused(fileOf(entry({ dtype: 'constructor' }), data), 'headerField', 'a.dtype');
  assertRefused(fileOf(entry({ shape: [-2] }), data), 'headerField', 'a.shape');
  assertRefused(fileOf(entry({ shape: '2' }), data), 'headerField', 'a.shape');
  assertRefused(fileOf(entry({ shape: [3] }), data), 'headerField', 'a.data_offsets');
  assertRefused(fileOf(entry({ shape: [1e9, 1e9] }), data), 'headerField', 'a.data_offsets');
  assertRefused(fileOf(entry({ data_offsets: [4, 12] }), floats(1, 2, 3)), 'headerField', 'a.data_offsets');
  assertRefused(fileOf(entry({ data_offsets: [8, 0] }), data), 'headerField', 'a.data_offsets');
  assertRefused(fileOf(entry({}), floats(1, 2, 3)), 'fileLength');
  assertRefused(fileOf(entry({}), floats(1)), 'fileLength');
  assertRefused(fileOf(entry({}), floats(1, Number.NaN)), 'tensorNotFinite', 'a');
  assertRefused(fileOf(entry({}), floats(Number.NEGATIVE_INFINITY, 1)), 'tensorNotFinite', 'a');
});

test('tensors that overlap or leave a hole are refused', () => {
  const two = (a: number[], b: number[]) =>
    JSON.stringify({
      a: { dtype: 'F32', shape: [1], data_offsets: a },
      b: { dtype: 'F32', shape: [1], data_offsets: b },
    });
  assertRefused(fileOf(two([0, 4], [0, 4]), floats(1)), 'headerField', 'b.data_offsets');
  assertRefused(fileOf(two([0, 4], [8, 12]), floats(1, 2, 3)), 'headerField', 'b.data_offsets');
});

test('a name that stands twice is refused, in an object or with an escape', () => {
  const a = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
  assertRefused(fileOf(`{"a":${a},"a":${a}}`, floats(1)), 'notSafetensors');
  assertRefused(fileOf(`{"a":${a},"\\u0061" :${a}}`, floats(1)), 'notSafetensors');
  assertRefused(fileOf('{"__metadata__":{"x":"1","x":"2"}}'), 'notSafetensors');
  const text = '{"__metadata__":{"x":"{\\"x\\":1,\\"x\\":2}","y":"x"}}';
  assert.equal(decodeSafetensors(fileOf(text), FILE).metadata.y, 'x');
});

test('a header that claims a huge length is refused without reading it', () => {
  for (const length of [0n, 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n]) {
    const bytes = fileOf('{}');
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    assertRefused(bytes, 'notSafetensors');
  }
});

test('random bytes are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => assertRefused(bytes, 'notSafetensors')),
  );
});

test('bytes come back as they were, beside numbers, and are refused in more than one dimension', () => {
  const bytes = new Map([['b', Uint8Array.of(0, 127, 255)]]);
  const tensors = new Map([['n', { shape: [2], values: Float32Array.of(1, 2) }]]);
  for (const dtype of ['float32', 'float16'] as const) {
    const read = decodeSafetensors(encodeSafetensors(tensors, {}, dtype, bytes), FILE);
    assert.deepEqual(read, { metadata: {}, tensors, bytes });
  }
  assertRefused(
    fileOf('{"b":{"dtype":"U8","shape":[1,2],"data_offsets":[0,2]}}', Uint8Array.of(1, 2)),
    'headerField',
    'b.data_offsets',
  );
});
