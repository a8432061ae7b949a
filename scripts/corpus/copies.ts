/** How much of what a network writes stands in the text it learnt from; and, beside it, of lines held out. */
import { UserError } from '../../src/errors.ts';
import type { Sampler } from '../../src/sampling/sampler.ts';
import type { Segment } from '../../src/training/split.ts';
import { type Spread, spreadOf } from './frequencies.ts';
import { linesOf, syllablesOf } from './songs.ts';
import { SuffixArray } from './suffix-array.ts';

/** Lyrics sampled at once. */
export const SLOTS = 16;
/** Characters of a lyric at most: several times a song's. */
const LENGTH = 2000;
/** Lines of fewer syllables are said by everybody. */
const FEWEST_SYLLABLES = 5;
/** A network that has sampled so many characters for each line asked for writes none. */
const CHARACTERS_A_LINE = 200;

export interface Copies {
  readonly lines: number;
  /** Share in [0, 1] of the lines that are a line of the training text. */
  readonly whole_lines: number;
  /** Share of the lines that stand in the training text, as a line, within one or across two. */
  readonly verbatim: number;
  /** Characters of a line's longest run that stands in the training text. */
  readonly longest_overlap: Spread;
  /** The same as a share of the line's characters. */
  readonly longest_overlap_share: Spread;
}

export interface SampledLines {
  readonly lines: readonly string[];
  /** The lyrics that they are of, without a last line that was cut off. */
  readonly lyrics: readonly string[];
}

/**
 * The first `count` lines that are compared of the lyrics with the seeds `seed`, `seed + 1`, ...; fewer from a
 * network that hardly writes lines. A lyric's repeats of a line, and a last line that was cut off, are left out.
 */
export async function sampleLines(
  sampler: Sampler,
  { lines: count, temperature, seed }: { lines: number; temperature: number; seed: number },
): Promise<SampledLines> {
  const lyrics: string[] = [];
  let started = 0;
  let lines = 0;
  let characters = 0;
  const worker = async () => {
    while (lines < count && characters < count * CHARACTERS_A_LINE) {
      const number = started++;
      const request = { primeText: '', length: LENGTH, temperature, seed: (seed + number) % 2 ** 32 };
      const result = await sampler.sample(request);
      const whole = result.end === 'song' ? result.text : result.text.replace(/[^\n]*$/, '');
      lyrics[number] = whole;
      lines += comparedLines(whole).length;
      characters += result.characters;
    }
  };
  await Promise.all(Array.from({ length: SLOTS }, worker));
  // In the order of the seeds, and no lyric that was not needed: it does not matter which ended first.
  const kept: string[] = [];
  const compared: string[] = [];
  for (const lyric of lyrics) {
    if (compared.length >= count) break;
    kept.push(lyric);
    compared.push(...comparedLines(lyric));
  }
  return { lines: compared.slice(0, count), lyrics: kept };
}

/** The lines of a lyric that are long enough to be told from chance. */
const longLines = (lyric: string): string[] =>
  linesOf(lyric).filter((line) => syllablesOf(line).length >= FEWEST_SYLLABLES);

/** The distinct ones of them. */
export const comparedLines = (lyric: string): string[] => [...new Set(longLines(lyric))];

/** Share of the lines of songs, repeats included, that stood in their own song before: choruses that return. */
export function returningLines(songs: readonly string[]): number {
  const all = songs.reduce((sum, song) => sum + longLines(song).length, 0);
  const distinct = songs.reduce((sum, song) => sum + comparedLines(song).length, 0);
  return all === 0 ? 0 : 1 - distinct / all;
}

/** Compares texts with a training part. */
export class TrainingText {
  readonly #suffixes: SuffixArray;
  readonly #lines: ReadonlySet<string>;

  constructor(segments: readonly Segment[]) {
    this.#suffixes = new SuffixArray(segments.map(({ text }) => text));
    this.#lines = new Set(segments.flatMap(({ text }) => linesOf(text)));
  }

  /** Characters of a line's longest run that stands in the training text. */
  longestOverlap(line: string): number {
    const points = Array.from(line, (character) => character.codePointAt(0)!);
    let longest = 0;
    for (let from = 0; from + longest < points.length; from++) {
      longest = Math.max(longest, this.#suffixes.longestMatch(points, from));
    }
    return longest;
  }

  /** Throws a `UserError` where there are no lines to compare. */
  compare(lines: readonly string[]): Copies {
    if (lines.length === 0) throw new UserError('linesMissing', { syllables: FEWEST_SYLLABLES });
    const lengths = lines.map((line) => [...line].length);
    const overlaps = lines.map((line) => this.longestOverlap(line));
    return {
      lines: lines.length,
      whole_lines: lines.filter((line) => this.#lines.has(line)).length / lines.length,
      verbatim: overlaps.filter((overlap, i) => overlap === lengths[i]).length / lines.length,
      longest_overlap: spreadOf(overlaps),
      longest_overlap_share: spreadOf(overlaps.map((overlap, i) => overlap / lengths[i])),
    };
  }
}

export interface Compared extends Copies {
  /** As of `returningLines`. */
  readonly returning_lines: number;
  /** Characters of a song. */
  readonly song_length: Spread;
}

/** @param lines of the songs, to be compared with the training text. */
export const compareSongs = (
  training: TrainingText,
  lines: readonly string[],
  songs: readonly string[],
): Compared => ({
  ...training.compare(lines),
  returning_lines: returningLines(songs),
  song_length: spreadOf(songs.map((song) => [...song].length)),
});
