/**
 * What every thread of a training stepper runs, the caller's thread (0) and the workers alike. They meet at a
 * barrier, read the command from shared memory, do their share and meet again.
 */

import type { GradientClipping, Optimizer } from '../engine.ts';
import { backwardRows } from './backward.ts';
import { embeddingGradient, projectCharacters } from './characters.ts';
import { carryState, forward } from './forward.ts';
import { weightGradients } from './gradients.ts';
import type { Kernels } from './kernels.ts';
import { createPass, type Dropout, type Pass } from './pass.ts';
import { CONTROL, type TrainingPlan } from './plan.ts';
import { dropRecurrentWeights } from './recurrent-dropout.ts';
import { ownSquaredNorm, transposeOwn, updateOwn } from './update.ts';

export const COMMAND = { close: 0, step: 1, evaluate: 2, gradients: 3, transpose: 4 } as const;

export interface ThreadSetup {
  readonly plan: TrainingPlan;
  readonly thread: number;
  readonly optimizer: Optimizer;
  readonly clipping: GradientClipping;
}

/** A command with what it needs to know. */
export interface Order {
  readonly command: number;
  readonly dropoutKey: number;
  /** Updates including this one. */
  readonly step: number;
  /** Counted targets. */
  readonly count: number;
  /** Different characters of the batch. */
  readonly characters: number;
  readonly learningRate: number;
}

/** Views of the control area. */
export class Control {
  readonly #integers: Int32Array;
  readonly #queue: Int32Array;
  readonly #rate: Float64Array;
  readonly #results: Float64Array;

  constructor(memory: WebAssembly.Memory, threads: number) {
    this.#integers = new Int32Array(memory.buffer, CONTROL.command, 5);
    this.#queue = new Int32Array(memory.buffer, CONTROL.queue, 1);
    this.#rate = new Float64Array(memory.buffer, CONTROL.rate, 1);
    this.#results = new Float64Array(memory.buffer, CONTROL.results, threads * 8);
  }

  post({ command, dropoutKey, step, count, characters, learningRate }: Order): void {
    this.#integers.set([command, dropoutKey, step, count, characters]);
    this.#queue[0] = 0;
    this.#rate[0] = learningRate;
  }

  get order(): Order {
    const [command, dropoutKey, step, count, characters] = this.#integers;
    return {
      command: command!,
      dropoutKey: dropoutKey!,
      step: step!,
      count: count!,
      characters: characters!,
      learningRate: this.#rate[0]!,
    };
  }

  setResult(thread: number, kind: 0 | 1, value: number): void {
    this.#results[thread * 8 + kind] = value;
  }

  /** Sum over threads in their order, the same in every thread. Kind 0: nats; 1: squared norm. */
  sum(kind: 0 | 1): number {
    let sum = 0;
    for (let at = kind; at < this.#results.length; at += 8) sum += this.#results[at]!;
    return sum;
  }
}

/** Runs the posted command's share of one thread. Every thread must call it. */
export function runCommand(kernels: Kernels, control: Control, setup: ThreadSetup): void {
  const { plan, thread } = setup;
  const { command, dropoutKey, count, characters } = control.order;
  const training = command === COMMAND.step || command === COMMAND.gradients;
  const pass = createPass({
    kernels,
    plan,
    thread,
    characters,
    dropout: training ? dropoutOf(plan.spec.dropout, dropoutKey) : undefined,
    recurrentDropout: training ? dropoutOf(plan.recurrentDropout, dropoutKey) : undefined,
  });
  if (command === COMMAND.transpose) {
    transposeOwn(pass);
    return;
  }
  projectCharacters(pass);
  dropRecurrentWeights(pass);
  meet(pass);
  control.setResult(thread, 0, forward(pass, training && count > 0 ? 1 / count : 0));
  if (training && count > 0) learn(pass, control, setup);
  if (command !== COMMAND.gradients) carryState(pass);
}

/** Backward and, in a step, the update; nothing where loss or gradients are not finite, which every thread sees alike. */
function learn(pass: Pass, control: Control, setup: ThreadSetup): void {
  const { command, step, learningRate } = control.order;
  backwardRows(pass);
  meet(pass);
  if (!Number.isFinite(control.sum(0))) return;
  weightGradients(pass);
  meet(pass);
  embeddingGradient(pass);
  if (command === COMMAND.gradients) return;
  meet(pass);
  control.setResult(pass.thread, 1, ownSquaredNorm(pass));
  meet(pass);
  const gradientNorm = Math.sqrt(control.sum(1));
  if (!Number.isFinite(gradientNorm)) return;
  updateOwn(pass, { ...setup, learningRate, step, gradientNorm });
  transposeOwn(pass);
}

const meet = ({ kernels, plan }: Pass): void => kernels.barrier(plan.threads, CONTROL.barrier);

/** Elements whose 31 random bits fall below p * 2^31 are dropped. */
function dropoutOf(probability: number, key: number): Dropout | undefined {
  if (probability === 0) return undefined;
  return { key, threshold: Math.round(probability * 2 ** 31) | 0, scale: 1 / (1 - probability) };
}
