/**
 * All suffixes of some texts in order, to find what stands where and what stands twice. Texts end in
 * separators of their own, so nothing is ever found across two of them.
 */

export class SuffixArray {
  /** Code points of all texts, moved up by the number of texts; `i < texts.length` is the end of text i. */
  readonly #symbols: Int32Array;
  /** Where suffixes begin, in ascending order of the suffixes. */
  readonly #order: Int32Array;
  readonly #starts: Int32Array;
  readonly #texts: number;

  constructor(texts: readonly string[]) {
    const points = texts.map((text) => Array.from(text, (character) => character.codePointAt(0)!));
    this.#texts = texts.length;
    this.#symbols = new Int32Array(points.reduce((sum, { length }) => sum + length + 1, 0));
    this.#starts = new Int32Array(texts.length);
    let end = 0;
    for (const [text, own] of points.entries()) {
      this.#starts[text] = end;
      for (const point of own) this.#symbols[end++] = point + texts.length;
      this.#symbols[end++] = text;
    }
    this.#order = sortSuffixes(this.#symbols);
  }

  /**
   * Length in code points of the longest run that begins at `points[from]` and stands in one of the texts.
   * Neighbours in order share most: the suffix before and the one after its place are the only candidates.
   */
  longestMatch(points: readonly number[], from: number): number {
    let low = 0;
    let high = this.#order.length;
    let longest = 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = this.#order[middle];
      let length = 0;
      while (
        from + length < points.length &&
        this.#symbols[start + length] === points[from + length] + this.#texts
      ) {
        length++;
      }
      longest = Math.max(longest, length);
      const next = from + length < points.length ? points[from + length] + this.#texts : -1;
      if (this.#symbols[start + length] < next) low = middle + 1;
      else high = middle;
    }
    return longest;
  }

  /** Neighbours in order that begin alike in two different texts, as `(a, b, length)` with places in code points. */
  *sharedBetweenTexts(): Generator<SharedRun> {
    const common = commonPrefixes(this.#symbols, this.#order);
    const owners = this.#owners();
    for (let i = 1; i < this.#order.length; i++) {
      const a = owners[this.#order[i - 1]];
      const b = owners[this.#order[i]];
      if (a !== b && common[i] > 0) yield { texts: [a, b], start: this.#order[i], length: common[i] };
    }
  }

  /** The text of a run. */
  textAt(start: number, length: number): string {
    const symbols = this.#symbols.subarray(start, start + length);
    return Array.from(symbols, (symbol) => String.fromCodePoint(symbol - this.#texts)).join('');
  }

  /** The text that each place belongs to. */
  #owners(): Int32Array {
    const owners = new Int32Array(this.#symbols.length);
    for (const [text, start] of this.#starts.entries()) owners.fill(text, start);
    return owners;
  }
}

export interface SharedRun {
  /** Indices of the two texts. */
  readonly texts: readonly [number, number];
  /** Where it stands in the second of them, for `textAt`. */
  readonly start: number;
  /** Code points. */
  readonly length: number;
}

/** Prefix doubling (Manber & Myers 1990) with counting sorts: O(n log n). */
function sortSuffixes(symbols: Int32Array): Int32Array {
  const n = symbols.length;
  let ranks = Int32Array.from(symbols);
  let order = Int32Array.from({ length: n }, (_, i) => i);
  let spare = new Int32Array(n);
  const sortByRank = (largest: number) => {
    const ends = new Int32Array(largest + 2);
    for (let i = 0; i < n; i++) ends[ranks[i] + 1]++;
    for (let rank = 0; rank <= largest; rank++) ends[rank + 1] += ends[rank];
    for (let i = 0; i < n; i++) spare[ends[ranks[order[i]]]++] = order[i];
    [order, spare] = [spare, order];
  };
  let largest = symbols.reduce((most, symbol) => Math.max(most, symbol), 0);
  sortByRank(largest);
  for (let width = 1; ; width *= 2) {
    [ranks, largest] = rankPairs(order, ranks, width >>> 1);
    if (largest === n - 1 || n === 0) return order;
    // In order of their second halves: those that have none first.
    let filled = 0;
    const bySecond = new Int32Array(n);
    for (let i = Math.max(0, n - width); i < n; i++) bySecond[filled++] = i;
    for (const start of order) if (start >= width) bySecond[filled++] = start - width;
    order = bySecond;
    sortByRank(largest);
  }
}

/** Ranks from 0 of suffixes in order by the ranks of their first and second halves; equal pairs, equal ranks. */
function rankPairs(order: Int32Array, ranks: Int32Array, width: number): [Int32Array<ArrayBuffer>, number] {
  const next = new Int32Array(ranks.length);
  let rank = 0;
  const second = (start: number) => (start + width < ranks.length ? ranks[start + width] : -1);
  for (let i = 1; i < order.length; i++) {
    const [a, b] = [order[i - 1], order[i]];
    if (ranks[a] !== ranks[b] || second(a) !== second(b)) rank++;
    next[b] = rank;
  }
  return [next, rank];
}

/** How many symbols each suffix shares with the one before it in order (Kasai et al. 2001). */
function commonPrefixes(symbols: Int32Array, order: Int32Array): Int32Array {
  const n = symbols.length;
  const places = new Int32Array(n);
  for (let i = 0; i < n; i++) places[order[i]] = i;
  const common = new Int32Array(n);
  let length = 0;
  for (let start = 0; start < n; start++) {
    if (places[start] === 0) length = 0;
    else {
      const before = order[places[start] - 1];
      while (symbols[start + length] === symbols[before + length]) length++;
      common[places[start]] = length;
      if (length > 0) length--;
    }
  }
  return common;
}
