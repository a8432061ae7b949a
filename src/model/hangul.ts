/** Modern Hangul syllables by their parts, as Unicode composes them (The Unicode Standard, 3.12). */

const FIRST = 0xac00;
const VOWELS = 21;
const CODAS = 28;
const LAST = FIRST + 19 * VOWELS * CODAS - 1;

/** Numbers of the consonant that a syllable begins with, its vowel, and the consonant that it ends with (0: none). */
export type Jamo = readonly [onset: number, vowel: number, coda: number];

/** The parts of a character; undefined for what is no modern Hangul syllable. */
export function jamoOf(character: string): Jamo | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code < FIRST || code > LAST || character.length !== 1) return undefined;
  const index = code - FIRST;
  return [Math.floor(index / (VOWELS * CODAS)), Math.floor(index / CODAS) % VOWELS, index % CODAS];
}

/** How many of the three parts two syllables share. */
export const sharedJamo = (a: Jamo, b: Jamo): number =>
  Number(a[0] === b[0]) + Number(a[1] === b[1]) + Number(a[2] === b[2]);
