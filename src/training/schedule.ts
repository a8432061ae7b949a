/** Learning rates over a run. A rate depends on the step's number alone, so that resuming needs no memory of it. */
import type { TrainSettings } from './settings.ts';

export type ScheduleSettings = Pick<
  TrainSettings,
  'schedule' | 'learningRate' | 'warmup' | 'learningRateDecay' | 'learningRateDecayAfter' | 'cooldown'
>;

/** Of the learning rate, where the cooldown begins. */
const COOLDOWN_RATE = 0.1;

/** The first update of the cooldown (`steps` where there is none). */
export const cooldownFrom = ({ cooldown }: Pick<TrainSettings, 'cooldown'>, steps: number): number =>
  steps - Math.floor(steps * cooldown);

/** Half a cosine from 1 to 0. */
const halfCosine = (progress: number): number => 0.5 * (1 + Math.cos(Math.PI * progress));

/**
 * The learning rate of update number `step` (0-based) of `steps`.
 *
 * - `cosine`: linear warm-up over `warmup` steps (at most a tenth of all), then half a cosine from the full
 *   rate to zero (Loshchilov & Hutter 2017, without restarts).
 * - `char-rnn`: constant; at the end of each epoch from number `learningRateDecayAfter` on, multiplied by
 *   `learningRateDecay`, as train.lua does.
 *
 * Either is over where the cooldown begins: half a cosine more, from a tenth of the rate to zero.
 */
export function learningRateAt(
  settings: ScheduleSettings,
  step: number,
  steps: number,
  stepsPerEpoch: number,
): number {
  const end = cooldownFrom(settings, steps);
  if (end < steps && step >= end) {
    return settings.learningRate * COOLDOWN_RATE * halfCosine((step - end) / (steps - end));
  }
  switch (settings.schedule) {
    case 'cosine': {
      const warmup = Math.min(settings.warmup, Math.floor(end / 10));
      if (step < warmup) return (settings.learningRate * (step + 1)) / (warmup + 1);
      return settings.learningRate * halfCosine((step - warmup) / (end - warmup));
    }
    case 'char-rnn': {
      const completedEpochs = Math.floor(step / stepsPerEpoch);
      const firstDecay = Math.max(1, settings.learningRateDecayAfter);
      const decays = Math.max(0, completedEpochs - firstDecay + 1);
      return settings.learningRate * settings.learningRateDecay ** decays;
    }
    default:
      return settings.schedule satisfies never;
  }
}
