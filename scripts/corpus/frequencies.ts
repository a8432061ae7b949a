/** What stands most often in songs. */
import type { Song } from './songs.ts';

export interface Frequent {
  readonly text: string;
  /** Times in all. */
  readonly count: number;
  /** Songs that it stands in. */
  readonly songs: number;
  /** Share in [0, 1] of all songs. */
  readonly share: number;
}

/**
 * The texts that stand in most songs; in equally many, the one that stands more often first, then by code
 * points.
 * @param textsOf what a song holds, repeats included.
 */
export function mostFrequent(
  songs: readonly Song[],
  textsOf: (song: Song) => Iterable<string>,
  limit: number,
): Frequent[] {
  const counts = new Map<string, { count: number; songs: number; last: Song }>();
  for (const song of songs) {
    for (const text of textsOf(song)) {
      const entry = counts.get(text);
      if (!entry) counts.set(text, { count: 1, songs: 1, last: song });
      else {
        entry.count++;
        if (entry.last !== song) entry.songs++;
        entry.last = song;
      }
    }
  }
  return [...counts]
    .map(([text, entry]) => ({
      text,
      count: entry.count,
      songs: entry.songs,
      share: entry.songs / songs.length,
    }))
    .sort((a, b) => b.songs - a.songs || b.count - a.count || (a.text < b.text ? -1 : 1))
    .slice(0, limit);
}

/** Runs of n words within each line. */
export function* wordRuns(lines: readonly (readonly string[])[], n: number): Generator<string> {
  for (const words of lines) {
    for (let start = 0; start + n <= words.length; start++) yield words.slice(start, start + n).join(' ');
  }
}

/** `{ value: times }` in ascending order of value. */
export function histogram(values: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** The value below which a share p in [0, 1] of the values lies (nearest rank); NaN without values. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly mean: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export const spreadOf = (values: readonly number[]): Spread => ({
  min: percentile(values, 0),
  median: percentile(values, 0.5),
  mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  p90: percentile(values, 0.9),
  p99: percentile(values, 0.99),
  max: percentile(values, 1),
});
