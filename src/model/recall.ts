/**
 * Recall: what a song has said comes back in it. A cache model (Kuhn & De Mori 1990) beside the network that looks
 * up where in the song so far the longest run of its last characters stood before, and what came after it there:
 *
 *   p(c) = (1 - w) p_network(c) + w q(c),
 *
 * q(c) is the share of those places after which c came; w depends on the length of the run, on how often it stood
 * there and on where in the song the next character stands: choruses return, but not for ever. The mixture is that
 * of the pointer and cache networks (Merity et al. 2016, Grave et al. 2016), the match that of context mixing in
 * compression (Mahoney 2005). A recurrent network of this size cannot carry a chorus in its state. It knows token
 * ids, no tensors and no text.
 */

import type { History } from './ngram.ts';

/** Where the next character stands: within a line, first in its line, first after a blank line. */
export const PLACES = 3;
/** How often the run stood in the song before: once, twice, more often. */
export const TIMES = 3;
/** Lengths of a run that have a weight of their own: 1, ..., and the last for all that are longer. */
export const LENGTHS = 16;
/** Runs are looked for in this many last tokens at least. */
export const REACH = 1024;

/** How far a network's songs may be trusted to repeat themselves: `weights[place][times - 1][length - 1]` in [0, 1). */
export interface Recall {
  readonly weights: readonly (readonly (readonly number[])[])[];
}

/** What a weight depends on. */
export interface Match {
  /** Of the next token: 0, ..., `PLACES` - 1. */
  readonly place: number;
  /** Length of the longest run at the song's end that stood in it before; 0 where its last token is new. */
  readonly longest: number;
  /** How often it stood there. */
  readonly times: number;
}

/** The mixture's w; 0 where nothing matches. */
export const recallWeight = ({ weights }: Recall, { place, longest, times }: Match): number =>
  longest === 0 ? 0 : weights[place]![Math.min(times, TIMES) - 1]![Math.min(longest, LENGTHS) - 1]!;

/** The tokens of a song so far, and at each of its places how far back it matches the song's end. */
export class SongMemory implements Match, History {
  readonly #lineEnd: number;
  readonly #tokens = new Int32Array(2 * REACH);
  /** [j]: length of the longest common suffix of all tokens and of the first j. */
  readonly #matches = new Int32Array(2 * REACH + 1);
  #size = 0;
  #longest = 0;
  #times = 0;

  /** @param lineEnd the token of the line end; negative where there is none. */
  constructor(lineEnd: number) {
    this.#lineEnd = lineEnd;
  }

  get longest(): number {
    return this.#longest;
  }

  get times(): number {
    return this.#times;
  }

  get place(): number {
    if (this.#size === 0 || this.#tokens[this.#size - 1] !== this.#lineEnd) return 0;
    return this.#size > 1 && this.#tokens[this.#size - 2] === this.#lineEnd ? 2 : 1;
  }

  /** Tokens that it holds: all of the song, or its last `REACH` and more. */
  get length(): number {
    return this.#size;
  }

  /** The last tokens, as many as are needed to go on elsewhere. */
  get tokens(): Int32Array {
    return this.#tokens.slice(0, this.#size);
  }

  back(distance: number): number | undefined {
    return distance <= this.#size ? this.#tokens[this.#size - distance] : undefined;
  }

  clear(): void {
    this.#size = 0;
    this.#longest = 0;
    this.#times = 0;
  }

  /** A run right after the one it repeats, or overlapping it, is none: the song would go round in circles. */
  push(token: number): void {
    if (this.#size === 2 * REACH) this.#forget();
    const [tokens, matches, size] = [this.#tokens, this.#matches, this.#size];
    let longest = 0;
    let times = 0;
    for (let j = size; j > 0; j--) {
      const match = tokens[j - 1] === token ? matches[j - 1]! + 1 : 0;
      matches[j] = match;
      if (match < longest || match === 0 || match > size - j) continue;
      times = match > longest ? 1 : times + 1;
      longest = match;
    }
    tokens[size] = token;
    matches[size + 1] = 0;
    this.#size++;
    this.#longest = longest;
    this.#times = times;
  }

  /**
   * Writes the distinct tokens that came after the longest run into `ids`, how often each did into `counts`, both of
   * the vocabulary's size or more; returns how many they are. Tokens that a network cannot predict are left out.
   */
  followers(ids: Int32Array, counts: Int32Array): number {
    let distinct = 0;
    for (let j = 1; this.#longest > 0 && j < this.#size - this.#longest; j++) {
      const token = this.#tokens[j]!;
      if (this.#matches[j] !== this.#longest || token < 0) continue;
      let i = 0;
      while (i < distinct && ids[i] !== token) i++;
      if (i === distinct) {
        ids[distinct] = token;
        counts[distinct++] = 0;
      }
      counts[i]!++;
    }
    return distinct;
  }

  /** Keeps the later half. */
  #forget(): void {
    this.#tokens.copyWithin(0, REACH);
    this.#matches.copyWithin(0, REACH);
    for (let j = 0; j <= REACH; j++) this.#matches[j] = Math.min(this.#matches[j]!, j);
    this.#size = REACH;
  }
}
