/**
 * Which texts are near-duplicates of one another: shingles and their overlap (Broder 1997), compared through
 * an inverted index. White space, punctuation and case do not count.
 *
 * Two texts are alike when they share half of the shingles of the smaller one; texts of a few words must
 * share half of all that they have together (Jaccard index), lest a refrain tie every song to every other.
 */

/** Characters a shingle. Five syllables say as much as nine letters of an alphabet. */
const SYLLABLES = 5;
const LETTERS = 9;
const ALIKE = 0.5;
/** So alike that whatever is alike to the one is, near enough, alike to the other. */
const SAME = 0.9;
/** Texts of fewer shingles are compared by the Jaccard index. */
const SHORT = 30;
/** Above this number of shingles a fixed share of them is compared, to bound time and memory. */
const MAX_SHINGLES = 1_000_000;

/**
 * The group of each text: the index of the first text that is alike to it, directly or through others.
 * A text without near-duplicates is a group of its own.
 */
export function groupSimilar(texts: readonly string[]): number[] {
  const parents = texts.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parents[root] !== root) root = parents[root] = parents[parents[root]];
    return root;
  };
  const join = (a: number, b: number): void => {
    const [first, second] = [rootOf(a), rootOf(b)].sort((x, y) => x - y);
    parents[second] = first;
  };

  const sets = shingleSets(texts);
  const index = new Map<number, number[]>();
  for (const [text, set] of sets.entries()) {
    let isCovered = false;
    for (const [other, shared] of overlaps(set, index)) {
      const likeness = compare(shared, set.length, sets[other].length);
      if (likeness >= ALIKE) join(text, other);
      isCovered ||= likeness >= SAME && shared >= SAME * Math.max(set.length, sets[other].length);
    }
    if (!isCovered) addTo(index, set, text);
  }
  return texts.map((_, text) => rootOf(text));
}

/** Overlap in [0, 1] of two sets with `shared` elements in common. */
function compare(shared: number, a: number, b: number): number {
  const smaller = Math.min(a, b);
  return smaller < SHORT ? shared / (a + b - shared) : shared / smaller;
}

/** How many elements each indexed set shares with this one. */
function overlaps(
  set: readonly number[],
  index: ReadonlyMap<number, readonly number[]>,
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const shingle of set) {
    for (const other of index.get(shingle) ?? []) counts.set(other, (counts.get(other) ?? 0) + 1);
  }
  return counts;
}

function addTo(index: Map<number, number[]>, set: readonly number[], text: number): void {
  for (const shingle of set) {
    const holders = index.get(shingle);
    if (holders) holders.push(text);
    else index.set(shingle, [text]);
  }
}

/** The distinct shingles of each text, as 32-bit hashes. */
function shingleSets(texts: readonly string[]): number[][] {
  const letters = texts.map(lettersOf);
  const total = letters.reduce((sum, text) => sum + text.length, 0);
  const length = syllableShare(letters, total) > 0.5 ? SYLLABLES : LETTERS;
  const sampling = Math.ceil(total / MAX_SHINGLES);
  return letters.map((text) => shinglesOf(text, length, sampling));
}

const lettersOf = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '') || text.trim();

function syllableShare(texts: readonly string[], total: number): number {
  const syllables = texts.reduce(
    (sum, text) => sum + (text.match(/[\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]/g)?.length ?? 0),
    0,
  );
  return total === 0 ? 0 : syllables / total;
}

function shinglesOf(text: string, length: number, sampling: number): number[] {
  const shingles = new Set<number>();
  let smallest = Infinity;
  for (let start = 0; start === 0 || start + length <= text.length; start++) {
    const hash = hashOf(text, start, Math.min(start + length, text.length));
    smallest = Math.min(smallest, hash);
    if (hash % sampling === 0) shingles.add(hash);
  }
  // However few are compared, each text has one.
  return shingles.size > 0 ? [...shingles] : [smallest];
}

/** FNV-1a over UTF-16 units, with a final mix (that of MurmurHash3) so that `hash % n` is fair. */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
