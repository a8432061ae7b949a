/** Events for one reader who may be slower than what happens. */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  readonly #supersedes: (newer: T, older: T) => boolean;
  #ended = false;
  #wake: (() => void) | undefined;

  /** @param supersedes whether an unread event is of no use after a newer one; it is dropped then. */
  constructor(supersedes: (newer: T, older: T) => boolean) {
    this.#supersedes = supersedes;
  }

  push(event: T): void {
    const last = this.#waiting.at(-1);
    if (last !== undefined && this.#supersedes(event, last)) this.#waiting.pop();
    this.#waiting.push(event);
    this.#wake?.();
  }

  /** The reader's loop ends after what is waiting. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      while (this.#waiting.length > 0) yield this.#waiting.shift()!;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
