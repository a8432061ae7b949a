import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { UserError } from '../../src/errors.ts';
import {
  type Checkpoint,
  checkpointTensors,
  decodeCheckpoint,
  decodeCheckpointGently,
  decodeCheckpointHeader,
  encodeCheckpoint,
  restampCheckpoint,
  sameNetwork,
} from '../../src/model/checkpoint.ts';
import { checkpointMetadata } from '../../src/model/checkpoint-metadata.ts';
import { fromFloat16Bits, toFloat16Bits } from '../../src/model/float16.ts';
import { CELLS, elements, initialWeights, type NetworkSpec, tensorShapes } from '../../src/model/network.ts';
import { LENGTHS, PLACES, TIMES } from '../../src/model/recall.ts';
import { encodeSafetensors, type Tensor } from '../../src/model/safetensors.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { countedText } from '../../src/training/ngram-counts.ts';
import { ngramTables } from '../../src/training/ngram-tables.ts';

const FILE = 'folder/song.safetensors';

const weight = fc.double({ min: 0, max: 0.9999, noNaN: true, noDefaultInfinity: true });
const table = <T>(length: number, of: fc.Arbitrary<T>) =>
  fc.array(of, { minLength: length, maxLength: length });
const recalls = fc.record(
  { weights: table(PLACES, table(TIMES, table(LENGTHS, weight))) },
  { noNullPrototype: true },
);

const checkpoints: fc.Arbitrary<Checkpoint> = fc
  .record({
    cell: fc.constantFrom(...CELLS),
    numLayers: fc.integer({ min: 1, max: 3 }),
    rnnSize: fc.integer({ min: 1, max: 9 }),
    embeddingSize: fc.integer({ min: 1, max: 9 }),
    dropout: fc.double({ min: 0, max: 0.99, noNaN: true }),
    tied: fc.boolean(),
    text: fc.string({ unit: 'binary', maxLength: 20 }),
    seed: fc.integer(),
    recall: fc.option(recalls, { nil: undefined }),
    songs: fc.option(
      fc.record(
        { shortest: fc.nat(), long: fc.nat() },
        { requiredKeys: ['shortest'], noNullPrototype: true },
      ),
      {
        nil: undefined,
      },
    ),
    ngramWeight: fc.option(weight, { nil: undefined }),
    training: fc.record(
      {
        data: fc.string({ unit: 'binary' }),
        epochs: fc.double({ min: 0, max: 1e6, noNaN: true }),
        val_loss: fc.option(fc.double({ min: 0, max: 20, noNaN: true })),
        seed: fc.nat(),
        parent: fc.option(fc.string()),
      },
      { noNullPrototype: true },
    ),
  })
  .map(({ text, seed, training, recall, songs, ngramWeight, ...fields }) => {
    const vocabulary = Vocabulary.of(text);
    const embeddingSize = fields.tied ? fields.rnnSize : fields.embeddingSize;
    const spec: NetworkSpec = { ...fields, embeddingSize, vocabularySize: vocabulary.size };
    const ngram = ngramWeight !== undefined && {
      tables: ngramTables([countedText(vocabulary, { text, song: true })], vocabulary.size, 3),
      weights: [ngramWeight, 0, ngramWeight / 2],
    };
    const weights = initialWeights(spec, seed);
    const known = {
      ...(recall && { recall }),
      ...(songs && { songs }),
      ...(ngram && { ngram }),
    };
    return { spec, vocabulary, weights, training, ...known };
  });

function example(changes: Partial<NetworkSpec> = {}): Checkpoint {
  const vocabulary = Vocabulary.of('사랑은 언제나\n');
  const spec: NetworkSpec = {
    cell: 'gru',
    numLayers: 2,
    rnnSize: 3,
    embeddingSize: 2,
    vocabularySize: vocabulary.size,
    dropout: 0.25,
    tied: false,
    ...changes,
  };
  const training = { data: 'ballads', epochs: 2.5, val_loss: 1.75, seed: 123, parent: null };
  return { spec, vocabulary, weights: initialWeights(spec, 1), training };
}

function assertSame(actual: Checkpoint, expected: Checkpoint): void {
  assert.deepEqual(actual.spec, expected.spec);
  assert.deepEqual(actual.vocabulary.toJSON(), expected.vocabulary.toJSON());
  assert.deepEqual(actual.training, expected.training);
  assert.deepEqual(actual.recall, expected.recall);
  assert.deepEqual(actual.songs, expected.songs);
  assert.deepEqual(actual.ngram, expected.ngram);
  assert.deepEqual([...actual.weights], [...expected.weights]);
}

const isCode = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;

const halved = (checkpoint: Checkpoint): Checkpoint => ({
  ...checkpoint,
  weights: new Map(
    [...checkpoint.weights].map(([name, values]) => [
      name,
      values.map((v) => fromFloat16Bits(toFloat16Bits(v))),
    ]),
  ),
});

/** The file of a checkpoint whose metadata and tensors were changed. */
function changedFile(
  change: (tensors: Map<string, Tensor>, metadata: Record<string, string>) => void,
  checkpoint = example(),
): Uint8Array {
  const tensors = checkpointTensors(checkpoint);
  const metadata = checkpointMetadata(checkpoint);
  change(tensors, metadata);
  return encodeSafetensors(tensors, metadata, 'float32');
}

function assertRefused(bytes: Uint8Array, code: string, detail = ''): void {
  assert.throws(
    () => decodeCheckpoint(bytes, FILE),
    (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.equal(error.code, code);
      for (const locale of ['ko', 'en'] as const) {
        assert.ok(error.text(locale).includes(FILE), error.text(locale));
        assert.ok(error.text(locale).includes(detail), error.text(locale));
      }
      return true;
    },
  );
}

test('a checkpoint comes back from its float32 file to the bit', () => {
  fc.assert(
    fc.property(checkpoints, (checkpoint) => {
      assertSame(decodeCheckpoint(encodeCheckpoint(checkpoint, 'float32'), FILE), checkpoint);
    }),
  );
});

test('a checkpoint comes back from its float16 file with each weight rounded to the nearest half', () => {
  fc.assert(
    fc.property(checkpoints, (checkpoint) => {
      assertSame(decodeCheckpoint(encodeCheckpoint(checkpoint, 'float16'), FILE), halved(checkpoint));
    }),
  );
});

test('a file can lie at any byte of a larger buffer', () => {
  const bytes = encodeCheckpoint(example(), 'float32');
  for (const offset of [1, 2, 3]) {
    const buffer = new Uint8Array(bytes.length + 8);
    buffer.set(bytes, offset);
    assertSame(decodeCheckpoint(buffer.subarray(offset, offset + bytes.length), FILE), example());
  }
});

test('a file that is cut off anywhere, or too long, is refused', () => {
  const bytes = encodeCheckpoint(example(), 'float32');
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeCheckpoint(bytes.subarray(0, length), FILE), UserError);
  }
  assertRefused(new Uint8Array([...bytes, 0]), 'fileLength');
});

test('any changed byte is refused, or changes nothing', () => {
  const checkpoint = example();
  const bytes = encodeCheckpoint(checkpoint, 'float32');
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (position, flip) => {
      const damaged = bytes.slice();
      damaged[position] ^= flip;
      let decoded: Checkpoint | undefined;
      try {
        decoded = decodeCheckpoint(damaged, FILE);
      } catch (error) {
        assert.ok(error instanceof UserError, String(error));
      }
      if (decoded) assertSame(decoded, checkpoint);
    }),
    { numRuns: 5000 },
  );
});

test('the header is laid out as safetensors says, on 8 bytes', () => {
  const bytes = encodeCheckpoint(example(), 'float16');
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assert.equal(length % 8, 0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  assert.equal(header.__metadata__.format, 'balladeer-1');
  assert.deepEqual(JSON.parse(header.__metadata__.network), {
    cell: 'gru',
    num_layers: 2,
    rnn_size: 3,
    embedding_size: 2,
    dropout: 0.25,
    tied: false,
  });
  assert.deepEqual(JSON.parse(header.__metadata__.vocabulary).slice(0, 3), ['<unk>', '<s>', '\n']);
  assert.deepEqual(JSON.parse(header.__metadata__.training), example().training);
  assert.deepEqual(header['rnn.weight_ih_l0'].shape, [9, 2]);
  assert.equal(header['output.bias'].dtype, 'F16');
  const end = Math.max(
    ...Object.values<{ data_offsets?: number[] }>(header).map((entry) => entry.data_offsets?.[1] ?? 0),
  );
  assert.equal(8 + length + end, bytes.length);
});

test('tied weights: output.weight is written, and is the same array when read', () => {
  const tied = example({ tied: true, embeddingSize: 3 });
  const bytes = encodeCheckpoint(tied, 'float32');
  const { weights } = decodeCheckpoint(bytes, FILE);
  assert.equal(weights.get('output.weight'), weights.get('embedding.weight'));
  const different = changedFile((tensors) => {
    const { shape, values } = tensors.get('output.weight')!;
    tensors.set('output.weight', { shape, values: values.map((v, i) => (i === 4 ? v + 1 : v)) });
  }, tied);
  assertRefused(different, 'checkpointTied');
});

test('the header alone gives all but the weights', () => {
  const bytes = encodeCheckpoint(example(), 'float32');
  const length = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = decodeCheckpointHeader(bytes.subarray(0, length), bytes.length, FILE);
  assert.deepEqual(header.spec, example().spec);
  assert.deepEqual(header.training, example().training);
});

test('tensors that are not those of the network are refused by name', () => {
  assertRefused(
    changedFile((tensors) => tensors.delete('rnn.bias_hh_l1')),
    'tensorMissing',
    'rnn.bias_hh_l1',
  );
  const spare = { shape: [2], values: new Float32Array(2) };
  assertRefused(
    changedFile((tensors) => tensors.set('rnn.spare', spare)),
    'tensorUnexpected',
    'rnn.spare',
  );
  const flat = (tensors: Map<string, Tensor>) => {
    const { values } = tensors.get('embedding.weight')!;
    tensors.set('embedding.weight', { shape: [values.length], values });
  };
  assertRefused(changedFile(flat), 'tensorShape', 'embedding.weight');
});

test('bytes are n-grams, and nothing else', () => {
  const fileWith = (name: string, bytes: Uint8Array, without?: string) => {
    const tensors = checkpointTensors(example());
    if (without) tensors.delete(without);
    return encodeSafetensors(tensors, checkpointMetadata(example()), 'float32', new Map([[name, bytes]]));
  };
  const stowaway = fileWith('stowaway', Uint8Array.of(1));
  assertRefused(stowaway, 'tensorUnexpected', 'stowaway');
  assert.throws(() => decodeCheckpointHeader(stowaway, stowaway.length, FILE), isCode('tensorUnexpected'));
  assertRefused(fileWith('ngram', Uint8Array.of(1, 9, 0)), 'headerField', 'ngram');
  const disguised = fileWith('output.bias', new Uint8Array(example().spec.vocabularySize), 'output.bias');
  assertRefused(disguised, 'tensorMissing', 'output.bias');
  const header = () => decodeCheckpointHeader(disguised, disguised.length, FILE);
  assert.throws(header, isCode('tensorMissing'));
});

test('metadata that is missing or not valid is refused by name', () => {
  const set = (entry: string, value: unknown) =>
    changedFile((_, metadata) => {
      metadata[entry] = typeof value === 'string' ? value : JSON.stringify(value);
    });
  const network = { cell: 'gru', num_layers: 2, rnn_size: 3, embedding_size: 2, dropout: 0.25, tied: false };
  assertRefused(set('format', 'pt'), 'checkpointFormat');
  assertRefused(
    changedFile((_, metadata) => delete metadata.format),
    'checkpointFormat',
  );
  assertRefused(
    changedFile((_, metadata) => delete metadata.network),
    'headerField',
    'network',
  );
  assertRefused(set('network', '{'), 'headerField', 'network');
  assertRefused(set('network', { ...network, cell: 'qrnn' }), 'headerField', 'network.cell');
  assertRefused(set('network', { ...network, num_layers: 1e9 }), 'headerField', 'numLayers');
  assertRefused(set('network', { ...network, dropout: 1 }), 'headerField', 'dropout');
  assertRefused(set('network', { ...network, rnn_size: 4 }), 'tensorShape');
  assertRefused(set('training', { data: 'x' }), 'headerField', 'training.epochs');
  assertRefused(set('recall', { weights: [[[0.5]]] }), 'headerField', 'recall.weights');
  assertRefused(set('songs', { shortest: -1 }), 'headerField', 'songs.shortest');
  assertRefused(set('songs', { shortest: 0.5 }), 'headerField', 'songs.shortest');
  assertRefused(set('songs', { shortest: 1, long: '2' }), 'headerField', 'songs.long');
  assertRefused(set('vocabulary', ['<unk>', '<s>', 'a', 'a']), 'vocabularyEntry', '"a"');
  assertRefused(set('vocabulary', ['<unk>', '<s>', 'a']), 'tensorShape', 'embedding.weight');
});

test('weights that a file cannot hold are refused when written', () => {
  const withWeight = (value: number) => {
    const checkpoint = example();
    checkpoint.weights.get('output.bias')![3] = value;
    return checkpoint;
  };
  const refused = (value: number, dtype: 'float32' | 'float16') =>
    assert.throws(
      () => encodeCheckpoint(withWeight(value), dtype),
      (error) => error instanceof UserError && error.code === 'valueNotStorable',
    );
  refused(Number.NaN, 'float32');
  refused(Number.NEGATIVE_INFINITY, 'float32');
  refused(65520, 'float16');
  assert.ok(encodeCheckpoint(withWeight(65519), 'float16'));
  assert.ok(encodeCheckpoint(withWeight(65520), 'float32'));
});

test('weights of another shape than the network are a defect', () => {
  const checkpoint = example();
  const weights = new Map(checkpoint.weights).set('output.bias', new Float32Array(3));
  assert.throws(() => encodeCheckpoint({ ...checkpoint, weights }, 'float32'), RangeError);
  assert.equal(tensorShapes(checkpoint.spec).size, checkpoint.weights.size);
});

test('a restamped checkpoint says something else of its training, and is the same network to the bit', async () => {
  const lineage = {
    losses: { new_text: { before: 4.5, after: 3 }, base_text: null },
    date: '2026-11-27T12:00:00.000Z',
    version: 3,
    replaces: 2,
  };
  await fc.assert(
    fc.asyncProperty(checkpoints, fc.constantFrom('float32', 'float16'), async (checkpoint, dtype) => {
      const bytes = encodeCheckpoint(checkpoint, dtype);
      const restamped = await restampCheckpoint(bytes, (training) => ({ ...training, ...lineage }), FILE);
      const expected = dtype === 'float32' ? checkpoint : halved(checkpoint);
      const training = { ...checkpoint.training, ...lineage };
      assertSame(decodeCheckpoint(restamped, FILE), { ...expected, training });
      assertSame(await decodeCheckpointGently(restamped, FILE), { ...expected, training });
      assert.deepEqual(await restampCheckpoint(restamped, () => checkpoint.training, FILE), bytes);
    }),
    { numRuns: 50 },
  );
});

test('restamping refuses a damaged file, and leaves out metadata that is no checkpoint’s', async () => {
  const bytes = encodeCheckpoint(example(), 'float32');
  const damaged = bytes.slice();
  damaged[damaged.length - 1]! ^= 1;
  const unchanged = (training: Checkpoint['training']) => training;
  await assert.rejects(restampCheckpoint(damaged, unchanged, FILE), isCode('fileChecksum'));
  const metadata = { ...checkpointMetadata(example()), stowaway: 'x' };
  const foreign = encodeSafetensors(checkpointTensors(example()), metadata, 'float32');
  assert.deepEqual(await restampCheckpoint(foreign, unchanged, FILE), bytes);
});

/** Milliseconds that this process works: those of a busy machine do not count. */
const cpuNow = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Between the turns of the event loop, until the work is done. */
async function turnsOf(work: () => Promise<unknown>): Promise<number[]> {
  const turns: number[] = [];
  let since = cpuNow();
  let isDone = false;
  const done = work().finally(() => (isDone = true));
  while (!isDone) {
    await setImmediate();
    turns.push(cpuNow() - since);
    since = cpuNow();
  }
  await done;
  return turns;
}

test('a large file is read, and written anew, in short turns of the event loop', async () => {
  const spec: NetworkSpec = { ...example().spec, rnnSize: 2000, embeddingSize: 64 };
  const ones = [...tensorShapes(spec)].map(([name, shape]): [string, Float32Array] => [
    name,
    new Float32Array(elements(shape)).fill(1),
  ]);
  const bytes = encodeCheckpoint({ ...example(), spec, weights: new Map(ones) }, 'float32');
  assert.ok(bytes.length > 2 ** 25, `${bytes.length}`);
  const before = cpuNow();
  decodeCheckpoint(bytes, FILE);
  const whole = cpuNow() - before;
  for (const work of [
    () => decodeCheckpointGently(bytes, FILE),
    () => restampCheckpoint(bytes, (training) => ({ ...training, epochs: 7 }), FILE),
  ]) {
    // The best of some: memory is collected now and then, too.
    const longest: number[] = [];
    for (let i = 0; i < 3; i++) longest.push(Math.max(...(await turnsOf(work))));
    assert.ok(Math.min(...longest) < 0.6 * whole, `${longest} of ${whole}`);
  }
});

test('networks are the same where all that they write is, whatever is said of their training', () => {
  const network = example();
  const bytes = (changes: Partial<Checkpoint>) => encodeCheckpoint({ ...network, ...changes }, 'float32');
  const recall = { weights: table3(0.25) };
  const known = { recall, songs: { shortest: 40, long: 60 } };
  const same = (one: Partial<Checkpoint>, other: Partial<Checkpoint>) =>
    sameNetwork(bytes(one), bytes(other));
  assert.ok(same(known, { ...known, training: { ...network.training, epochs: 9 } }));
  assert.ok(!same(known, { ...known, songs: { shortest: 40, long: 61 } }));
  assert.ok(!same(known, { recall }));
  assert.ok(!same(known, { ...known, recall: { weights: table3(0.5) } }));
  assert.ok(!same(known, { ...known, weights: initialWeights(network.spec, 2) }));
  assert.ok(!sameNetwork(bytes({}), new Uint8Array(100)));
});

const table3 = (weight: number) =>
  Array.from({ length: PLACES }, () =>
    Array.from({ length: TIMES }, () => new Array<number>(LENGTHS).fill(weight)),
  );
