/** How long a training will take, before it begins. */
import { availableParallelism } from 'node:os';
import { elements, type NetworkSpec, tensorShapes } from '../model/network.ts';
import type { EstimateBasis } from './intake-types.ts';
import { HELD_OUT_CHARACTERS } from './replay.ts';
import type { TrainSettings } from './settings.ts';

/** Forward and backward: a multiplication and an addition each, three products of the size of the weights. */
const OPERATIONS_PER_WEIGHT = 6;
/** What evaluation takes of it: the forward product alone. */
const FORWARD_SHARE = 1 / 3;
/**
 * Operations a second and core where nothing was measured yet. Our kernels make 40 to 80 GFLOPS on an idle core;
 * half the least, since a training gives way to the chat.
 */
const ASSUMED = 20e9;
/** Vocabularies this much larger or smaller still count as the same network. */
const SAME_VOCABULARY = 1.25;

/** A speed that a training reached on this machine. */
export interface MeasuredSpeed {
  readonly spec: NetworkSpec;
  readonly charsPerSecond: number;
}

/** Floating-point operations that training takes for a character. */
export function operationsPerCharacter(spec: NetworkSpec): number {
  let weights = 0;
  for (const [name, shape] of tensorShapes(spec)) {
    // An embedding is looked up, not multiplied.
    if (shape.length === 2 && name !== 'embedding.weight') weights += elements(shape);
  }
  return OPERATIONS_PER_WEIGHT * weights;
}

/** The speed to be expected of a network, from those measured (the newest last), and what it rests on. */
export function expectedSpeed(
  spec: NetworkSpec,
  measured: readonly MeasuredSpeed[],
): { readonly charsPerSecond: number; readonly basis: EstimateBasis } {
  const same = measured.findLast((each) => isAlike(each.spec, spec));
  if (same) return { charsPerSecond: same.charsPerSecond, basis: 'measured' };
  const operations = operationsPerCharacter(spec);
  const last = measured.at(-1);
  if (last) {
    const rate = last.charsPerSecond * operationsPerCharacter(last.spec);
    return { charsPerSecond: rate / operations, basis: 'scaled' };
  }
  return { charsPerSecond: (ASSUMED * availableParallelism()) / operations, basis: 'assumed' };
}

function isAlike(a: NetworkSpec, b: NetworkSpec): boolean {
  const ratio = a.vocabularySize / b.vocabularySize;
  return (
    (['cell', 'numLayers', 'rnnSize', 'embeddingSize', 'tied'] as const).every(
      (field) => a[field] === b[field],
    ) &&
    ratio < SAME_VOCABULARY &&
    1 / ratio < SAME_VOCABULARY
  );
}

/** Seconds of all epochs, with a validation after each; training may end earlier. */
export function estimateSeconds(work: {
  /** Characters that are trained on and that are held out, of the new text. */
  readonly trained: number;
  readonly heldOut: number;
  readonly replays: boolean;
  readonly settings: TrainSettings;
  readonly charsPerSecond: number;
}): number {
  const { trained, heldOut, replays, settings, charsPerSecond } = work;
  const { replay, maxEpochs } = settings;
  const epoch = replays ? trained / (1 - replay) : trained;
  const validation = FORWARD_SHARE * (heldOut + (replays ? HELD_OUT_CHARACTERS : 0));
  return (maxEpochs * epoch + (maxEpochs + 1) * validation) / charsPerSecond;
}
