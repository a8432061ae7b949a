/**
 * Which texts are near-duplicates of one another: shingles and their overlap (Broder 1997), compared through
 * an inverted index. White space, punctuation and case do not count.
 *
 * Two texts are alike when they share half of the shingles of the smaller one; texts of a few words must
 * share half of all that they have together (Jaccard index), lest a refrain tie every song to every other.
 */
import { atOnce, gently, type Steps } from '../model/steps.ts';

/** Characters a shingle. Five syllables say as much as seven letters of an alphabet. */
const SYLLABLES = 5;
const LETTERS = 7;
const ALIKE = 0.5;
/** So alike that whatever is alike to the one is, near enough, alike to the other. */
const SAME = 0.9;
/** Texts of fewer letters are compared by the Jaccard index. */
const SHORT = 30;
const NONE: readonly number[] = [];
/** Kana, Han and Hangul: a syllable or more each. */
const SYLLABLE = /[\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]/g;

/** What is compared of a text. */
interface Sketch {
  /** Distinct shingles as 32-bit hashes in ascending order; a sample of them in a large corpus. */
  readonly shingles: Uint32Array;
  readonly isShort: boolean;
}

/**
 * The group of each text: the index of the first text that is alike to it, directly or through others.
 * A text without near-duplicates is a group of its own. Of more than `maxShingles` in all texts a fixed share
 * is compared, to bound time and memory: 4 million take some seconds and 300 MB.
 */
export const groupSimilar = (texts: readonly string[], maxShingles = 4_000_000): number[] =>
  atOnce(grouping(texts, maxShingles));

/** As `groupSimilar`, letting the event loop run in between. */
export const groupSimilarGently = (texts: readonly string[], maxShingles: number): Promise<number[]> =>
  gently(grouping(texts, maxShingles));

/** Yields after each text's share of the work. */
function* grouping(texts: readonly string[], maxShingles: number): Steps<number[]> {
  const parents = texts.map((_, index) => index);
  const sketches = yield* sketch(texts, maxShingles);
  const isShared = sharedFilter(sketches);
  const holders = new Map<number, number[]>();
  const overlaps = new Uint32Array(texts.length);
  for (const [text, { shingles, isShort }] of sketches.entries()) {
    yield;
    const shared = shingles.filter(isShared);
    // Of most others a text shares nothing: they are not even looked at.
    const others: number[] = [];
    for (const shingle of shared) {
      for (const other of holders.get(shingle) ?? NONE) {
        if (overlaps[other]++ === 0) others.push(other);
      }
    }
    let isCovered = false;
    for (const other of others) {
      const overlap = overlaps[other];
      overlaps[other] = 0;
      const there = sketches[other].shingles.length;
      const smaller = Math.min(shingles.length, there);
      if (overlap < ALIKE * smaller) continue;
      const union = shingles.length + there - overlap;
      if (overlap >= ALIKE * (isShort || sketches[other].isShort ? union : smaller))
        join(parents, text, other);
      isCovered ||= overlap >= SAME * union;
    }
    if (!isCovered) addTo(holders, shared, text);
  }
  return texts.map((_, text) => rootOf(parents, text));
}

/** Disjoint sets whose root is their first member, with path halving (Tarjan & van Leeuwen 1984). */
function rootOf(parents: number[], member: number): number {
  let root = member;
  while (parents[root] !== root) {
    parents[root] = parents[parents[root]];
    root = parents[root];
  }
  return root;
}

function join(parents: number[], a: number, b: number): void {
  const roots = [rootOf(parents, a), rootOf(parents, b)];
  parents[Math.max(...roots)] = Math.min(...roots);
}

/**
 * False for shingles that surely stand in one set alone, which is most of them: they need not be indexed. A
 * table of counts by the hash's first bits, as a Bloom filter with one hash function.
 */
function sharedFilter(sketches: readonly Sketch[]): (shingle: number) => boolean {
  const total = sketches.reduce((sum, { shingles }) => sum + shingles.length, 0);
  const bits = Math.min(26, Math.max(8, Math.ceil(Math.log2(total + 1)) + 3));
  const counts = new Uint8Array(2 ** bits);
  for (const { shingles } of sketches) {
    for (const shingle of shingles) {
      const slot = shingle >>> (32 - bits);
      if (counts[slot] < 2) counts[slot]++;
    }
  }
  return (shingle) => counts[shingle >>> (32 - bits)] > 1;
}

function addTo(holders: Map<number, number[]>, set: Uint32Array, text: number): void {
  for (const shingle of set) {
    const texts = holders.get(shingle);
    if (texts) texts.push(text);
    else holders.set(shingle, [text]);
  }
}

function* sketch(texts: readonly string[], maxShingles: number): Steps<Sketch[]> {
  const letters: string[] = [];
  let total = 0;
  let syllables = 0;
  for (const text of texts) {
    yield;
    const own = lettersOf(text);
    letters.push(own);
    total += own.length;
    syllables += own.match(SYLLABLE)?.length ?? 0;
  }
  const length = syllables > total / 2 ? SYLLABLES : LETTERS;
  const sampling = Math.max(1, Math.ceil(total / maxShingles));
  const sketches: Sketch[] = [];
  for (const own of letters) {
    yield;
    sketches.push({ shingles: shinglesOf(own, length, sampling), isShort: own.length < SHORT });
  }
  return sketches;
}

const lettersOf = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '') || text.trim();

/** One in `sampling` of the shingles (the same ones in every text), but one at least. */
function shinglesOf(text: string, length: number, sampling: number): Uint32Array {
  const hashes = new Uint32Array(Math.max(1, text.length - length + 1));
  let count = 0;
  let least = hashOf(text, 0, Math.min(length, text.length));
  for (let start = 0; start < hashes.length; start++) {
    const hash = hashOf(text, start, Math.min(start + length, text.length));
    if (hash % sampling === 0) hashes[count++] = hash;
    if (hash < least) least = hash;
  }
  return count === 0 ? Uint32Array.of(least) : distinct(hashes.subarray(0, count));
}

/** The distinct numbers in ascending order; sorts `numbers` in place. */
function distinct(numbers: Uint32Array): Uint32Array {
  numbers.sort();
  let count = 0;
  for (let i = 0; i < numbers.length; i++) {
    if (i === 0 || numbers[i] !== numbers[count - 1]) numbers[count++] = numbers[i];
  }
  return numbers.slice(0, count);
}

/** FNV-1a over UTF-16 units, with a final mix (that of MurmurHash3) so that `hash % n` is fair. */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
