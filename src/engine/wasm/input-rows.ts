/**
 * Layer 0's gates before any recurrence (biases and input products) as rows by token: they depend on the token alone,
 * so a row is computed when its token is fed first, and from then on gathered: the same bits, and a matrix less to
 * read. Rows that were never fed are memory that the system need not give.
 */
import type { NetworkSpec } from '../../model/network.ts';
import type { Take } from './matrices.ts';
import { panelsOf, ROW } from './parameters.ts';
import { gateGroups } from './plan.ts';

/** Bytes that rows may take; a token beyond them is computed every time. */
const MOST_BYTES = 64 * 2 ** 20;

export class InputRows {
  /** Panels of a row. */
  readonly panels: number;
  /** Address of the rows: of tokens, then of each slot for tokens that have none. */
  readonly at: number;
  /** Addresses of i32 [slots]: the rows of a step's tokens, and those among them that it computes. */
  readonly ids: number;
  readonly newIds: number;
  /** The tokens of the rows to be computed. */
  readonly newTokens: Int32Array;
  readonly #tokens: number;
  readonly #known: Uint8Array;

  constructor(spec: NetworkSpec, slots: number, take: Take) {
    this.panels = gateGroups(spec) * panelsOf(spec.rnnSize);
    const bytes = this.panels * ROW;
    this.#tokens = Math.min(spec.vocabularySize, Math.floor(MOST_BYTES / bytes));
    this.#known = new Uint8Array(this.#tokens);
    this.newTokens = new Int32Array(slots);
    this.ids = take(slots * 4);
    this.newIds = take(slots * 4);
    this.at = take((this.#tokens + slots) * bytes);
  }

  /** Bytes of the rows that were never fed. */
  get untouchedBytes(): number {
    let untouched = 0;
    for (const known of this.#known) untouched += 1 - known;
    return untouched * this.panels * ROW;
  }

  /** Finds the rows of a step's tokens; returns how many are to be computed, all of which count as known from then on. */
  select(tokens: Int32Array, count: number, rowIds: Int32Array, newRowIds: Int32Array): number {
    let fresh = 0;
    for (let i = 0; i < count; i++) {
      const token = tokens[i]!;
      rowIds[i] = token < this.#tokens ? token : this.#tokens + i;
      if (this.#known[token] === 1) continue;
      this.newTokens[fresh] = token;
      newRowIds[fresh++] = rowIds[i]!;
    }
    for (let i = 0; i < fresh; i++) if (newRowIds[i]! < this.#tokens) this.#known[newRowIds[i]!] = 1;
    return fresh;
  }
}
