/**
 * Shows a state that changes faster than a chat may be told: the newest state wins, those between are skipped.
 * It knows no chat.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Pacing<T> {
  /** Milliseconds from the end of a delivery to the next. */
  readonly intervalMs: number;
  /** Milliseconds from the first state to its delivery: what ends sooner is delivered once, as it ends. */
  readonly firstAfterMs: number;
  readonly deliver: (state: T) => Promise<void>;
  /** Told of a delivery that failed; later states are still delivered. */
  readonly onError: (error: unknown) => void;
}

export class Pacer<T> {
  readonly #pacing: Pacing<T>;
  #pending: { readonly state: T } | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The delivery under way. Never rejects. */
  #delivery: Promise<void> | undefined;
  /** When the next delivery may begin, by `performance.now()`; before the first state it is not known. */
  #nextAt: number | undefined;
  #delivered = false;
  #ended = false;

  constructor(pacing: Pacing<T>) {
    this.#pacing = pacing;
  }

  /** The state by now. Returns at once; after `finish` it does nothing. */
  show(state: T): void {
    if (this.#ended) return;
    this.#pending = { state };
    this.#nextAt ??= performance.now() + this.#pacing.firstAfterMs;
    this.#schedule();
  }

  /** Delivers the last state, in its turn and in any case. Rejects with what its delivery fails with. */
  async finish(state: T): Promise<void> {
    await this.stop();
    if (this.#delivered) await sleep(Math.max(0, this.#nextAt! - performance.now()));
    await this.#pacing.deliver(state);
  }

  /** Drops what has not been delivered; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#ended = true;
    this.#pending = undefined;
    clearTimeout(this.#timer);
    await this.#delivery;
  }

  #schedule(): void {
    if (this.#timer || this.#delivery || !this.#pending) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#delivery = this.#deliverPending();
      },
      Math.max(0, this.#nextAt! - performance.now()),
    );
  }

  async #deliverPending(): Promise<void> {
    const { state } = this.#pending!;
    this.#pending = undefined;
    this.#delivered = true;
    try {
      await this.#pacing.deliver(state);
    } catch (error) {
      this.#pacing.onError(error);
    }
    this.#nextAt = performance.now() + this.#pacing.intervalMs;
    this.#delivery = undefined;
    this.#schedule();
  }
}
