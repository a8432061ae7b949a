/** A corpus as songs of verses of lines, and the words of a line. */
import { cutSongs } from '../../src/training/songs.ts';

export interface Song {
  /** Place in the text, from 1. */
  readonly number: number;
  readonly text: string;
  /** Verses in order; lines without white space around them. */
  readonly verses: readonly (readonly string[])[];
  /** Of all verses in order. */
  readonly lines: readonly string[];
}

/** The songs of a text, cut as `--split blocks` cuts them. */
export function readSongs(text: string): Song[] {
  return cutSongs(text).map((song, index) => {
    const verses = song.split(/\n[^\S\n]*\n/).map(linesOf);
    return { number: index + 1, text: song, verses, lines: verses.flat() };
  });
}

/** The lines of a piece of text that are not blank, without white space around them. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** The words of a line without punctuation around them. */
export const wordsOf = (line: string): string[] =>
  line
    .split(/\s+/)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word !== '');

const SYLLABLE = /[가-힣]/g;

/** The Hangul syllables of a text. */
export const syllablesOf = (text: string): string[] => text.match(SYLLABLE) ?? [];

/**
 * The lines that are not part of a verse sung again: a verse is one when half of its lines or more stand in
 * earlier verses of its song. What such a chorus says for the first time counts; its repeats do not.
 */
export function linesOutsideRepeats(song: Song): string[] {
  const seen = new Set<string>();
  const kept: string[] = [];
  for (const verse of song.verses) {
    const again = verse.filter((line) => seen.has(line)).length;
    if (2 * again < verse.length) kept.push(...verse);
    for (const line of verse) seen.add(line);
  }
  return kept;
}
