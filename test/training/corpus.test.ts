import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { UserError } from '../../src/errors.ts';
import {
  type Corpus,
  type CorpusLimits,
  cleanText,
  corpusFile,
  readCorpus,
} from '../../src/training/corpus.ts';

const SONG = '사랑은 언제나 그대 곁에 있다네\n똠방각하 펲시콜라 햏햏\n\n"기다림" 끝에 서서… (끝)\n';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'balladeer-corpus-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const read = (bytes: Uint8Array, limits?: CorpusLimits): Promise<Corpus> =>
  readCorpus({ bytes, name: 'song.txt' }, limits);

function bigEndian(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

async function assertRefused(bytes: Uint8Array, code: string, limits?: CorpusLimits): Promise<void> {
  await assert.rejects(read(bytes, limits), (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.code, code);
    for (const locale of ['ko', 'en'] as const) assert.ok(error.text(locale).includes('song.txt'));
    return true;
  });
}

const ENCODED: [string, Uint8Array, string][] = [
  ['UTF-8', Buffer.from(SONG), 'utf-8'],
  ['UTF-8 with mark', Buffer.from(`\ufeff${SONG}`), 'utf-8'],
  ['UTF-16 LE with mark', Buffer.from(`\ufeff${SONG}`, 'utf16le'), 'utf-16le'],
  ['UTF-16 BE with mark', bigEndian(`\ufeff${SONG}`), 'utf-16be'],
  ['UTF-16 LE', Buffer.from(SONG, 'utf16le'), 'utf-16le'],
  ['UTF-16 BE', bigEndian(SONG), 'utf-16be'],
  ['CP949', iconv.encode(SONG, 'cp949'), 'cp949'],
];

for (const [name, bytes, encoding] of ENCODED) {
  test(`${name} is decoded without loss`, async () => {
    const { text, report } = await read(bytes);
    assert.equal(text, SONG);
    assert.equal(report.encoding, encoding);
  });
}

test('every syllable of CP949 is decoded, those that Node gets wrong too', async () => {
  const syllables = Array.from({ length: 11172 }, (_, i) => String.fromCharCode(0xac00 + i)).join('');
  // Common words around them, because a file of rare syllables alone is not Korean.
  const text = `${'사랑은 언제나 그대 곁에 '.repeat(2000)}${syllables}`;
  assert.equal((await read(iconv.encode(text, 'cp949'))).text, text);
});

test('any Korean text comes back from each encoding', async () => {
  const syllable = fc.integer({ min: 0xac00, max: 0xd7a3 }).map((code) => String.fromCharCode(code));
  const lyrics = fc.string({ unit: fc.oneof(syllable, fc.constantFrom(' ', '\n', 'a', '!')), minLength: 1 });
  await fc.assert(
    fc.asyncProperty(
      lyrics.filter((text) => text.trim() !== ''),
      async (text) => {
        assert.equal((await read(Buffer.from(text))).text, text);
        assert.equal((await read(Buffer.from(`\ufeff${text}`, 'utf16le'))).text, text);
        assert.equal((await read(bigEndian(`\ufeff${text}`))).text, text);
      },
    ),
  );
});

test('form is made uniform, content stays', async () => {
  const raw = `${'\ufeff사랑\r\n'.normalize('NFD')}a\u0000b\u0007\u0085c\rd\te\u007f f\ufeff\ufffd🎤\n`;
  assert.equal(cleanText(raw), '사랑\nab\nc\nd\te f🎤\n');
  // A character taken out may bring together what composes.
  assert.equal(cleanText('\u1109\u0000\u1161'), '사');
  const { text } = await read(Buffer.from(`${SONG}\u0000\u001b${SONG.replaceAll('\n', '\r\n')}`));
  assert.equal(text, SONG + SONG);
});

test('cleaning is done once', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(cleanText(cleanText(text)), cleanText(text));
      assert.ok(!/(?![\n\t])\p{Cc}|\r/u.test(cleanText(text)));
    }),
  );
});

test('the report counts characters, lines, songs and what is there twice', async () => {
  const first = '사랑은 언제나 그대 곁에 머물러\n바람이 불어오면 너를 부른다 🎤\n그 이름 하나';
  const second = '비 내리는 골목길 우산 하나\n젖은 어깨 위로 스미는 노래\n그 이름 하나';
  const { report } = await read(Buffer.from([first, second, first.replaceAll(' ', '')].join('\n\n\n')));
  const distinct = new Set(`${first}${second}\n`).size;
  assert.deepEqual(report, {
    encoding: 'utf-8',
    characters: [...first, ...second, ...first.replaceAll(' ', '')].length + 6,
    lines: 9,
    songs: 3,
    distinctCharacters: distinct,
    duplicateShare: 1 / 3,
    duplicateLineShare: 1 / 9,
  });
});

test('binary files are refused, whatever their kind and size', async () => {
  const text = Buffer.from(SONG.repeat(50));
  const bytes = Buffer.from(
    Array.from({ length: 4000 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 0xff),
  );
  const kinds: Uint8Array[] = [
    Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0', 'latin1'),
    gzipSync(text),
    deflateSync(bytes),
    bytes,
    Buffer.from(Float32Array.from({ length: 500 }, (_, i) => Math.sin(i)).buffer),
    Buffer.from(Int16Array.from({ length: 2000 }, (_, i) => 8000 * Math.sin(i / 7)).buffer),
    new Uint8Array(1000),
    Buffer.concat([text, new Uint8Array(2), text]),
    Buffer.from('%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n'),
    Buffer.from("{\\rtf1\\ansi\\ansicpg949 {\\'bb\\'e7\\'b6\\'fb}}"),
    Buffer.from('PK\x03\x04\x14 word/document.xml', 'latin1'),
    Buffer.from(bytes.map((byte) => byte & 0x7f)),
  ];
  for (const [kind, binary] of kinds.entries()) {
    await assert.rejects(read(binary), (error) => {
      assert.ok(error instanceof UserError && error.code === 'dataBinary', `kind ${kind}: ${error}`);
      return true;
    });
  }
});

test('texts in other encodings are refused, not read as something else', async () => {
  const others: [string, string][] = [
    ['shift_jis', '桜の花が咲くころにあなたと歩いた道を思い出すたび涙がこぼれる'],
    ['euc-jp', '桜の花が咲くころにあなたと歩いた道を思い出すたび涙がこぼれる'],
    ['latin1', 'Où sont passés les étés où nous étions fiancés, désolée à jamais'],
  ];
  for (const [encoding, text] of others) {
    await assert.rejects(read(iconv.encode(text.repeat(5), encoding)), (error) => {
      assert.ok(error instanceof UserError && error.code === 'dataUndecodable', `${encoding}: ${error}`);
      return true;
    });
  }
  await assertRefused(Buffer.concat([Buffer.from('\ufeff사랑'), Buffer.of(0xff)]), 'dataUndecodable');
  await assertRefused(Buffer.from('\ufeff사랑', 'utf16le').subarray(0, 5), 'dataUndecodable');
  await assertRefused(Buffer.concat([iconv.encode(SONG, 'cp949'), Buffer.of(0xc8)]), 'dataUndecodable');
  await assertRefused(Buffer.concat([Buffer.from(SONG), Buffer.of(0xec, 0x82)]), 'dataUndecodable');
});

test('what is empty, too small or too large is refused', async () => {
  for (const empty of ['', ' \n\t\n', '\ufeff', '\ufeff\n'])
    await assertRefused(Buffer.from(empty), 'dataEmpty');
  await assertRefused(Buffer.from(`\u0007${'사랑'.repeat(10)}`), 'dataTooSmall', { minCharacters: 21 });
  await assertRefused(Buffer.from('🎤'.repeat(20)), 'dataTooSmall', { minCharacters: 21 });
  assert.equal((await read(Buffer.from('가'.repeat(21)), { minCharacters: 21 })).report.characters, 21);
  await assertRefused(Buffer.from(SONG), 'dataTooLarge', { maxBytes: Buffer.byteLength(SONG) - 1 });
  assert.equal((await read(Buffer.from(SONG), { maxBytes: Buffer.byteLength(SONG) })).text, SONG);
});

test('a file is read by its path, and a data folder gives its name', async () => {
  const data = path.join(folder, 'my songs');
  await mkdir(data);
  await writeFile(corpusFile(data), SONG);
  const corpus = await readCorpus({ file: corpusFile(data) });
  assert.equal(corpus.name, 'my songs');
  assert.equal(corpus.text, SONG);
  await writeFile(path.join(folder, 'hits.2024.txt'), SONG);
  assert.equal((await readCorpus({ file: path.join(folder, 'hits.2024.txt') })).name, 'hits.2024');
});

test('a file that is missing, a folder, or too large is refused without being read', async () => {
  const refused = (file: string, code: string, limits?: CorpusLimits) =>
    assert.rejects(readCorpus({ file }, limits), (error) => {
      assert.ok(
        error instanceof UserError && error.code === code && error.message.includes(file),
        String(error),
      );
      return true;
    });
  await refused(path.join(folder, 'none.txt'), 'fileMissing');
  await refused(folder, 'notAFile');
  await refused('/dev/zero', 'notAFile');
  const file = path.join(folder, 'large.txt');
  await writeFile(file, SONG);
  await refused(file, 'dataTooLarge', { maxBytes: 10 });
});

test('any bytes are read or refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
      try {
        assert.notEqual((await read(bytes)).text.trim(), '');
      } catch (error) {
        assert.ok(error instanceof UserError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
