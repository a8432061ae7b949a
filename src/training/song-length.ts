/** How long the songs of a text are. */
import type { Segment } from './split.ts';

/** Songs of a hundred that may be shorter than what counts as a song's least length: fragments, a single verse. */
const SHORTER = 1 / 100;

/**
 * Characters that a song has at least: all but the shortest hundredth of the songs of a text, and those of `before`, are
 * as long. Undefined where neither has songs.
 */
export function shortestOf(segments: readonly Segment[], before?: number): number | undefined {
  const lengths = segments
    .flatMap(({ text, song }) => (song ? [[...text].length] : []))
    .sort((a, b) => a - b);
  const shortest = lengths[Math.floor(lengths.length * SHORTER)];
  return shortest === undefined || before === undefined ? (shortest ?? before) : Math.min(shortest, before);
}
