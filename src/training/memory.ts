/** Refuses a network that this machine cannot train before any memory is taken. */
import { totalmem } from 'node:os';
import type { TrainingOptions } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { GATES, type NetworkSpec, parameterCount } from '../model/network.ts';

const MIB = 2 ** 20;
/** The rest is for the system and for the text. */
const USABLE_SHARE = 0.8;

/**
 * Bytes that training holds at the least: weights, gradients and two moments (4 numbers a parameter), and for
 * each position of a batch the gates, states and their gradients of each layer (twice G + 2 times H), the
 * embedding and the logits.
 */
export function trainingBytes(
  spec: NetworkSpec,
  options: Pick<TrainingOptions, 'batchSize' | 'seqLength'>,
): number {
  const layer = 2 * (GATES[spec.cell] + 2) * spec.rnnSize;
  const position = spec.numLayers * layer + 2 * spec.embeddingSize + spec.vocabularySize;
  return 4 * (4 * parameterCount(spec) + options.batchSize * options.seqLength * position);
}

/** Throws a `UserError` that says how much would be needed. */
export function assertFitsMemory(
  spec: NetworkSpec,
  options: Pick<TrainingOptions, 'batchSize' | 'seqLength'>,
  limit = USABLE_SHARE * availableMemory(),
): void {
  const needed = trainingBytes(spec, options);
  if (needed <= limit) return;
  throw new UserError('trainingMemory', { needed: Math.ceil(needed / MIB), limit: Math.floor(limit / MIB) });
}

/** The container's limit where there is one, else the machine's memory. */
function availableMemory(): number {
  const constrained = process.constrainedMemory() ?? 0;
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
