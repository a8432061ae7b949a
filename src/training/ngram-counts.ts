/**
 * Counts the n-grams of songs by sorting: of each length in turn, the places of the text by the n-gram that begins
 * there, from the order of the n-grams one token shorter. Time and memory grow with the text, not with what it says.
 * It knows no probabilities.
 */
import { START } from '../model/network.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import type { Segment } from './split.ts';

/** A text as token ids; the first is only a context. */
export interface CountedText {
  readonly tokens: Int32Array;
  /** Index of the first token that is predicted, 1 or more. */
  readonly first: number;
}

/** With the START before it; of a song its first character is predicted, and the START that ends it. */
export function countedText(vocabulary: Vocabulary, { text, song }: Segment): CountedText {
  const characters = vocabulary.encode(text);
  const tokens = new Int32Array(characters.length + (song ? 2 : 1)).fill(START);
  tokens.set(characters, 1);
  return { tokens, first: song ? 1 : 2 };
}

/** N-grams of one length, by context and then by token, both ascending. */
export interface CountedOrder {
  /** The n-gram one token shorter that each goes on from. */
  readonly contexts: Int32Array;
  /** The token that each ends with. */
  readonly tokens: Int32Array;
  /** How often it ends in a predicted token; 0 of what is a context alone. */
  readonly counts: Int32Array;
  /**
   * In how many ways an n-gram goes on from what is before it: distinct tokens to its left; where nothing can
   * be (its first token begins a text), its count (Chen & Goodman 1999; so do SRILM and KenLM).
   */
  readonly continuations: Int32Array;
}

const NONE = -1;

/** The n-grams of 1 to `order` tokens. */
export function countNgrams(
  texts: Iterable<CountedText>,
  vocabularySize: number,
  order: number,
): CountedOrder[] {
  const text = join([...texts]);
  const orders: CountedOrder[] = [];
  // Of each place, the n-gram of the length before that begins there.
  let nodes: Int32Array = text.tokens.map((token) => (token === NONE ? NONE : 0));
  let shorter = 1;
  for (let length = 1; length <= order; length++) {
    const places = sortedPlaces(text.tokens, nodes, length, vocabularySize, shorter);
    const next = new Int32Array(nodes.length).fill(NONE);
    const counted = countOrder(text, places, nodes, length, next);
    if (orders.length > 0) addContinuations(orders.at(-1)!, counted, places, nodes, next);
    orders.push(counted);
    nodes = next;
    shorter = counted.tokens.length;
  }
  return orders;
}

interface Joined {
  /** `NONE` after each text. */
  readonly tokens: Int32Array;
  /** 1 where a token is predicted, else 0. */
  readonly predicted: Uint8Array;
  /** 1 where a text begins. */
  readonly begins: Uint8Array;
}

function join(texts: readonly CountedText[]): Joined {
  const length = texts.reduce((sum, { tokens }) => sum + tokens.length + 1, 0);
  const tokens = new Int32Array(length).fill(NONE);
  const predicted = new Uint8Array(length);
  const begins = new Uint8Array(length);
  let at = 0;
  for (const text of texts) {
    tokens.set(text.tokens, at);
    predicted.fill(1, at + text.first, at + text.tokens.length);
    begins[at] = 1;
    at += text.tokens.length + 1;
  }
  return { tokens, predicted, begins };
}

/** Places where an n-gram of `length` begins, by the one a token shorter and then by the last token. */
function sortedPlaces(
  tokens: Int32Array,
  nodes: Int32Array,
  length: number,
  vocabularySize: number,
  shorter: number,
): Int32Array {
  const all = new Int32Array(tokens.length);
  let count = 0;
  for (let s = 0; s + length <= tokens.length; s++) {
    if (nodes[s] !== NONE && tokens[s + length - 1] !== NONE) all[count++] = s;
  }
  const byToken = sortBy(all.subarray(0, count), (s) => tokens[s + length - 1]!, vocabularySize);
  return sortBy(byToken, (s) => nodes[s]!, shorter);
}

/** Sorts by a whole number in [0, `keys`), equal ones in the order in which they stood. */
function sortBy(places: Int32Array, keyOf: (place: number) => number, keys: number): Int32Array {
  const ends = new Int32Array(keys + 1);
  for (let i = 0; i < places.length; i++) ends[keyOf(places[i]!) + 1]!++;
  for (let key = 0; key < keys; key++) ends[key + 1]! += ends[key]!;
  const sorted = new Int32Array(places.length);
  for (let i = 0; i < places.length; i++) sorted[ends[keyOf(places[i]!)]!++] = places[i]!;
  return sorted;
}

/** Counts equal n-grams, which stand together, and numbers them in `next`. */
function countOrder(
  { tokens, predicted, begins }: Joined,
  places: Int32Array,
  nodes: Int32Array,
  length: number,
  next: Int32Array,
): CountedOrder {
  const [contexts, ends, counts, continuations]: number[][] = [[], [], [], []];
  let node = NONE;
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    const last = place + length - 1;
    if (node === NONE || contexts![node] !== nodes[place] || ends![node] !== tokens[last]) {
      node++;
      contexts!.push(nodes[place]!);
      ends!.push(tokens[last]!);
      counts!.push(0);
      continuations!.push(0);
    }
    next[place] = node;
    counts![node]! += predicted[last]!;
    if (begins[place]) continuations![node]! += predicted[last]!;
  }
  const [context, token, count, continuation] = [contexts!, ends!, counts!, continuations!].map((list) =>
    Int32Array.from(list),
  );
  return { contexts: context!, tokens: token!, counts: count!, continuations: continuation! };
}

/** Each n-gram that was counted is one way into the n-gram that it ends with. */
function addContinuations(
  shorter: CountedOrder,
  { counts }: CountedOrder,
  places: Int32Array,
  nodes: Int32Array,
  next: Int32Array,
): void {
  let seen = NONE;
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    const node = next[place]!;
    if (node === seen) continue;
    seen = node;
    if (counts[node]! > 0) shorter.continuations[nodes[place + 1]!]!++;
  }
}
