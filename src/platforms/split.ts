/** Text in pieces that a chat takes: cut at line ends, where a line is too long between words or characters. */

/** What a character (code point) counts towards the limit: its UTF-16 units, or more where it will be escaped. */
export type Cost = (character: string) => number;

const unitsOf: Cost = (character) => character.length;

/**
 * Pieces that each cost at most `limit`. White space at a cut belongs to no piece; no piece is blank, unless the
 * text is. `limit` is at least the cost of any character.
 */
export function splitText(text: string, limit: number, cost: Cost = unitsOf): string[] {
  const pieces: string[] = [];
  let rest = text;
  for (;;) {
    const end = longestStart(rest, limit, cost);
    if (end === rest.length) break;
    const at = cutBefore(rest, end);
    const piece = rest.slice(0, at).trimEnd();
    if (piece !== '') pieces.push(piece);
    rest = rest.slice(at).trimStart();
  }
  return rest === '' && pieces.length > 0 ? pieces : [...pieces, rest];
}

/** Length of the longest beginning that costs at most `limit`. */
function longestStart(text: string, limit: number, cost: Cost): number {
  let total = 0;
  let end = 0;
  for (const character of text) {
    total += cost(character);
    if (total > limit) break;
    end += character.length;
  }
  return end;
}

/** Where to cut, at `end` or before. */
function cutBefore(text: string, end: number): number {
  for (const separator of ['\n', ' ']) {
    const at = text.lastIndexOf(separator, end);
    if (at > 0) return at;
  }
  return end;
}
