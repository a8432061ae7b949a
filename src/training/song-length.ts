/** How long the songs of a text are. */
import type { SongLengths } from '../model/checkpoint-metadata.ts';
import type { Segment } from './split.ts';

/** Share of songs that may be shorter than what counts as a song's least length: fragments, a single verse. */
const SHORTER = 1 / 100;
/** Share of songs that are no longer than what counts as long. */
const NOT_LONG = 3 / 4;

/** In characters, of a text and of what was learnt `before`, whichever is shorter or longer. Undefined where neither has songs. */
export function songLengths(segments: readonly Segment[], before?: SongLengths): SongLengths | undefined {
  const lengths = segments
    .flatMap(({ text, song }) => (song ? [[...text].length] : []))
    .sort((a, b) => a - b);
  if (lengths.length === 0) return before;
  const [shortest, long] = [SHORTER, NOT_LONG].map((share) => lengths[Math.floor(lengths.length * share)]!);
  return {
    shortest: Math.min(shortest!, before?.shortest ?? shortest!),
    long: Math.max(long!, before?.long ?? long!),
  };
}
