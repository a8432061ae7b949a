/**
 * What a contender is asked and what it answers. A contender is a process that stays alive; each request and
 * each answer is a JSON object on a line of its own, answers in the order of the requests. The first line that
 * it writes, unasked, is its `about`. pytorch.py speaks the same.
 */
import { z } from 'zod';
import type { BuildName, EngineName } from '../../src/engine/choice.ts';
import type { GradientClipping, Optimizer } from '../../src/engine/engine.ts';
import type { NetworkSpec } from '../../src/model/network.ts';

/** Ids time-major as in the engine's `Batch`; a negative target is not counted. */
export interface WorkBatch {
  readonly inputs: readonly number[];
  readonly targets: readonly number[];
}

/** Steps of training on batches in turn. */
export interface TrainingWork {
  readonly kind: 'training';
  readonly spec: NetworkSpec;
  readonly batchSize: number;
  readonly seqLength: number;
  readonly batches: readonly WorkBatch[];
}

/** Lyrics of random characters, all asked for at once. */
export interface SamplingWork {
  readonly kind: 'sampling';
  readonly spec: NetworkSpec;
  readonly lyrics: number;
  /** Characters of a lyric. */
  readonly length: number;
  /** Lyrics that are sampled at once; the others wait. Peers sample all at once. */
  readonly slots: number;
  /** Networks in memory, which serve the runs in turn. Peers have one. */
  readonly checkpoints: number;
}

/** Steps of training by the trainer's own recipe, to be judged now and then by what was held out of the text. */
export interface LearningWork {
  readonly kind: 'learning';
  readonly spec: NetworkSpec;
  readonly batchSize: number;
  readonly seqLength: number;
  /** Those of an epoch, which come again in each; the state is never reset. */
  readonly batches: readonly WorkBatch[];
  /** What was held out; the state is zero before the first batch and carried on from there. */
  readonly validation: readonly WorkBatch[];
  /** Of each step; what is beyond them has the last one. */
  readonly learningRates: readonly number[];
  /** File of the weights that training begins with, in float32. */
  readonly checkpoint: string;
  readonly optimizer: Optimizer;
  readonly clipping: GradientClipping;
  readonly recurrentDropout: number;
  /** Of dropout. */
  readonly seed: number;
}

/** Work whose speed alone is measured. */
export type SpeedWork = TrainingWork | SamplingWork;
export type Work = SpeedWork | LearningWork;

/** How a contender does its work; each reads what it knows. */
export interface Setting {
  readonly threads?: number;
  readonly precision?: 'float32' | 'int8';
  readonly build?: BuildName | undefined;
  /** Ours: the engine that does the work; `wasm` where not given. */
  readonly engine?: EngineName | undefined;
  /** PyTorch: whether it may use oneDNN, which is faster for large batches and slower for single rows. */
  readonly onednn?: boolean;
}

export type Request =
  | { readonly ask: 'prepare'; readonly work: Work; readonly setting: Setting }
  /** Does the work `count` times: training steps, or batches of lyrics. PyTorch takes another setting for it. */
  | { readonly ask: 'run'; readonly count: number; readonly setting?: Setting | undefined }
  /** Learning: the loss of what was held out, without dropout; training goes on as if it had not been asked. */
  | { readonly ask: 'evaluate' }
  | { readonly ask: 'memory' }
  /** Ours alone: training steps under a profiler. */
  | { readonly ask: 'profile'; readonly count: number };

/** Names and versions of what the contender is made of. */
export const aboutSchema = z.object({ about: z.record(z.string(), z.string()) });

/** What the contender has chosen for itself, for people. */
export const preparedSchema = z.object({
  details: z.string(),
  /** Ours: what one thread reached when the build of the kernels was chosen. */
  gigaflops: z.number().optional(),
});
export type Prepared = z.infer<typeof preparedSchema>;

export const outcomeSchema = z.object({
  /** All runs together. */
  seconds: z.number().positive(),
  /**
   * In nats per character. Training: of the first step of these runs; learning: mean of these steps, or of the
   * evaluation.
   */
  loss: z.number().optional(),
  /** Sampling, ours alone: seconds from the request to the end of each lyric of the last run. */
  lyricSeconds: z.array(z.number()).optional(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** Bytes of the process: now, and at most so far. Null where the system does not tell (outside Linux). */
export const memorySchema = z.object({ resident: z.number().nullable(), peak: z.number().nullable() });
export type Memory = z.infer<typeof memorySchema>;

export const profileSchema = z.object({
  /** Of a step, on this contender's first thread. */
  seconds: z.number(),
  /** Share of the samples by part of the step and kernel. */
  parts: z.array(z.object({ part: z.string(), kernel: z.string(), share: z.number() })),
});
export type Profile = z.infer<typeof profileSchema>;

export const faultSchema = z.object({ error: z.string() });
