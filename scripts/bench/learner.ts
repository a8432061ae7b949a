/** One contender that learns to a loss: its turns, its evaluations and what came of them. */
import type { Ready } from './entrants.ts';
import type { Learning } from './learning-work.ts';
import type { Setting } from './protocol.ts';

/** An evaluation. */
export interface Point {
  readonly steps: number;
  /** Of training alone. */
  readonly seconds: number;
  /** Nats per character of what was held out. */
  readonly loss: number;
  /** Mean since the evaluation before, with dropout; null before the first step. */
  readonly training_loss: number | null;
}

export interface Learnt {
  readonly name: string;
  readonly ours: boolean;
  readonly command: readonly string[];
  readonly setting: Setting;
  readonly details: string;
  /** Where the loss was reached, by a straight line between two evaluations; null: nowhere in the schedule. */
  readonly reached: { readonly epochs: number; readonly steps: number; readonly seconds: number } | null;
  readonly best_loss: number;
  /** All that was trained, evaluations not counted. */
  readonly steps: number;
  readonly seconds: number;
  readonly chars_per_second: number;
  /** All evaluations together; part of no other time. */
  readonly evaluation_seconds: number;
  readonly peak_memory_mb: number | null;
  readonly kernel_gigaflops?: number;
  readonly curve: readonly Point[];
}

/** A contender on its way. */
export class Learner {
  readonly ready: Ready;
  readonly #learning: Learning;
  readonly #loss: number;
  readonly #curve: Point[] = [];
  /** Seconds of a step, by turn. */
  readonly turns: number[] = [];
  #evaluationSeconds = 0;

  constructor(ready: Ready, learning: Learning, loss: number) {
    this.ready = ready;
    this.#learning = learning;
    this.#loss = loss;
  }

  get last(): Point {
    return this.#curve.at(-1)!;
  }

  get isThrough(): boolean {
    return this.#curve.length > 0 && this.last.loss <= this.#loss;
  }

  /** Trains for that many steps (0: not at all) and evaluates. */
  async learn(count: number): Promise<true> {
    const { contender } = this.ready;
    const trained = count === 0 ? undefined : await contender.run(count);
    const evaluated = await contender.evaluate();
    if (trained) this.turns.push(trained.seconds / count);
    this.#evaluationSeconds += evaluated.seconds;
    const { steps, seconds } = this.#curve.at(-1) ?? { steps: 0, seconds: 0 };
    this.#curve.push({
      steps: steps + count,
      seconds: seconds + (trained?.seconds ?? 0),
      loss: evaluated.loss!,
      training_loss: trained?.loss ?? null,
    });
    return true;
  }

  get reached(): Learnt['reached'] {
    const crossing = crossingOf(this.#curve, this.#loss);
    return crossing && { epochs: crossing.steps / this.#learning.stepsPerEpoch, ...crossing };
  }

  async result(): Promise<Learnt> {
    const { entrant, contender, details, gigaflops } = this.ready;
    const { steps, seconds } = this.last;
    const { characters, stepsPerEpoch } = this.#learning;
    const { peak } = await contender.memory();
    return {
      name: entrant.name,
      ours: entrant.ours,
      command: entrant.command,
      setting: entrant.setting,
      details,
      reached: this.reached,
      best_loss: Math.min(...this.#curve.map(({ loss }) => loss)),
      steps,
      seconds,
      chars_per_second: ((characters.train / stepsPerEpoch) * steps) / seconds,
      evaluation_seconds: this.#evaluationSeconds,
      peak_memory_mb: peak === null ? null : peak / 1e6,
      ...(gigaflops === undefined ? {} : { kernel_gigaflops: gigaflops }),
      curve: this.#curve,
    };
  }
}

/** The first moment at which the loss is down to `loss`, by a straight line from the evaluation before. */
export function crossingOf(
  curve: readonly Pick<Point, 'steps' | 'seconds' | 'loss'>[],
  loss: number,
): { readonly steps: number; readonly seconds: number } | null {
  const index = curve.findIndex((point) => point.loss <= loss);
  if (index < 0) return null;
  const after = curve[index]!;
  const before = curve[index - 1] ?? after;
  const share = before.loss === after.loss ? 1 : (before.loss - loss) / (before.loss - after.loss);
  const between = (from: number, to: number) => from + share * (to - from);
  return { steps: between(before.steps, after.steps), seconds: between(before.seconds, after.seconds) };
}
