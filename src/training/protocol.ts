/** What the bot's process and the training process say to each other. Both ends check what they hear. */
import { z } from 'zod';
import { BUILD_NAMES, ENGINES } from '../engine/choice.ts';
import { UserError } from '../errors.ts';
import type { ErrorCode } from '../strings/errors.ts';
import { trainingJobSchema } from './job.ts';
import { progressSchema } from './progress.ts';

/** What runs the training. The bits of the weights depend on it: threads add up in another order. */
export const engineChoiceSchema = z.strictObject({
  engine: z.enum(ENGINES).optional(),
  threads: z.int().positive().optional(),
  build: z.enum(BUILD_NAMES).optional(),
});

/** The same as an order, with what only this machine needs to know. */
export const engineOrderSchema = engineChoiceSchema.extend({
  cacheFolder: z.string().optional(),
  gpu: z.int().min(-1).optional(),
});

/** From the host to the worker. */
export const orderSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('start'), job: trainingJobSchema, engine: engineOrderSchema }),
  /** Save and end. */
  z.strictObject({ type: z.literal('cancel') }),
]);

const failureSchema = z.strictObject({
  type: z.literal('failed'),
  /** A `UserError` by its parts, or what else was thrown. */
  error: z.union([
    z.strictObject({ code: z.string(), facts: z.record(z.string(), z.unknown()) }),
    z.strictObject({ reason: z.string(), stack: z.string() }),
  ]),
});

/** From the worker to the host. */
export const reportSchema = z.union([progressSchema, failureSchema]);

export type EngineChoice = z.infer<typeof engineChoiceSchema>;
export type EngineOrder = z.infer<typeof engineOrderSchema>;
export type Order = z.infer<typeof orderSchema>;
export type Report = z.infer<typeof reportSchema>;
export type FailureReport = z.infer<typeof failureSchema>;

export function failureReport(error: unknown): FailureReport {
  if (error instanceof UserError) {
    return { type: 'failed', error: { code: error.code, facts: error.facts as Record<string, unknown> } };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { type: 'failed', error: { reason: message, stack: stack ?? '' } };
}

/** The error as it was thrown in the worker; what was none for people becomes `trainingCrashed`. */
export function reportedError({ error }: FailureReport): UserError {
  // Both ends are of one build, so the code is known and its facts fit.
  if ('code' in error) return new UserError(error.code as ErrorCode, error.facts as never);
  return new UserError('trainingCrashed', { reason: error.reason }, { cause: error.stack });
}
