/**
 * N-grams as the bytes of a checkpoint's tensor `ngram`, about 3 an n-gram: a version, the order, the weights, the discounts, then whole
 * numbers of 7 bits a byte, low ones first. Of each context that anything goes on from: how many n-grams do, c(h), and
 * for each of them how far its token is from the one before, and twice its count, plus 1 if anything goes on from it.
 * Reading trusts nothing.
 */
import { UserError } from '../errors.ts';
import type { Ngram, NgramOrder } from './ngram.ts';
import { PLACES } from './recall.ts';
import type { Steps } from './steps.ts';

const VERSION = 1;
const MAX_ORDER = 8;
/** Several times what a training keeps; a file from elsewhere may hold millions, and memory is short. */
export const MAX_NGRAMS = 2_000_000;
/** Of a context: twice a count still has 31 bits. */
export const MAX_TOTAL = 2 ** 29;
const DISCOUNTS = 3;
/** N-grams and contexts that are read at once: a few milliseconds. */
const PIECE = 2 ** 14;

export function encodeNgram({ tables: { total, orders }, weights }: Ngram): Uint8Array {
  const writer = new Writer();
  writer.byte(VERSION);
  writer.byte(orders.length);
  for (const weight of weights) writer.float(weight);
  for (const { discounts } of orders) for (const discount of discounts) writer.float(discount);
  const root = { starts: Int32Array.of(0, orders[0]!.tokens.length), totals: Int32Array.of(total) };
  let contexts: Pick<NgramOrder, 'starts' | 'totals'> = root;
  for (const order of orders) {
    for (let context = 0; context < contexts.totals.length; context++) {
      const [from, to] = [contexts.starts[context]!, contexts.starts[context + 1]!];
      if (from === to) continue;
      writer.whole(to - from);
      writer.whole(contexts.totals[context]!);
      for (let j = from, before = -1; j < to; j++) {
        writer.whole(order.tokens[j]! - before - 1);
        writer.whole(2 * order.counts[j]! + Number(order.starts[j]! < order.starts[j + 1]!));
        before = order.tokens[j]!;
      }
    }
    contexts = order;
  }
  return writer.written;
}

/** Throws a `UserError` that names `file` where the bytes are no n-grams over `vocabularySize` tokens. */
export function* decodingNgram(bytes: Uint8Array, vocabularySize: number, file: string): Steps<Ngram> {
  const reader = new Reader(bytes, file);
  const order = reader.byte() === VERSION ? reader.byte() : 0;
  reader.assert(order >= 1 && order <= MAX_ORDER);
  const weights = Array.from({ length: PLACES }, () => {
    const weight = reader.float();
    reader.assert(weight >= 0 && weight < 1);
    return weight;
  });
  const discounts = Array.from({ length: order }, () =>
    Array.from({ length: DISCOUNTS }, (_, i) => {
      const discount = reader.float();
      reader.assert(discount > 0 && discount <= i + 1);
      return discount;
    }),
  );
  const root = yield* readingOrder(reader, [true], vocabularySize, MAX_NGRAMS);
  let left = MAX_NGRAMS;
  const orders: NgramOrder[] = [];
  for (let k = 0, read = root; k < order; k++) {
    const { tokens, counts } = read;
    left -= tokens.length;
    reader.assert(k < order - 1 || !read.goesOn.includes(true));
    read = yield* readingOrder(reader, read.goesOn, vocabularySize, left);
    orders.push({ tokens, counts, starts: read.starts, totals: read.totals, discounts: discounts[k]! });
  }
  reader.assert(reader.isAtEnd);
  return { tables: { total: root.totals[0]!, orders }, weights };
}

/** The n-grams that go on from those contexts for which that is said, `most` of them at the most. */
function* readingOrder(
  reader: Reader,
  contexts: readonly boolean[],
  vocabularySize: number,
  most: number,
): Steps<Pick<NgramOrder, 'tokens' | 'counts' | 'starts' | 'totals'> & { readonly goesOn: boolean[] }> {
  const [tokens, counts]: [number[], number[]] = [[], []];
  const goesOn: boolean[] = [];
  const starts = new Int32Array(contexts.length + 1);
  const totals = new Int32Array(contexts.length);
  for (let context = 0; context < contexts.length; context++) {
    const children = contexts[context] ? reader.whole() : 0;
    reader.assert(children > 0 || !contexts[context]);
    if (children > 0) totals[context] = reader.whole();
    reader.assert(totals[context]! <= MAX_TOTAL);
    let sum = 0;
    for (let i = 0, token = -1; i < children; i++) {
      token += reader.whole() + 1;
      const value = reader.whole();
      const count = value >>> 1;
      sum += count;
      reader.assert(token < vocabularySize && count > 0 && sum <= totals[context]! && tokens.length < most);
      tokens.push(token);
      counts.push(count);
      goesOn.push((value & 1) === 1);
      if (tokens.length % PIECE === 0) yield;
    }
    starts[context + 1] = tokens.length;
    if (context % PIECE === 0) yield;
  }
  return { tokens: Int32Array.from(tokens), counts: Int32Array.from(counts), goesOn, starts, totals };
}

class Writer {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  get written(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const longer = new Uint8Array(2 * this.#bytes.length);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes[this.#length++] = value;
  }

  whole(value: number): void {
    let rest = value;
    for (; rest > 127; rest >>>= 7) this.byte((rest & 127) | 128);
    this.byte(rest);
  }

  float(value: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    for (const byte of bytes) this.byte(byte);
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #file: string;
  #at = 0;

  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#file = file;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  assert(isRight: boolean): void {
    if (!isRight) throw new UserError('headerField', { file: this.#file, field: 'ngram' });
  }

  byte(): number {
    this.assert(this.#at < this.#bytes.length);
    return this.#bytes[this.#at++]!;
  }

  /** Below 2^31. */
  whole(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      this.assert(shift < 28 || byte < 8);
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  float(): number {
    const bytes = Uint8Array.from({ length: 8 }, () => this.byte());
    return new DataView(bytes.buffer).getFloat64(0, true);
  }
}
