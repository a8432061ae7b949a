/** `/import-model`: files of anybody, made for any purpose, are taken in whole and harmless or refused. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Place } from '../../src/commands/command.ts';
import { type Checkpoint, checkpointTensors } from '../../src/model/checkpoint.ts';
import { checkpointMetadata } from '../../src/model/checkpoint-metadata.ts';
import { encodeSafetensors } from '../../src/model/safetensors.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { writeCheckpoint } from '../support/checkpoint.ts';
import { request } from '../support/platform.ts';
import { createTestServices } from '../support/services.ts';

const HERE: Place = { platform: 'discord', id: '111111111111111111' };

async function setUp(t: TestContext) {
  const bot = await createTestServices(t);
  const source = await writeCheckpoint(path.join(bot.folder, '.work'), 'source', { rnnSize: 8 });
  const checkpoint = await loadCheckpoint(source);
  const take = async (bytes: Uint8Array, name = 'song.safetensors', options = {}, place = HERE) => {
    const read = async () => bytes;
    const one = request(
      'import-model',
      { file: [{ name, read }], ...options },
      { place, isAdmin: () => true, locale: 'en' },
    );
    const outcome = await bot.dispatcher.dispatch(one);
    return { outcome, failure: one.reply.failures[0] ?? '' };
  };
  const files = () =>
    readdirSync(bot.folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.startsWith(`places${path.sep}`),
    );
  return { ...bot, bytes: await readFile(source), checkpoint, take, files };
}

/** As anybody may write it: with their own metadata, and whatever weights. */
function forge(checkpoint: Checkpoint, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const all = { ...checkpointMetadata(checkpoint), ...metadata };
  return encodeSafetensors(checkpointTensors(checkpoint), all, 'float32');
}

/** Without a checksum, as other programs write it: changes do not show by that. */
function withoutChecksum(bytes: Uint8Array): Buffer {
  const length = Number(Buffer.from(bytes).readBigUInt64LE(0));
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString());
  delete header.__metadata__.sha256;
  return withHeader(JSON.stringify(header), bytes.subarray(8 + length));
}

function withHeader(json: string, data: Uint8Array): Buffer {
  const header = Buffer.from(json);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, data]);
}

const withWeights = (checkpoint: Checkpoint, tensor: string, value: number): Checkpoint => ({
  ...checkpoint,
  weights: new Map(checkpoint.weights).set(
    tensor,
    checkpoint.weights.get(tensor)!.map(() => value),
  ),
});

describe('a file that is no model', () => {
  it('is refused with what is wrong, and leaves nothing', async (t) => {
    const { bytes, checkpoint, take, files } = await setUp(t);
    const plain = withoutChecksum(bytes);
    const nan = Buffer.from(plain);
    nan.writeFloatLE(Number.NaN, nan.length - 4);
    const huge = Buffer.alloc(16, 0xff);
    const cases: [string, Uint8Array, RegExp][] = [
      ['empty', new Uint8Array(), /not a safetensors file/],
      ['text', Buffer.from('사랑은 '.repeat(100)), /not a safetensors file/],
      ['a zip', Buffer.from('PK\u0003\u0004'.padEnd(500, 'x')), /not a safetensors file/],
      ['a header of 2^64 bytes', huge, /not a safetensors file/],
      ['cut off', bytes.subarray(0, bytes.length - 1), /cut off/],
      ['with more at its end', Buffer.concat([bytes, Buffer.alloc(8)]), /bytes where its header says/],
      ['a flipped bit', flipped(bytes, bytes.length - 3), /sha256/],
      ['NaN', nan, /NaN or infinity/],
      ['of another program', withHeader('{}', new Uint8Array()), /not a checkpoint of this program/],
      [
        'nothing but metadata',
        withHeader('{"__metadata__":{"format":"balladeer-1"}}', Buffer.alloc(0)),
        /network/,
      ],
      [
        'deep JSON',
        withHeader(`${'['.repeat(1e5)}${']'.repeat(1e5)}`, Buffer.alloc(0)),
        /not a safetensors file/,
      ],
      ['a network of a billion', forge(checkpoint, network({ rnn_size: 1e9 })), /network/],
      ['other shapes', forge(checkpoint, network({ rnn_size: 9 })), /shape/],
      ['more layers', forge(checkpoint, network({ num_layers: 2 })), /is missing/],
      ['an unknown cell', forge(checkpoint, network({ cell: '__proto__' })), /network\.cell/],
      [
        'a vocabulary that is none',
        forge(checkpoint, { vocabulary: '["<unk>","<s>","사랑"]' }),
        /vocabulary/,
      ],
      ['a training that is none', forge(checkpoint, { training: '{"data":1}' }), /training\.data/],
    ];
    for (const [what, file, expected] of cases) {
      const { outcome, failure } = await take(file);
      assert.equal(outcome, 'refused', `${what}: ${failure}`);
      assert.match(failure, expected, what);
      assert.match(failure, /^song\.safetensors/, 'the file is called as it came');
    }
    assert.deepEqual(files(), []);
  });

  it('is refused in a few words, whatever it calls its parts', async (t) => {
    const { checkpoint, bytes, take } = await setUp(t);
    const long = '@everyone \u202e\n'.repeat(20_000);
    const length = Number(Buffer.from(bytes).readBigUInt64LE(0));
    const { __metadata__, ...tensors } = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString());
    delete __metadata__.sha256;
    const data = bytes.subarray(8 + length);
    const empty = { dtype: 'F32', shape: [0], data_offsets: [data.length, data.length] };
    const files = [
      forge(checkpoint, { vocabulary: JSON.stringify(['<unk>', '<s>', long]) }),
      withHeader(JSON.stringify({ __metadata__, ...tensors, [long]: empty }), data),
      withHeader(JSON.stringify({ __metadata__, ...tensors, [long]: 1 }), data),
    ];
    for (const file of files) {
      const { outcome, failure } = await take(file, `${'긴 이름 '.repeat(60)}.safetensors`);
      assert.equal(outcome, 'refused');
      assert.ok(failure.length < 400, `${failure.length} characters`);
      assert.ok(!/[\u202e\n]/.test(failure));
    }
  });

  it('is refused where it cannot write', async (t) => {
    const { checkpoint, take, files } = await setUp(t);
    const overflowing = withWeights(withWeights(checkpoint, 'output.weight', 3e38), 'embedding.weight', 3e38);
    const { outcome, failure } = await take(forge(overflowing));
    assert.equal(outcome, 'refused', failure);
    assert.deepEqual(files(), []);
  });

  it('is refused where it would write what a terminal obeys or turns text around', async (t) => {
    const { checkpoint, take, files } = await setUp(t);
    const { size } = checkpoint.vocabulary;
    for (const [character, name] of [
      ['\u001b', 'U+001B'],
      ['\u0000', 'U+0000'],
      ['\u202e', 'U+202E'],
      ['\ufdd0', 'U+FDD0'],
      ['\u{1fffe}', 'U+1FFFE'],
    ] as const) {
      const entries = [...checkpoint.vocabulary.toJSON().slice(0, size - 1), character];
      const vocabulary = Vocabulary.fromJSON(entries);
      const { outcome, failure } = await take(forge({ ...checkpoint, vocabulary }));
      assert.equal(outcome, 'refused', name);
      assert.ok(failure.includes(name), failure);
    }
    assert.deepEqual(files(), []);
  });

  it('is refused by its length before it is read, and where there is no room', async (t) => {
    const { take, bytes, services, files } = await setUp(t);
    const limits: number[] = [];
    const large = {
      name: 'large.safetensors',
      async read(limit: number) {
        limits.push(limit);
        const { UserError } = await import('../../src/errors.ts');
        throw new UserError('dataTooLarge', { file: 'large.safetensors', bytes: 1e12, limit });
      },
    };
    const asked = request(
      'import-model',
      { file: [large] },
      { place: HERE, isAdmin: () => true, locale: 'en' },
    );
    const { dispatcher } = await setUp(t);
    assert.equal(await dispatcher.dispatch(asked), 'refused');
    assert.match(asked.reply.failures[0]!, /the model file is too large; at most 0\.5 MB/);
    assert.deepEqual(limits, [services.publisher.quota.fileBytes]);

    for (let i = 0; i < 5; i++) assert.equal((await take(bytes)).outcome, 'answered');
    const before = files();
    assert.match((await take(bytes)).failure, /may have 5 models and has 5/);
    assert.deepEqual(files(), before);
  });

  it('never brings the bot down, wherever a byte is changed', async (t) => {
    const { bytes, take, logged } = await setUp(t);
    const plain = withoutChecksum(bytes);
    const headerLength = Number(plain.readBigUInt64LE(0)) + 8;
    await fc.assert(
      fc.asyncProperty(
        // Most of them in the header, where it matters.
        fc.array(fc.tuple(fc.oneof(fc.nat(headerLength - 1), fc.nat(plain.length - 1)), fc.nat(255)), {
          minLength: 1,
          maxLength: 3,
        }),
        async (changes) => {
          const changed = Buffer.from(plain);
          for (const [at, value] of changes) changed[at] = value;
          const { outcome } = await take(
            changed,
            'x.safetensors',
            {},
            { platform: 'terminal', id: 'terminal' },
          );
          assert.notEqual(outcome, 'failed');
        },
      ),
      { numRuns: 150 },
    );
    assert.equal(
      logged.some(({ msg }) => msg === 'a command failed'),
      false,
    );
  });
});

describe('a file that is a model', () => {
  it('gets a name that is none of a path, and never that of another', async (t) => {
    const { bytes, take, services, files } = await setUp(t);
    const given = [
      '../../../etc/passwd',
      '..',
      'ballad.safetensors',
      'none.safetensors',
      `${'a'.repeat(300)}.safetensors`,
    ];
    for (const name of given) assert.equal((await take(bytes, name)).outcome, 'answered', name);
    const names = await services.models.library.ownNames(HERE);
    assert.deepEqual([...names].sort(), ['a'.repeat(40), 'ballad-2', 'model', 'none-2', 'passwd'].sort());
    const folder = path.join('places', `discord-${HERE.id}`);
    const outside = files().filter((file) => file !== folder && path.dirname(file) !== folder);
    assert.deepEqual(outside, []);
    for (const name of ['../x', 'ballad', 'passwd', '.x', 'a\\b', 'none']) {
      assert.equal((await take(bytes, 'y.safetensors', { name })).outcome, 'refused', name);
    }
  });

  it('says of itself what can be shown in one line, and nothing of versions that it never had here', async (t) => {
    const { checkpoint, take, services, dispatcher } = await setUp(t);
    const training = {
      ...checkpoint.training,
      data: `@everyone\n\u202e${'가'.repeat(5000)}`,
      parent: '<@123>\u0007',
      version: 900,
      replaces: 899,
    };
    const metadata = { training: JSON.stringify(training), stowaway: 'x'.repeat(10_000) };
    assert.equal((await take(forge(checkpoint, metadata))).outcome, 'answered');
    const { file } = await services.models.library.find(HERE, 'song');
    const taken = await loadCheckpoint(file);
    assert.equal(taken.training.data, `@everyone ${'가'.repeat(53)}…`);
    assert.equal(taken.training.parent, '<@123>');
    assert.deepEqual([taken.training.version, taken.training.replaces], [1, null]);
    assert.ok(!(await readFile(file)).includes('stowaway'));
    assert.deepEqual([...taken.weights], [...checkpoint.weights]);
    const list = request('models', {}, { place: HERE });
    assert.equal(await dispatcher.dispatch(list), 'answered');
  });
});

function network(changes: Readonly<Record<string, unknown>>): Record<string, string> {
  const usual = { cell: 'lstm', num_layers: 1, rnn_size: 8, embedding_size: 8, dropout: 0, tied: false };
  return { network: JSON.stringify({ ...usual, ...changes }) };
}

function flipped(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
}
