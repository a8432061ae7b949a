/** What stands in a corpus of lyrics, in figures: its size, what repeats, what it sounds like. */
import { groupSimilar } from '../../src/training/similarity.ts';
import { type Frequent, histogram, mostFrequent, spreadOf, wordRuns } from './frequencies.ts';
import { hasSpeech, REGISTERS, registerOf, withoutParticle } from './korean.ts';
import { longestOverlaps } from './overlap.ts';
import { linesOutsideRepeats, readSongs, type Song, syllablesOf, wordsOf } from './songs.ts';
import { themesOf } from './themes.ts';

/** Entries of each list. */
const LISTED = 40;
/** A character is rare that stands no more often than this. */
const RARE = 2;
/** A song is in one register when this share of its closed lines is. */
const ONE_REGISTER = 0.8;
/** A song has dialogue when this many of its lines have speech. */
const DIALOGUE = 2;

export type CorpusFigures = ReturnType<typeof corpusReport>;

/** The figures of a text in the form of `readCorpus`; names as `--json` prints them. */
export function corpusReport(text: string) {
  const songs = readSongs(text);
  return {
    size: sizeOf(text, songs),
    lines: repetitionOf(songs),
    overlaps: longestOverlaps(songs, 10),
    frequent: frequentOf(songs),
    form: formOf(songs),
    registers: registersOf(songs),
    themes: mostFrequent(songs, themesOf, Number.POSITIVE_INFINITY),
    characters: charactersOf(text),
  };
}

function sizeOf(text: string, songs: readonly Song[]) {
  const syllables = syllablesOf(text);
  return {
    characters: [...text].length,
    bytes: Buffer.byteLength(text),
    songs: songs.length,
    verses: songs.reduce((sum, { verses }) => sum + verses.length, 0),
    lines: songs.reduce((sum, { lines }) => sum + lines.length, 0),
    words: songs.reduce((sum, { lines }) => sum + lines.flatMap(wordsOf).length, 0),
    distinct_words: new Set(songs.flatMap(({ lines }) => lines.flatMap(wordsOf))).size,
    syllables: syllables.length,
    distinct_syllables: new Set(syllables).size,
  };
}

/** `unique_share` is that of the lines outside repeated choruses which stand nowhere else in the corpus. */
function repetitionOf(songs: readonly Song[]) {
  const outside = songs.flatMap(linesOutsideRepeats);
  const unique = countsOf(outside).filter(([, count]) => count === 1);
  const groups = groupSimilar(songs.map(({ text }) => text));
  return {
    distinct: new Set(songs.flatMap(({ lines }) => lines)).size,
    outside_repeated_choruses: outside.length,
    unique_share: unique.length / outside.length,
    in_several_songs: mostFrequent(songs, ({ lines }) => lines, LISTED).filter((line) => line.songs > 1),
    near_duplicate_songs: groups.filter((first, song) => first !== song).length,
  };
}

function frequentOf(songs: readonly Song[]) {
  const words = new Map(songs.map((song) => [song, song.lines.map(wordsOf)]));
  const list = (textsOf: (lines: string[][]) => Iterable<string>, limit = LISTED): Frequent[] =>
    mostFrequent(songs, (song) => textsOf(words.get(song)!), limit);
  return {
    words: list((lines) => lines.flat().map(withoutParticle), 3 * LISTED),
    line_starts: list((lines) => lines.flatMap((line) => line.slice(0, 1))),
    line_starts_2: list((lines) => lines.filter(({ length }) => length > 1).map(firstTwo)),
    line_ends: list((lines) => lines.flatMap((line) => line.slice(-1))),
    word_pairs: list((lines) => wordRuns(lines, 2)),
    word_triples: list((lines) => wordRuns(lines, 3)),
    first_words_of_songs: list(([first]) => first?.slice(0, 1) ?? []),
    last_words_of_songs: list((lines) => lines.at(-1)?.slice(-1) ?? []),
  };
}

const firstTwo = (words: readonly string[]): string => words.slice(0, 2).join(' ');

function formOf(songs: readonly Song[]) {
  const perLine = songs.flatMap(({ lines }) => lines.map((line) => syllablesOf(line).length));
  return {
    characters_a_song: spreadOf(songs.map(({ text }) => [...text].length)),
    lines_a_song: spreadOf(songs.map(({ lines }) => lines.length)),
    verses_a_song: histogram(songs.map(({ verses }) => verses.length)),
    lines_a_verse: histogram(songs.flatMap(({ verses }) => verses.map(({ length }) => length))),
    syllables_a_line: histogram(perLine),
    syllables_a_line_spread: spreadOf(perLine),
    /** Lines of each verse. */
    shapes: mostFrequent(songs, ({ verses }) => [verses.map(({ length }) => length).join('-')], 20),
    songs_with_a_repeated_line: shareOf(songs, ({ lines }) => new Set(lines).size < lines.length),
    songs_with_a_repeated_chorus: shareOf(
      songs,
      (song) => linesOutsideRepeats(song).length < song.lines.length,
    ),
    songs_with_verses_that_begin_alike: shareOf(songs, ({ verses }) => {
      const starts = verses.map(([first]) => firstTwo(wordsOf(first ?? '')));
      return new Set(starts).size < starts.length;
    }),
  };
}

function registersOf(songs: readonly Song[]) {
  const lines = songs.flatMap((song) => song.lines);
  const honorificShare = ({ lines }: Song): number => {
    const closed = lines.map(registerOf).filter((register) => register !== 'open');
    return closed.filter((register) => register === 'honorific').length / closed.length;
  };
  return {
    lines: Object.fromEntries(
      REGISTERS.map((register) => [register, shareOf(lines, (line) => registerOf(line) === register)]),
    ),
    lines_with_speech: shareOf(lines, hasSpeech),
    songs: {
      honorific: shareOf(songs, (song) => honorificShare(song) >= ONE_REGISTER),
      plain: shareOf(songs, (song) => honorificShare(song) <= 1 - ONE_REGISTER),
      mixed: shareOf(songs, (song) => {
        const share = honorificShare(song);
        return share > 1 - ONE_REGISTER && share < ONE_REGISTER;
      }),
      dialogue: shareOf(songs, ({ lines }) => lines.filter(hasSpeech).length >= DIALOGUE),
    },
    /** Shares of the lines. */
    last_syllables: countsOf(lines.flatMap((line) => syllablesOf(line).slice(-1)))
      .slice(0, LISTED)
      .map(([text, count]) => ({ text, share: count / lines.length })),
  };
}

const shareOf = <T>(items: readonly T[], isOf: (item: T) => boolean): number =>
  items.filter(isOf).length / items.length;

function charactersOf(text: string) {
  const byCount = countsOf(text);
  return {
    distinct: byCount.length,
    other_than_hangul: Object.fromEntries(
      byCount.filter(([character]) => syllablesOf(character).length === 0),
    ),
    rare: byCount
      .filter(([, count]) => count <= RARE)
      .map(([character]) => character)
      .join(''),
  };
}

/** How often each item stands there, the most frequent first. */
function countsOf(items: Iterable<string>): [item: string, count: number][] {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
