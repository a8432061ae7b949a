import assert from 'node:assert/strict';
import test from 'node:test';
import iconv from 'iconv-lite';
import { UserError } from '../../src/errors.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { Random } from '../../src/random.ts';
import { type IntakeOptions, type IntakeSource, intake } from '../../src/training/intake.ts';
import { lrcLines } from '../../src/training/intake-forms.ts';
import { networkOf, resolveSettings } from '../../src/training/settings.ts';
import { fuzzIntake } from './fixtures/odd-files.ts';
import { ALPHABETS, randomSong } from './lyrics.ts';

const settings = resolveSettings({ seqLength: 8, trainFrac: 0.9, valFrac: 0.1, maxEpochs: 12 });
const options: IntakeOptions = { maxBytes: 1_000_000, settings, base: null, replays: false };
const file = (name: string, text: string | Uint8Array): IntakeSource => ({ name, bytes: Buffer.from(text) });
const textOf = async (...sources: IntakeSource[]) => (await intake(sources, options)).text;
const code = (wanted: string, name?: string) => (error: unknown) =>
  error instanceof UserError &&
  error.code === wanted &&
  (name === undefined || error.message.includes(name)) &&
  error.text('ko') !== error.message;

const SONG = '사랑은 비가 되어\n내 마음에 내린다\n\n그대 없는 밤에\n홀로 걷는다';

test('a clean text stays as it is, in every encoding, composed or not', async () => {
  const written: Record<string, Uint8Array> = {
    'utf-8': Buffer.from(SONG),
    'utf-8 with mark': Buffer.from(`\ufeff${SONG}`),
    'utf-8 decomposed': Buffer.from(SONG.normalize('NFD')),
    crlf: Buffer.from(SONG.replaceAll('\n', '\r\n')),
    'utf-16le with mark': Buffer.from(`\ufeff${SONG}`, 'utf16le'),
    'utf-16be with mark': Buffer.from(`\ufeff${SONG}`, 'utf16le').swap16(),
    'utf-16le without': Buffer.from(SONG, 'utf16le'),
    cp949: iconv.encode(SONG, 'cp949'),
  };
  for (const [encoding, bytes] of Object.entries(written)) {
    const { text, summary } = await intake([{ name: 'a.txt', bytes }], options);
    // Verses, for want of two blank lines, count as songs, as they do in training.
    assert.equal(text, SONG.replace('\n\n', '\n\n\n'), encoding);
    assert.equal(summary.lines, 4);
    assert.equal(summary.songs, 2);
    assert.equal(summary.characters, [...text].length);
  }
});

test('addresses, mentions, invisible characters and boilerplate go; lyric that looks a little like them stays', async () => {
  const { text, summary } = await intake(
    [
      file(
        'a.txt',
        [
          '제목: 밤의 노래',
          '작사 / 작곡 : 아무개',
          'Lyrics by Somebody',
          '[Verse 1: 아무개]',
          '사랑은 https://youtu.be/abc?v=1에서 온다',
          'www.example.com/lyrics',
          '고마워 @someone 그리고 <@!12345> a@b.co.kr',
          '그\u200b대 \u0007없는\u00a0 밤\ufeff',
          '(후렴)',
          '**노래**하는 1절의 사람',
          '노래하는 사람: 나',
          '...',
          '-----',
          '새벽 3:30에 만나요',
          '간주중',
          'x2',
          '출처: 어딘가',
          'ⓒ 2020 All rights reserved',
        ].join('\n'),
      ),
    ],
    options,
  );
  assert.equal(
    text,
    `${[
      '사랑은 에서 온다',
      '고마워 그리고',
      '그대 없는 밤',
      '노래하는 1절의 사람',
      '노래하는 사람: 나',
      '...',
    ].join('\n')}\n\n\n새벽 3:30에 만나요`,
  );
  assert.deepEqual(summary.removed, { urls: 3, mentions: 2, boilerplateLines: 10, characters: 3 });
});

test('LRC: tags and stamps go, lines are in the order of time, and one of several stamps is sung as often', async () => {
  const lrc = [
    '[ar:가수]',
    '[ti:제목]',
    '[offset:+500]',
    '[00:12.00][00:30.5]다시 부르는 노래',
    '[00:05.10]<00:05.10>첫 <00:06.20>구절',
    '[00:15.00]',
    '[00:20]둘째 구절',
  ].join('\n');
  for (const name of ['a.lrc', 'a.txt']) {
    assert.equal(
      await textOf(file(name, lrc)),
      '첫 구절\n다시 부르는 노래\n\n\n둘째 구절\n다시 부르는 노래',
      name,
    );
  }
});

test('LRC: a line of a thousand stamps makes no thousand lines of every line', async () => {
  const lines = Array.from({ length: 50 }, (_, i) => '[00:01]'.repeat(1000) + `${i} 노래 `.repeat(400));
  const length = (all: readonly string[]) => all.reduce((sum, line) => sum + line.length, 0);
  assert.ok(length(lrcLines(lines)) < 5 * length(lines));
});

test('Markdown: marks go, headings part songs, labels of verses part verses', async () => {
  const markdown = [
    '---',
    'title: x',
    '---',
    '# 첫 노래',
    '## Verse 1',
    '> **사랑은** _비가_ 되어  ',
    '- 내 [마음](https://x.kr)에 내린다\\',
    '## 후렴',
    '`그대` ~~없는~~ 밤 1\\*2 ![그림](a.png)',
    '# 둘째 노래',
    '```',
    '홀로 걷는 snake_case_길 아~~',
    '```',
  ].join('\n');
  assert.equal(
    await textOf(file('a.md', markdown)),
    '사랑은 비가 되어\n내 마음에 내린다\n\n그대 없는 밤 1*2\n\n\n홀로 걷는 snake_case_길 아~~',
  );
});

test('several files: each short one is a song, and each is told of', async () => {
  const { text, summary } = await intake(
    [file('a.txt', SONG), file('b.lrc', `[00:01.0]${'라라라 '.repeat(9)}`)],
    options,
  );
  assert.equal(text, `${SONG}\n\n\n${'라라라 '.repeat(9).trim()}`);
  assert.equal(summary.songs, 2);
  assert.deepEqual(
    summary.sources.map(({ name, encoding, characters }) => [name, encoding, characters]),
    [
      ['a.txt', 'utf-8', SONG.length],
      ['b.lrc', 'utf-8', 35],
    ],
  );
  await assert.rejects(textOf(file('a.txt', SONG), file('b.txt', '')), code('dataEmpty', 'b.txt'));
});

test('messages: lines are gathered, songs stay whole; orders, quotes, code and emoji of the chat go', async () => {
  const messages = [
    '/ballad 사랑은',
    '밤이 :smile: 깊었네 <:heart:123456> <@42>',
    '> 남의 말\n나의 말 &amp; 노래',
    '```js\ncode\n```',
    '||그대||\n**없는** 밤 \ud83d',
    'https://example.com/x',
    '마지막 줄',
  ];
  const { text, summary } = await intake([{ name: '#노래', messages }], options);
  assert.equal(text, '밤이 깊었네\n나의 말 & 노래\n\n\n그대\n없는 밤\n\n\n마지막 줄');
  assert.equal(summary.sources[0]!.encoding, null);
});

test('the summary counts what is new, what repeats, the languages and what is held out', async () => {
  const random = new Random(3);
  const songs = Array.from({ length: 20 }, (_, i) =>
    randomSong(random, i % 2 ? ALPHABETS.KOREAN : ALPHABETS.ENGLISH),
  );
  songs[0] += '\nж밤ж';
  const text = [...songs, songs[0]].join('\n\n\n');
  const known = text.replaceAll('ж', '').replaceAll('밤', '');
  const vocabulary = Vocabulary.of(known);
  const spec = networkOf(settings, vocabulary.size);
  const { summary } = await intake([file('a.txt', text)], { ...options, base: { vocabulary, spec } });
  assert.deepEqual(summary.newCharacters, ['ж', '밤']);
  assert.deepEqual(summary.duplicates, { songs: 1, lines: songs[0]!.split(/\n+/).length });
  const { hangul, latin, other } = summary.language;
  assert.ok(Math.abs(hangul + latin + other - 1) < 1e-12 && hangul > 0.2 && latin > 0.2 && other > 0);
  assert.equal(summary.heldOut.kind, 'songs');
  assert.ok(summary.heldOut.pieces >= 1 && summary.heldOut.characters > 30);
  assert.equal(summary.estimate, null);
});

test('time: epochs over the text and its replay at the speed that is known, and what that rests on', async () => {
  const text = 'ab cd ef gh\n'.repeat(200);
  const speedOf = () => ({ charsPerSecond: 1000, basis: 'measured' as const });
  const time = async (change: Partial<IntakeOptions>) =>
    (await intake([file('a.txt', text)], { ...options, speedOf, ...change })).summary.estimate!;
  const alone = await time({});
  assert.deepEqual([alone.charsPerSecond, alone.basis], [1000, 'measured']);
  assert.ok(alone.seconds > 0.9 * 12 * 2.16 && alone.seconds < 1.2 * 12 * 2.16, `${alone.seconds}`);
  const replaying = await time({ replays: true });
  assert.ok(replaying.seconds > alone.seconds / 0.7);
  const more = await time({ settings: { ...settings, maxEpochs: 24 } });
  assert.ok(more.seconds > 1.9 * alone.seconds);
});

test('what cannot be learnt from is refused by name, with what is wrong', async () => {
  const refused: [name: string, bytes: string | Uint8Array, code: string][] = [
    ['empty.txt', '', 'dataEmpty'],
    ['blank.txt', ' \n\t\n\ufeff', 'dataEmpty'],
    ['links.txt', 'https://a.kr/1\nhttps://a.kr/2\n@everyone', 'dataEmpty'],
    ['emoji.txt', '😀😃\n😄 👍🏽\n'.repeat(20), 'dataNoLetters'],
    ['zip.txt', Buffer.concat([Buffer.from('PK\x03\x04\x14\0\0\0\b\0'), Buffer.alloc(500, 7)]), 'dataBinary'],
    ['line.txt', '가'.repeat(20_000), 'dataLineTooLong'],
    ['short.txt', '사랑', 'dataTooSmall'],
    ['cut.txt', Buffer.from(`\ufeff${SONG}`, 'utf16le').subarray(0, 41), 'dataUndecodable'],
    ['half.txt', Buffer.from(`\ufeff${SONG}\ud83d\n${SONG}`, 'utf16le'), 'dataUndecodable'],
    ['huge.txt', Buffer.alloc(1_000_001, 'a'), 'dataTooLarge'],
  ];
  for (const [name, bytes, wanted] of refused) {
    await assert.rejects(textOf(file(name, bytes)), code(wanted, name), name);
  }
  await assert.rejects(textOf({ name: '#room', messages: [] }), code('dataEmpty', '#room'));
  await assert.rejects(textOf({ name: '#room', messages: ['😀', '\ud83d'] }), code('dataNoLetters', '#room'));
});

test('a text that is too large in UTF-8 is refused before anything starts, not by its training', async () => {
  const bytes = iconv.encode(`${'사랑은 비가 되어 내 마음에\n'.repeat(400)}`, 'cp949');
  const maxBytes = 12_000;
  assert.ok(bytes.length < maxBytes);
  const taken = intake([{ name: 'old.txt', bytes }], { ...options, maxBytes });
  await assert.rejects(taken, code('dataTooLarge', 'old.txt'));
});

test('a line of 5 MB is answered at once', async () => {
  const bytes = Buffer.from('사랑 '.repeat(750_000));
  const begun = performance.now();
  await assert.rejects(textOf({ name: 'a.txt', bytes }), code('dataTooLarge'));
  await assert.rejects(
    intake([{ name: 'a.txt', bytes }], { ...options, maxBytes: 1e8 }),
    code('dataLineTooLong'),
  );
  // Not a figure of speed: what is not linear in the line's length takes minutes.
  assert.ok(performance.now() - begun < 30_000);
});

test('5,000 odd files: each is answered, none crashes', () => fuzzIntake(5000, 1));
