/** The training stepper on WebAssembly kernels: the caller's thread works beside `threads - 1` workers. */
import { Worker } from 'node:worker_threads';
import { assertNetwork, type NetworkSpec, type Weights } from '../../model/network.ts';
import type {
  Batch,
  LossResult,
  OptimizerState,
  StepResult,
  TrainingOptions,
  TrainingStepper,
} from '../engine.ts';
import { createMemory, instantiate, type Kernels } from './kernels.ts';
import { packTensor, packWeights, ROW, unpackTensor, unpackWeights } from './parameters.ts';
import { CONTROL, type Panels, planTraining, share, type TrainingPlan } from './plan.ts';
import { COMMAND, Control, runCommand, type ThreadSetup } from './thread.ts';
import type { WorkerSetup } from './training-worker.ts';

export class WasmTraining implements TrainingStepper {
  readonly batchSize: number;
  readonly seqLength: number;
  readonly memoryBytes: number;
  readonly #plan: TrainingPlan;
  readonly #seed: number;
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: Kernels;
  readonly #control: Control;
  readonly #setup: ThreadSetup;
  readonly #workers: Worker[] = [];
  readonly #placeById: Int32Array;
  readonly #characterIds: Int32Array;
  #step = 0;
  /** Different characters of the batch that is loaded. */
  #characters = 0;

  constructor(
    module: WebAssembly.Module,
    spec: NetworkSpec,
    weights: Weights,
    options: TrainingOptions & { readonly threads: number },
  ) {
    assertNetwork(spec);
    const { batchSize, seqLength, optimizer, clipping, recurrentDropout = 0 } = options;
    const threads = Math.max(1, Math.min(options.threads, batchSize));
    const firstMoment = optimizer.name !== 'rmsprop';
    this.#plan = planTraining({ spec, batchSize, seqLength, threads, firstMoment, recurrentDropout });
    this.batchSize = batchSize;
    this.seqLength = seqLength;
    this.memoryBytes = this.#plan.bytes;
    this.#seed = options.seed;
    this.#placeById = new Int32Array(spec.vocabularySize);
    this.#memory = createMemory(this.#plan.bytes);
    this.#kernels = instantiate(module, this.#memory);
    this.#control = new Control(this.#memory, threads);
    this.#characterIds = new Int32Array(this.#memory.buffer, this.#plan.characters);
    this.#setup = { plan: this.#plan, thread: 0, optimizer, clipping };
    packWeights(this.#plan.parameters, weights, this.#copyAt(this.#plan.weights));
    for (let thread = 1; thread < threads; thread++) {
      const workerData: WorkerSetup = { ...this.#setup, thread, module, memory: this.#memory };
      const worker = new Worker(new URL('./training-worker.js', import.meta.url), { workerData });
      this.#workers.push(worker);
    }
  }

  /** Waits until the workers are ready: this thread must not wait at a barrier while they still load. */
  async start(): Promise<void> {
    await Promise.all(
      this.#workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))),
    );
    for (const worker of this.#workers) worker.unref(); // a stepper that was forgotten does not keep the process alive
    this.#run(COMMAND.transpose);
  }

  step(batch: Batch, learningRate: number): StepResult {
    this.#load(batch);
    const count = this.#countTargets(batch);
    this.#run(COMMAND.step, count, learningRate);
    const loss = count === 0 ? 0 : this.#control.sum(0) / count;
    const gradientNorm = count === 0 ? 0 : Math.sqrt(this.#control.sum(1));
    if (count > 0 && Number.isFinite(loss) && Number.isFinite(gradientNorm)) this.#step++;
    return { loss, count, gradientNorm };
  }

  evaluate(batch: Batch): LossResult {
    this.#load(batch);
    const count = this.#countTargets(batch);
    this.#run(COMMAND.evaluate, count);
    return { loss: count === 0 ? 0 : this.#control.sum(0) / count, count };
  }

  gradients(batch: Batch): { loss: number; gradients: Map<string, Float32Array> } {
    const state = this.readState();
    this.#load(batch);
    const count = this.#countTargets(batch);
    const copy = this.#copyAt(this.#plan.gradients);
    if (count === 0) copy.fill(0);
    else this.#run(COMMAND.gradients, count);
    this.writeState(state);
    const gradients = unpackWeights(this.#plan.spec, this.#plan.parameters, copy);
    return { loss: count === 0 ? 0 : this.#control.sum(0) / count, gradients };
  }

  readState(): Float32Array {
    const state = new Float32Array(this.#stateLength());
    this.#eachStateElement((memory, at, index) => {
      state[index] = memory[at]!;
    });
    return state;
  }

  writeState(state: Float32Array): void {
    if (state.length !== this.#stateLength()) {
      throw new RangeError(`the carried state has ${this.#stateLength()} numbers, not ${state.length}`);
    }
    this.#eachStateElement((memory, at, index) => {
      memory[at] = state[index]!;
    });
  }

  resetState(): void {
    this.writeState(new Float32Array(this.#stateLength()));
  }

  readWeights(): Map<string, Float32Array> {
    return unpackWeights(this.#plan.spec, this.#plan.parameters, this.#copyAt(this.#plan.weights));
  }

  writeWeights(weights: Weights): void {
    packWeights(this.#plan.parameters, weights, this.#copyAt(this.#plan.weights));
    this.#run(COMMAND.transpose);
  }

  readOptimizer(): OptimizerState {
    const moments = new Map<string, Float32Array>();
    for (const [kind, at] of this.#momentCopies()) {
      for (const place of this.#plan.parameters.places) {
        moments.set(`${kind}.${this.#momentName(place.name)}`, unpackTensor(place, this.#copyAt(at)));
      }
    }
    return { step: this.#step, moments };
  }

  writeOptimizer(state: OptimizerState): void {
    const copies = this.#momentCopies();
    const moment = (kind: string, name: string) => state.moments.get(`${kind}.${this.#momentName(name)}`);
    for (const [kind] of copies) {
      for (const { name, shape } of this.#plan.parameters.places) {
        const expected = shape.reduce((a, b) => a * b, 1);
        if (moment(kind, name)?.length !== expected) {
          throw new RangeError(`optimiser state lacks ${kind}.${name} of ${expected} numbers`);
        }
      }
    }
    for (const [kind, at] of copies) {
      for (const place of this.#plan.parameters.places) {
        packTensor(place, moment(kind, place.name)!, this.#copyAt(at));
      }
    }
    this.#step = state.step;
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) worker.ref();
    const ends = this.#workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
    if (this.#workers.length > 0) {
      this.#post(COMMAND.close, 0, 0);
      this.#meet();
    }
    this.#workers.length = 0;
    await Promise.all(ends);
  }

  /** A tied network has one matrix for both; its moments go by the name of the embedding, as its gradient does. */
  #momentName(name: string): string {
    return this.#plan.spec.tied && name === 'output.weight' ? 'embedding.weight' : name;
  }

  #momentCopies(): [kind: 'm' | 'v', at: number][] {
    const second: ['v', number] = ['v', this.#plan.secondMoments];
    return this.#plan.firstMoment ? [['m', this.#plan.firstMoments], second] : [second];
  }

  #meet(): void {
    this.#kernels.barrier(this.#plan.threads, CONTROL.barrier);
  }

  #run(command: number, count = 0, learningRate = 0): void {
    this.#post(command, count, learningRate);
    this.#meet();
    runCommand(this.#kernels, this.#control, this.#setup);
    this.#meet();
  }

  #post(command: number, count: number, learningRate: number): void {
    this.#control.post({
      command,
      dropoutKey: mix(this.#seed, this.#step),
      step: this.#step + 1,
      count,
      characters: this.#characters,
      learningRate,
    });
  }

  /** The float view of one copy of the parameters. */
  #copyAt(at: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, this.#plan.parameters.bytes / 4);
  }

  #countTargets({ targets }: Batch): number {
    let count = 0;
    for (const target of targets) if (target >= 0) count++;
    return count;
  }

  /** Checks a batch and lays it out thread by thread; zeroes the state of fresh rows. */
  #load({ inputs, targets, fresh }: Batch): void {
    const { batchSize: B, seqLength: T, threads, spec } = this.#plan;
    if (inputs.length !== T * B || targets.length !== T * B || (fresh && fresh.length !== B)) {
      throw new RangeError(`a batch has ${T} x ${B} inputs and targets, and ${B} fresh marks`);
    }
    for (let i = 0; i < inputs.length; i++) {
      if (!(inputs[i]! >= 0 && inputs[i]! < spec.vocabularySize && targets[i]! < spec.vocabularySize)) {
        throw new RangeError(
          `token id ${inputs[i]} or ${targets[i]} is outside the vocabulary of ${spec.vocabularySize}`,
        );
      }
    }
    const places = new Int32Array(this.#memory.buffer, this.#plan.places, T * B);
    const goals = new Int32Array(this.#memory.buffer, this.#plan.targets, T * B);
    this.#placeById.fill(-1);
    this.#characters = 0;
    for (let thread = 0; thread < threads; thread++) {
      const [from, to] = share(B, thread, threads);
      for (let t = 0, at = T * from; t < T; t++) {
        for (let b = from; b < to; b++, at++) {
          places[at] = this.#placeOf(inputs[t * B + b]!);
          goals[at] = targets[t * B + b]!;
        }
      }
    }
    if (fresh?.some((mark) => mark !== 0)) {
      this.#eachStateElement((memory, at, _index, row) => {
        if (fresh[row]) memory[at] = 0;
      });
    }
  }

  /** The character's index among the batch's different ones. */
  #placeOf(id: number): number {
    if (this.#placeById[id]! < 0) {
      this.#characterIds[this.#characters] = id;
      this.#placeById[id] = this.#characters++;
    }
    return this.#placeById[id]!;
  }

  #stateLength(): number {
    const { spec, batchSize } = this.#plan;
    return spec.numLayers * (spec.cell === 'lstm' ? 2 : 1) * batchSize * spec.rnnSize;
  }

  /** Visits the carried state in the contract's order [layer, (h, c), B, H]. */
  #eachStateElement(visit: (memory: Float32Array, at: number, index: number, row: number) => void): void {
    const { layers, batchSize, seqLength, threads, spec } = this.#plan;
    const memory = new Float32Array(this.#memory.buffer);
    const rowAt = new Int32Array(batchSize);
    for (let thread = 0; thread < threads; thread++) {
      const [from, to] = share(batchSize, thread, threads);
      for (let b = from; b < to; b++) rowAt[b] = ((seqLength + 1) * from + (b - from)) * ROW;
    }
    let index = 0;
    const visitMatrix = (matrix: Panels) => {
      for (let b = 0; b < batchSize; b++) {
        for (let unit = 0; unit < spec.rnnSize; unit++) {
          const at = (matrix.at + (unit >> 4) * matrix.stride + rowAt[b]!) / 4 + (unit & 15);
          visit(memory, at, index++, b);
        }
      }
    };
    for (const { h, c } of layers) {
      visitMatrix(h);
      if (c) visitMatrix(c);
    }
  }
}

/** One 32-bit key from seed and step. */
function mix(seed: number, step: number): number {
  let x = Math.imul(seed ^ Math.imul(step + 1, 0x9e3779b1), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 15), 0xc2b2ae35);
  return (x ^ (x >>> 13)) | 0;
}
