/** What a training may hold: a network that this machine cannot train is refused before any memory is taken. */
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { TrainingOptions } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { GATES, type NetworkSpec, parameterCount } from '../model/network.ts';

const MIB = 2 ** 20;
/** The rest is for the system and for the text. */
const USABLE_SHARE = 0.8;
/** Of the program, and of each byte of a text: 58 measured where every three syllables are a song, 4 for lyrics. */
const HEAP_BYTES = 512 * MIB;
const HEAP_OF_BYTE = 64;

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

/**
 * MiB that JavaScript may take in a training process: what the largest text needs, and no more than here. Weights and
 * all that is computed lie elsewhere.
 */
export function heapLimit(maxBytes: number, here = getHeapStatistics().heap_size_limit): number {
  return Math.floor(Math.min(here, HEAP_BYTES + HEAP_OF_BYTE * maxBytes) / MIB);
}

/** The container's limit where there is one, else the machine's memory. */
function availableMemory(): number {
  const constrained = process.constrainedMemory() ?? 0;
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
