/** Embeddings of Hangul syllables that a network does not know, so that a prime text may hold them. */
import { kinFinder, meanRow } from './grow.ts';
import { jamoOf } from './hangul.ts';
import { UNKNOWN } from './network.ts';
import { normalizeText, type Vocabulary } from './vocabulary.ts';

/**
 * Token ids of a text; an unknown Hangul syllable is the negative of its code point, to be fed as `Composer`
 * composes it. Other unknown characters are `UNKNOWN`: for them a mean of all costs more than nothing.
 */
export function encodeComposing(vocabulary: Vocabulary, text: string): number[] {
  const characters = [...normalizeText(text)];
  return [...vocabulary.encode(text)].map((id, i) => {
    const character = characters[i]!;
    return id === UNKNOWN && jamoOf(character) ? -character.codePointAt(0)! : id;
  });
}

/** Whether a negative token is one that `encodeComposing` gives. */
export const isComposed = (token: number): boolean =>
  Number.isInteger(token) &&
  token < 0 &&
  token >= -0xd7a3 &&
  jamoOf(String.fromCodePoint(-token)) !== undefined;

/** Composed rows are made once each. */
export class Composer {
  readonly #vocabulary: Vocabulary;
  /** [V, E] */
  readonly #embedding: Float32Array;
  #findKin: ReturnType<typeof kinFinder> | undefined;
  readonly #rows = new Map<number, Float32Array>();

  constructor(vocabulary: Vocabulary, embedding: Float32Array) {
    this.#vocabulary = vocabulary;
    // A copy: the array may be a view of a whole checkpoint's bytes.
    this.#embedding = embedding.slice();
  }

  /** Embedding [E] of a composed token: the mean of its kin's. */
  row(token: number): Float32Array {
    const made = this.#rows.get(token);
    if (made) return made;
    this.#findKin ??= kinFinder(this.#vocabulary);
    const kin = this.#findKin(String.fromCodePoint(-token));
    const width = this.#embedding.length / this.#vocabulary.size;
    const row = Float32Array.from(meanRow(this.#embedding, width, kin));
    this.#rows.set(token, row);
    return row;
  }
}
