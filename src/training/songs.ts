/** Where songs begin and end in a text. */

/** A line of nothing or white space, and its end. */
const BLANK_LINE = '(?:[^\\S\\n]*\\n)';
const TWO_BLANK_LINES = new RegExp(`\\n${BLANK_LINE}{2,}`);
const ONE_BLANK_LINE = new RegExp(`\\n${BLANK_LINE}+`);
const LEADING_BLANK_LINES = new RegExp(`^${BLANK_LINE}+`);

/** Line ends of every system to `\n`. */
export const unifyLineEnds = (text: string): string => text.replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n');

/**
 * The songs of a text in order, without the blank lines around them: cut at two or more blank lines where the
 * text has such a place between two songs, else at each blank line.
 */
export function cutSongs(text: string): string[] {
  const lines = unifyLineEnds(text);
  const songs = trimmed(lines.split(TWO_BLANK_LINES));
  return songs.length > 1 ? songs : trimmed(lines.split(ONE_BLANK_LINE));
}

const trimmed = (pieces: readonly string[]): string[] =>
  pieces.map((piece) => piece.replace(LEADING_BLANK_LINES, '').trimEnd()).filter((piece) => piece !== '');

/**
 * Whole lines of a text in order, joined to pieces of at least `length` UTF-16 units each (the last may be
 * shorter); a line that is longer by itself is cut. Concatenated they are the text.
 */
export function cutPieces(text: string, length: number): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (start < text.length) {
    const lineEnd = text.indexOf('\n', start + length - 1) + 1 || text.length;
    let end = lineEnd - start > 2 * length ? start + length : lineEnd;
    if (isLowSurrogate(text, end)) end++;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

function isLowSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit < 0xe000;
}
