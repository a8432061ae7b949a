import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { linesOutsideRepeats, readSongs, syllablesOf } from '../../scripts/corpus/songs.ts';
import { DATA_DIR } from '../../src/paths.ts';

test('the data card is about the corpus as it is', () => {
  const folder = path.join(DATA_DIR, 'ballads');
  const text = readFileSync(path.join(folder, 'input.txt'), 'utf8');
  const card = readFileSync(path.join(folder, 'README.md'), 'utf8');
  const songs = readSongs(text);
  const grouped = (value: number) => value.toLocaleString('en');
  const syllables = syllablesOf(text);
  for (const row of [
    `| characters, with blanks and line ends | ${grouped([...text].length)} |`,
    `| songs | ${grouped(songs.length)} |`,
    `| lines | ${grouped(songs.flatMap(({ lines }) => lines).length)} |`,
    `| Hangul syllables / distinct | ${grouped(syllables.length)} / ${grouped(new Set(syllables).size)} |`,
  ]) {
    assert.ok(card.includes(row), `npm run corpus-report says ${row}`);
  }
});

test('the corpus has the form that the card says', () => {
  const text = readFileSync(path.join(DATA_DIR, 'ballads', 'input.txt'), 'utf8');
  assert.equal(text, text.normalize('NFC'));
  assert.doesNotMatch(text, /[^가-힣 ,?\n]/);
  assert.doesNotMatch(text, /\n{4}| {2}|^ | $/m);
  assert.ok(text.endsWith('\n') && !text.endsWith('\n\n'));
  const outside = readSongs(text).flatMap(linesOutsideRepeats);
  const times = new Map<string, number>();
  for (const line of outside) times.set(line, (times.get(line) ?? 0) + 1);
  assert.ok(outside.filter((line) => times.get(line) === 1).length > 0.92 * outside.length);
});
