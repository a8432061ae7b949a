/** The longest runs of characters that stand in two different songs. */
import type { Song } from './songs.ts';
import { SuffixArray } from './suffix-array.ts';

export interface Overlap {
  /** Code points, blanks and line ends included. */
  readonly characters: number;
  readonly text: string;
  /** Numbers of two songs that hold it. */
  readonly songs: readonly [number, number];
}

/** The longest first; a run within one that was listed before is left out. */
export function longestOverlaps(songs: readonly Song[], limit: number): Overlap[] {
  const suffixes = new SuffixArray(songs.map(({ text }) => text));
  const runs = [...suffixes.sharedBetweenTexts()].sort((a, b) => b.length - a.length);
  const overlaps: Overlap[] = [];
  for (const { texts, start, length } of runs) {
    if (overlaps.length === limit) break;
    const text = suffixes.textAt(start, length);
    if (overlaps.some((longer) => longer.text.includes(text))) continue;
    const [a, b] = texts.map((index) => songs[index].number).sort((x, y) => x - y);
    overlaps.push({ characters: length, text, songs: [a, b] });
  }
  return overlaps;
}
