/**
 * Who is being served and who waits: first come, first served, joining and leaving between steps. It knows
 * slots, no tensors and no text.
 */
export type Phase = 'waiting' | 'running' | 'finished';

/** The scheduler alone sets `slot` and turns `waiting` into `running`; whoever serves it sets `finished`. */
export interface Schedulable {
  phase: Phase;
  /** Held while running. */
  slot: number;
}

export class Scheduler<S extends Schedulable> {
  readonly #waiting: S[] = [];
  readonly #running: S[] = [];
  /** Free slots, the lowest last. */
  readonly #free: number[];

  constructor(slots: number) {
    this.#free = Array.from({ length: slots }, (_, i) => slots - 1 - i);
  }

  get waiting(): readonly S[] {
    return this.#waiting;
  }

  /** In the order of admission. */
  get running(): readonly S[] {
    return this.#running;
  }

  add(sequence: S): void {
    this.#waiting.push(sequence);
  }

  /** Gives free slots to those who wait longest; returns who got one. */
  admit(): S[] {
    const admitted = this.#waiting.splice(0, this.#free.length);
    for (const sequence of admitted) {
      sequence.slot = this.#free.pop()!;
      sequence.phase = 'running';
      this.#running.push(sequence);
    }
    return admitted;
  }

  /** Takes out whoever has finished, frees their slots, and returns them. */
  sweep(): S[] {
    const finished = takeOut(this.#running, ({ phase }) => phase === 'finished');
    for (const { slot } of finished) this.#free.push(slot);
    this.#free.sort((a, b) => b - a);
    return [...finished, ...takeOut(this.#waiting, ({ phase }) => phase === 'finished')];
  }
}

/** Removes the items that match, in place, and returns them. */
function takeOut<T>(items: T[], matches: (item: T) => boolean): T[] {
  if (!items.some(matches)) return [];
  const taken = items.filter(matches);
  items.splice(0, items.length, ...items.filter((item) => !matches(item)));
  return taken;
}
