/**
 * Token ids from the likeliest downwards, as many as are asked for: a heap, so that a few of many are had
 * without sorting all. Equal logits come in the order of their ids.
 */
export class Likeliest {
  readonly #heap: Int32Array;
  #size = 0;
  #logits: Float32Array = new Float32Array(0);
  #at = 0;

  constructor(vocabularySize: number) {
    this.#heap = new Int32Array(vocabularySize);
  }

  /** Takes the ids in [first, end) whose logits, at `at + id`, are `atLeast` or more, in O(n). */
  load(logits: Float32Array, at: number, first: number, end: number, atLeast: number): void {
    this.#logits = logits;
    this.#at = at;
    let size = 0;
    for (let id = first; id < end; id++) {
      if (logits[at + id]! >= atLeast) this.#heap[size++] = id;
    }
    this.#size = size;
    for (let i = (this.#size >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  get size(): number {
    return this.#size;
  }

  /** The likeliest id that is left, in O(log n). */
  take(): number {
    const id = this.#heap[0]!;
    this.#heap[0] = this.#heap[--this.#size]!;
    this.#sink(0);
    return id;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const id = heap[from]!;
    let parent = from;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, id)) break;
      heap[parent] = heap[child]!;
      parent = child;
    }
    heap[parent] = id;
  }

  #before(a: number, b: number): boolean {
    const x = this.#logits[this.#at + a]!;
    const y = this.#logits[this.#at + b]!;
    return x > y || (x === y && a < b);
  }
}
