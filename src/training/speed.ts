/** How fast a run is and how long it will take. Only reports depend on it, never the run. */

/** Weight of the newest step in the speed that is shown: about the last 20 steps count. */
const NEWEST = 0.1;

export class Speed {
  readonly #begun = performance.now();
  #recent = 0;
  #chars = 0;
  #seconds = 0;
  #steps = 0;

  /** Times one update, which gives the number of its characters. */
  time<T extends { readonly count: number }>(update: () => T): T {
    const begun = performance.now();
    const result = update();
    const seconds = (performance.now() - begun) / 1000;
    this.#chars += result.count;
    this.#seconds += seconds;
    this.#steps++;
    const now = result.count / seconds;
    this.#recent = this.#steps === 1 ? now : this.#recent + NEWEST * (now - this.#recent);
    return result;
  }

  /** Characters per second of the last updates. */
  get recent(): number {
    return this.#recent;
  }

  /** Characters per second of all updates; 0 without any. */
  get mean(): number {
    return this.#seconds > 0 ? this.#chars / this.#seconds : 0;
  }

  /** Seconds since the beginning. */
  get elapsed(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  /** Seconds that so many more updates will take, with the validations and savings between them. */
  secondsLeft(steps: number): number {
    return this.#steps === 0 ? 0 : (this.elapsed / this.#steps) * steps;
  }
}
