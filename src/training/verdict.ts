/** Whether a trained network may take the place of the one that it came from. */
import type { Losses } from './progress.ts';

/** Why a network is kept aside: it sings the new text no better, it forgot the base, or neither could be measured. */
export type KeepReason = 'notBetter' | 'baseWorse' | 'notMeasured';

export type Verdict = 'publish' | { readonly keepBecause: KeepReason };

/**
 * Publishes only what improved on the held-out part of the new text, and on the base's got worse by no more
 * than `maxBaseIncrease` nats per character. Without a held-out part nothing is known, so nothing is published.
 */
export function verdictOf(losses: Losses | null, maxBaseIncrease: number): Verdict {
  if (losses === null) return { keepBecause: 'notMeasured' };
  const { newText, base } = losses;
  // As `isWithin`, written so that a loss which is no number never publishes.
  if (!(newText.after < newText.before)) return { keepBecause: 'notBetter' };
  if (base && !isWithin(base.before, base.after, maxBaseIncrease)) return { keepBecause: 'baseWorse' };
  return 'publish';
}

/** Whether a loss rose by no more than the bound. */
export const isWithin = (before: number, after: number, bound: number): boolean => after - before <= bound;
