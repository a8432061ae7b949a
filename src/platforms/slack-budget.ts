/**
 * Slack lets an app change messages some 50 times a minute, all messages together. Every message that changes
 * while it is being written holds a place for its last change, so that no answer waits for others' edits.
 */

const WINDOW_MS = 60_000;

export interface EditBudgetOptions {
  /** Edits in any minute. */
  readonly perMinute: number;
  /** By `performance.now()`. */
  readonly now?: () => number;
}

export class EditBudget {
  readonly #perMinute: number;
  readonly #now: () => number;
  /** When edits were made in the last minute, the oldest first. */
  #made: number[] = [];
  #held = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor({ perMinute, now = () => performance.now() }: EditBudgetOptions) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Holds a place for a message's last edit; false where there is none left. */
  hold(): boolean {
    if (!this.#hasRoom()) return false;
    this.#held++;
    return true;
  }

  /** Uses up the place that was held. */
  settle(): void {
    this.#held--;
    this.#made.push(this.#now());
  }

  /** Gives back the place that was held. */
  release(): void {
    this.#held--;
  }

  /** Whether an edit between may be made now, which is counted then. */
  take(): boolean {
    if (!this.#hasRoom()) return false;
    this.#made.push(this.#now());
    return true;
  }

  /** No edits between for a while: Slack has said so. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + ms);
  }

  #hasRoom(): boolean {
    const now = this.#now();
    this.#made = this.#made.filter((time) => now - time < WINDOW_MS);
    return now >= this.#pausedUntil && this.#made.length + this.#held < this.#perMinute;
  }
}
