/**
 * The engine contract. The boundary is the network, not the tensor: an engine gets a network spec and
 * plain float32 weights, and gives back a training stepper or a sampling stepper. It knows token ids,
 * no characters, no files, no schedules and no chat.
 *
 * Steps are synchronous: a step is one call into native or WebAssembly code, and the callers
 * (the trainer's child process, the sampler's loop) decide when the event loop may breathe.
 *
 * Every engine passes `test/engine/contract.ts`.
 */
import type { NetworkSpec, Weights } from '../model/network.ts';
import type { EngineChoice } from './choice.ts';

export interface Engine {
  /** `wasm`, `tensorflow`, ... */
  readonly name: string;
  /** For people and logs: the build, the device, the number of threads. */
  readonly description: string;
  /** The same by its parts; measures nothing. */
  readonly report: EngineReport;
  /**
   * What its trainings run on, to be recorded with a run: with this choice it can go on to the same bits. Chooses what
   * is not chosen yet. Throws a `UserError` where what was asked for does not run here.
   */
  trainingChoice(): EngineChoice;
  createTraining(spec: NetworkSpec, weights: Weights, options: TrainingOptions): Promise<TrainingStepper>;
  createSampling(spec: NetworkSpec, weights: Weights, options: SamplingOptions): Promise<SamplingStepper>;
}

/** Proper names of what runs: the same in every language. */
export interface EngineReport {
  /** The library or runtime, with its version where it has one. */
  readonly runtime: string;
  readonly device: 'CPU' | 'GPU';
  /** The kernels that train; undefined while they are still to be measured. */
  readonly trains: string | undefined;
  /** The kernels that sing. */
  readonly sings: string;
  /** Threads of training; undefined where the library sees to it. */
  readonly threads: number | undefined;
}

/** What `Optimizer.name` may be, with the formulas: Adam (Kingma & Ba 2015), AdamW (Loshchilov & Hutter 2019), RMSProp as in PyTorch. */
export interface Optimizer {
  readonly name: 'adam' | 'adamw' | 'rmsprop';
  /** Adam: decay of the first moment. */
  readonly beta1: number;
  /** Adam: decay of the second moment. RMSProp: alpha (char-rnn's `decay_rate`). */
  readonly beta2: number;
  readonly epsilon: number;
  /** AdamW only: decoupled, on every matrix (names ending in a weight), never on biases. */
  readonly weightDecay: number;
}

export interface GradientClipping {
  /** `norm` scales all gradients so that their joint L2 norm is at most `limit`; `value` clamps each number to +-limit (char-rnn). */
  readonly by: 'norm' | 'value';
  /** 0 turns clipping off. */
  readonly limit: number;
}

export interface TrainingOptions {
  /** Rows B of a batch: independent streams. */
  readonly batchSize: number;
  /** Time steps T of a batch. */
  readonly seqLength: number;
  readonly optimizer: Optimizer;
  readonly clipping: GradientClipping;
  /**
   * Probability in [0, 1) of dropping a recurrent weight (`weight_hh`) for a whole step (DropConnect, as in AWD-LSTM:
   * Merity et al. 2017); the others are scaled by 1 / (1 - p). Default 0. Training only.
   */
  readonly recurrentDropout?: number | undefined;
  /**
   * Seed of the dropout masks: a mask depends on this seed, the optimiser's step count and the position alone; at the
   * embedding on the character instead of the position (elements of its row are dropped for a whole step), so that
   * what depends on a character alone is computed once a step.
   */
  readonly seed: number;
}

/** T x B characters in time-major order: position (t, b) stands at t * B + b. */
export interface Batch {
  /** Token ids [T * B] in [0, V). */
  readonly inputs: Int32Array;
  /** Token ids [T * B] to be predicted; a negative id is not counted: no loss, no gradient. */
  readonly targets: Int32Array;
  /** [B], non-zero where the row's carried state is set to zero before this batch. */
  readonly fresh?: Uint8Array;
}

export interface LossResult {
  /** Mean cross-entropy over the counted targets, in nats per character. NaN or Infinity when it exploded. 0 without targets. */
  readonly loss: number;
  /** Counted targets. */
  readonly count: number;
}

export interface StepResult extends LossResult {
  /** L2 norm of all gradients before clipping. */
  readonly gradientNorm: number;
}

/** Optimiser state as it stands in a training-state file. */
export interface OptimizerState {
  /** Updates made so far. */
  readonly step: number;
  /** By `m.<tensor>` and `v.<tensor>` (RMSProp: `v.` alone), shapes as the tensor's. A tied `output.weight` has none. */
  readonly moments: Map<string, Float32Array>;
}

/**
 * Truncated back-propagation through time: the hidden state is carried from batch to batch, gradients are not.
 * Methods throw a RangeError on arrays of the wrong length or ids out of range; nothing is changed then.
 */
export interface TrainingStepper {
  readonly batchSize: number;
  readonly seqLength: number;
  /** Bytes that the stepper holds. */
  readonly memoryBytes: number;
  /** Forward, backward, clip, update; carries the state. A loss that is not finite leaves weights and moments unchanged. */
  step(batch: Batch, learningRate: number): StepResult;
  /** Forward alone, without dropout; carries the state. */
  evaluate(batch: Batch): LossResult;
  /** Raw gradients (unclipped) as `step` would use them; changes nothing. A tied `output.weight` and `embedding.weight` give the same joint gradient. */
  gradients(batch: Batch): { readonly loss: number; readonly gradients: Map<string, Float32Array> };
  /** Carried state [layer, (h, c), B, H]; c for the LSTM alone. */
  readState(): Float32Array;
  writeState(state: Float32Array): void;
  /** All rows' carried state to zero. */
  resetState(): void;
  /** Copies, by every name of `tensorShapes`. */
  readWeights(): Map<string, Float32Array>;
  writeWeights(weights: Weights): void;
  readOptimizer(): OptimizerState;
  writeOptimizer(state: OptimizerState): void;
  /** Frees threads and memory; no method may be called afterwards. */
  close(): Promise<void>;
}

export interface SamplingOptions {
  /** Sequences that can be held at once, 1 or more. */
  readonly slots: number;
  /**
   * `float32` (default) gives the logits of training. `int8` lets an engine round matrices to 8 bits where that
   * makes it faster; the logits are as reproducible, and within 0.01 nats per character.
   */
  readonly precision?: 'float32' | 'int8';
}

/**
 * One character for each of some slots in, logits out. A slot's logits depend on the weights and on the
 * characters fed to that slot since its reset, to the bit: not on the other slots of a call, the number
 * of threads or the build.
 */
export interface SamplingStepper {
  readonly slots: number;
  readonly vocabularySize: number;
  readonly memoryBytes: number;
  /** The slot's state to zero. */
  reset(slot: number): void;
  /**
   * Feeds `tokens[i]` to `slots[i]` for i < count (all different) and returns logits [count, V]: a view that
   * holds until the next call and may be written into. Token V + k stands for the embedding `inputs[k]` [E], a mean of known ones.
   */
  step(slots: Int32Array, tokens: Int32Array, count: number, inputs?: readonly Float32Array[]): Float32Array;
  /** State of a slot [layer, (h, c), H], to continue a lyric later. */
  readState(slot: number): Float32Array;
  writeState(slot: number, state: Float32Array): void;
  close(): Promise<void>;
}
