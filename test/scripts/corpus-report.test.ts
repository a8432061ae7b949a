import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { corpusReport } from '../../scripts/corpus/report.ts';
import { linesOutsideRepeats, readSongs } from '../../scripts/corpus/songs.ts';
import { themesOf } from '../../scripts/corpus/themes.ts';
import { temporaryFolder } from '../training/fixtures/runs.ts';
import { runScript } from './support.ts';

/** Three songs: the first repeats a chorus, the second shares a line with the third. */
const SONGS = [
  ['바다는 멀다\n나는 바다로 간다', '파도가 운다\n나를 부른다', '별이 진다', '파도가 운다\n너를 부른다'],
  ['나는 걷습니다, 오늘도\n당신을 만납니다', '어제 그 자리에서\n기다렸어요'],
  ['ABC 노래를 불렀네\n뷁 소리가 났네', '어제 그 자리에서\n기다렸어요'],
];
const TEXT = `${SONGS.map((verses) => verses.join('\n\n')).join('\n\n\n')}\n`;

const figures = corpusReport(TEXT);

test('size counts what stands there', () => {
  assert.deepEqual(figures.size, {
    characters: [...TEXT].length,
    bytes: Buffer.byteLength(TEXT),
    songs: 3,
    verses: 8,
    lines: 15,
    words: 34,
    distinct_words: 26,
    syllables: (TEXT.match(/[가-힣]/g) ?? []).length,
    distinct_syllables: new Set(TEXT.match(/[가-힣]/g)).size,
  });
});

test('a chorus sung again does not count, whatever else repeats does', () => {
  const [first] = readSongs(TEXT);
  assert.deepEqual(linesOutsideRepeats(first), [
    '바다는 멀다',
    '나는 바다로 간다',
    '파도가 운다',
    '나를 부른다',
    '별이 진다',
  ]);
  const { lines } = figures;
  assert.equal(lines.outside_repeated_choruses, 13);
  assert.equal(lines.distinct, 12);
  assert.equal(lines.unique_share, 9 / 13);
  assert.deepEqual(
    lines.in_several_songs.map(({ text, songs }) => [text, songs]),
    [
      ['기다렸어요', 2],
      ['어제 그 자리에서', 2],
    ],
  );
  assert.equal(lines.near_duplicate_songs, 0);
  const again = corpusReport(`${TEXT}\n\n${SONGS[0].join('\n\n').replace('멀다', '깊다')}\n`);
  assert.equal(again.lines.near_duplicate_songs, 1);
});

test('the longest run of two songs is found, and none within another', () => {
  const [longest, ...others] = figures.overlaps;
  assert.equal(longest.text, '\n\n어제 그 자리에서\n기다렸어요');
  assert.equal(longest.characters, [...longest.text].length);
  assert.deepEqual(longest.songs, [2, 3]);
  assert.ok(others.length > 0);
  for (const { text, characters } of others) {
    assert.ok(characters <= longest.characters);
    assert.ok(!longest.text.includes(text));
  }
});

test('lists say in how many songs something stands', () => {
  const entry = (list: readonly { text: string }[], text: string) => list.find((item) => item.text === text);
  const { frequent } = figures;
  assert.deepEqual(entry(frequent.words, '바다'), { text: '바다', count: 2, songs: 1, share: 1 / 3 });
  assert.deepEqual(
    frequent.line_starts.slice(0, 4).map(({ text }) => text),
    ['기다렸어요', '나는', '어제', '파도가'],
  );
  assert.deepEqual(entry(frequent.line_starts, '나는'), { text: '나는', count: 2, songs: 2, share: 2 / 3 });
  assert.deepEqual(entry(frequent.line_ends, '부른다'), { text: '부른다', count: 2, songs: 1, share: 1 / 3 });
  assert.deepEqual(frequent.word_triples[0], { text: '어제 그 자리에서', count: 2, songs: 2, share: 2 / 3 });
  assert.equal(entry(frequent.word_pairs, '부른다 별이'), undefined, 'not across lines');
});

test('form and registers', () => {
  const { form, registers } = figures;
  assert.deepEqual(form.verses_a_song, { 2: 2, 4: 1 });
  assert.deepEqual(form.lines_a_verse, { 1: 1, 2: 7 });
  assert.deepEqual(form.syllables_a_line, { 4: 1, 5: 7, 6: 2, 7: 4, 9: 1 });
  assert.equal(form.songs_with_a_repeated_chorus, 1 / 3);
  assert.equal(form.songs_with_a_repeated_line, 1 / 3);
  assert.equal(form.songs_with_verses_that_begin_alike, 1 / 3);
  assert.deepEqual(form.shapes[0], { text: '2-2', count: 2, songs: 2, share: 2 / 3 });
  assert.deepEqual(registers.lines, { honorific: 3 / 15, plain: 9 / 15, open: 3 / 15 });
  assert.deepEqual(registers.songs, { honorific: 1 / 3, plain: 1 / 3, mixed: 1 / 3, dialogue: 0 });
  assert.deepEqual(registers.last_syllables[0], { text: '다', share: 8 / 15 });
});

test('two lines with words of a theme make it one of the song', () => {
  const themes = (text: string) => themesOf(readSongs(text)[0]);
  assert.deepEqual(themes('바다로 간다\n부두에 선다\n\n산책을 한다\n산이 좋다'), ['sea']);
  assert.deepEqual(themes('바다로 간다\n산책을 한다'), []);
  assert.deepEqual(themes('우리 다시 만난 날\n오랜만이다'), ['reunion']);
  assert.deepEqual(
    figures.themes.find(({ text }) => text === 'sea'),
    { text: 'sea', count: 1, songs: 1, share: 1 / 3 },
  );
});

test('characters other than Hangul and rare ones are listed', () => {
  const { other_than_hangul, rare } = figures.characters;
  assert.deepEqual(Object.keys(other_than_hangul), ['\n', ' ', ',', 'A', 'B', 'C']);
  assert.equal(other_than_hangul[','], 1);
  assert.ok(rare.includes('뷁'));
  assert.ok(!rare.includes('나'));
});

test('the script prints the figures of a folder, and says what it cannot read', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(path.join(folder, 'songs'));
  await writeFile(path.join(folder, 'songs', 'input.txt'), TEXT);
  const [json, text, missing] = await Promise.all(
    [
      ['--data-dir', 'songs', '--json'],
      ['--data-dir', 'songs'],
      ['--data-dir', 'absent'],
    ].map((args) => runScript('corpus-report', args, folder)),
  );
  assert.deepEqual(JSON.parse(json.stdout), JSON.parse(JSON.stringify(figures)));
  assert.match(text.stdout, /unique 69\.2 %/);
  assert.match(text.stdout, /어제 66\.7 %/);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /absent.* does not exist/);
});
