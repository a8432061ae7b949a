/**
 * Characters and their token ids. A character is a Unicode code point after NFC normalisation. Ids 0 and 1
 * are reserved (`UNKNOWN`, `START` of network.ts); every other id stands for one character.
 *
 * U+FFFD is what an unknown character is shown as, so it never gets an id of its own; half a surrogate pair,
 * which no file can hold, is read as U+FFFD.
 */
import { UserError } from '../errors.ts';
import { START, UNKNOWN } from './network.ts';

/** How the reserved ids stand in a checkpoint's vocabulary: the only entries longer than one code point. */
const RESERVED = ['<unk>', '<s>'] as const;
const REPLACEMENT = '\uFFFD';

/** The form in which all text meets the vocabulary: NFC, well-formed. */
export const normalizeText = (text: string): string =>
  text.normalize('NFC').replace(/\p{Surrogate}/gu, REPLACEMENT);

export class Vocabulary {
  /** By token id; the reserved ids first. */
  readonly #characters: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  private constructor(characters: readonly string[]) {
    this.#characters = characters;
    this.#ids = new Map(
      characters.map((character, id): [string, number] => [character, id]).slice(RESERVED.length),
    );
  }

  /** The characters of a text, in order of code points: the same set of characters gives the same ids. */
  static of(text: string): Vocabulary {
    return new Vocabulary(RESERVED).extended(text);
  }

  /** This vocabulary with the unseen characters of a text after its own, whose ids stay as they are. */
  extended(text: string): Vocabulary {
    const added = this.unseen(text)
      .filter((character) => character !== REPLACEMENT)
      .sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
    return new Vocabulary([...this.#characters, ...added]);
  }

  /** Number of token ids V, reserved ones included. */
  get size(): number {
    return this.#characters.length;
  }

  /** The token of the line end; -1 where the vocabulary has none. */
  get lineEnd(): number {
    return this.#ids.get('\n') ?? -1;
  }

  /** Whether a character (one code point, NFC) has an id of its own. */
  has(character: string): boolean {
    return this.#ids.has(character);
  }

  /** Token ids, one a code point of the normalised text; `UNKNOWN` for what is unseen. */
  encode(text: string): Int32Array {
    const normalized = normalizeText(text);
    const ids = new Int32Array(normalized.length);
    let count = 0;
    for (const character of normalized) ids[count++] = this.#ids.get(character) ?? UNKNOWN;
    return ids.slice(0, count);
  }

  /** The distinct characters of a text that have no id, in order of appearance. */
  unseen(text: string): string[] {
    const unseen = new Set<string>();
    for (const character of normalizeText(text)) {
      if (!this.#ids.has(character)) unseen.add(character);
    }
    return [...unseen];
  }

  /** The text of a token: `''` for `START`, U+FFFD for `UNKNOWN`. Throws a RangeError on an id out of range. */
  character(id: number): string {
    if (id === START) return '';
    if (id === UNKNOWN) return REPLACEMENT;
    const character = this.#characters[id];
    if (character === undefined)
      throw new RangeError(`token id ${id} is not in a vocabulary of ${this.size}`);
    return character;
  }

  /** The text of token ids. */
  decode(ids: Iterable<number>): string {
    let text = '';
    for (const id of ids) text += this.character(id);
    return text;
  }

  /** The array that a checkpoint holds: index = token id. */
  toJSON(): string[] {
    return [...this.#characters];
  }

  /**
   * Checks and takes an array as `toJSON` gives it. Throws a `UserError` that names the first entry which is
   * not a distinct single code point.
   */
  static fromJSON(value: unknown, file = 'vocabulary'): Vocabulary {
    if (!Array.isArray(value))
      throw new UserError('vocabularyEntry', { file, index: 0, entry: typeof value });
    const seen = new Set<unknown>();
    for (const [index, entry] of value.entries()) {
      const valid =
        index < RESERVED.length ? entry === RESERVED[index] : isCharacter(entry) && !seen.has(entry);
      if (!valid)
        throw new UserError('vocabularyEntry', { file, index, entry: JSON.stringify(entry) ?? 'undefined' });
      seen.add(entry);
    }
    if (value.length < RESERVED.length) {
      throw new UserError('vocabularyEntry', { file, index: value.length, entry: 'undefined' });
    }
    return new Vocabulary(value as string[]);
  }
}

function isCharacter(entry: unknown): entry is string {
  return typeof entry === 'string' && entry !== REPLACEMENT && /^\P{Surrogate}$/su.test(entry);
}
