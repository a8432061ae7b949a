/** Remembers for a while what has come in: Slack delivers an event again where it missed the acknowledgement. */

const REMEMBERED_MS = 10 * 60_000;
const MOST = 20_000;

export class Seen {
  readonly #now: () => number;
  /** When each key came in, the oldest first. */
  readonly #times = new Map<string, number>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Whether any of these keys has come in before; from now on all have. */
  check(keys: readonly string[]): boolean {
    this.#forget();
    const seen = keys.some((key) => this.#times.has(key));
    for (const key of keys) if (!this.#times.has(key)) this.#times.set(key, this.#now());
    return seen;
  }

  #forget(): void {
    for (const [key, time] of this.#times) {
      if (this.#times.size <= MOST && this.#now() - time < REMEMBERED_MS) return;
      this.#times.delete(key);
    }
  }
}
