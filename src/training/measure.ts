/**
 * What a network in training is judged by: its loss on what was held out of the new text and, where a base
 * text is watched, on what was held out of that.
 */
import { evaluateSegments, type Piece } from './evaluate.ts';
import type { Losses } from './progress.ts';
import type { Run } from './run.ts';
import type { Position } from './run-state.ts';
import type { TrainSettings } from './settings.ts';
import { isWithin } from './verdict.ts';

/** Nats per character; null where nothing was held out. */
export interface Measured {
  readonly newText: number | null;
  readonly base: number | null;
}

/** The losses of the present weights; undefined when cancelled. The carried state of training stays as it was. */
export async function measure(run: Run, signal?: AbortSignal): Promise<Measured | undefined> {
  const carried = run.stepper.readState();
  try {
    const newText = await lossOn(run, run.pieces, signal);
    const base = newText === undefined ? undefined : await lossOn(run, run.basePieces, signal);
    return newText === undefined || base === undefined ? undefined : { newText, base };
  } finally {
    run.stepper.writeState(carried);
  }
}

async function lossOn(
  { stepper }: Run,
  pieces: readonly Piece[],
  signal?: AbortSignal,
): Promise<number | null | undefined> {
  if (pieces.length === 0) return null;
  const result = await evaluateSegments(stepper, pieces, signal);
  return result && result.nats / result.chars;
}

/** Notes the losses before the first update: of the network that is gone on from, or of a uniform guess. */
export async function measureBeginning(run: Run, signal?: AbortSignal): Promise<void> {
  const { position, job, network } = run;
  if (position.step > 0 || position.before !== null || run.pieces.length === 0) return;
  const { newText, base } =
    job.initFrom === null
      ? { newText: Math.log(network.vocabulary.size), base: null }
      : ((await measure(run, signal)) ?? { newText: null, base: null });
  if (newText !== null) position.before = { newText, base };
}

/**
 * Whether a network takes the place of the best so far. One that has not forgotten more of the base than the
 * bound allows stands before any that has; among those the loss on the new text alone decides. Where all have
 * forgotten more, none will be published, and what people may keep is the lowest by what training minimises:
 * both losses, weighed by the share of the replay.
 */
export function isBetter(
  { newText, base }: Measured,
  { before, bestLoss, bestBaseLoss }: Pick<Position, 'before' | 'bestLoss' | 'bestBaseLoss'>,
  { replay, maxBaseLossIncrease }: Pick<TrainSettings, 'replay' | 'maxBaseLossIncrease'>,
): boolean {
  if (newText === null || bestLoss === null) return true;
  if (base === null || bestBaseLoss === null || before === null || before.base === null) {
    return newText < bestLoss;
  }
  const remembers = isWithin(before.base, base, maxBaseLossIncrease);
  const bestRemembers = isWithin(before.base, bestBaseLoss, maxBaseLossIncrease);
  if (remembers !== bestRemembers) return remembers;
  if (remembers) return newText < bestLoss;
  const weighed = (loss: number, baseLoss: number) => (1 - replay) * loss + replay * baseLoss;
  return weighed(newText, base) < weighed(bestLoss, bestBaseLoss);
}

/** What training changed, of the best network; null where nothing could be held out. */
export function lossesOf({ before, bestLoss, bestBaseLoss }: Position): Losses | null {
  if (before === null || bestLoss === null) return null;
  return {
    newText: { before: before.newText, after: bestLoss },
    base: before.base === null || bestBaseLoss === null ? null : { before: before.base, after: bestBaseLoss },
  };
}
