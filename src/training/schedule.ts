/** Learning rates over a run. A rate depends on the step's number alone, so that resuming needs no memory of it. */
import type { TrainSettings } from './settings.ts';

export type ScheduleSettings = Pick<
  TrainSettings,
  'schedule' | 'learningRate' | 'warmup' | 'learningRateDecay' | 'learningRateDecayAfter'
>;

/**
 * The learning rate of update number `step` (0-based) of `steps`.
 *
 * - `cosine`: linear warm-up over `warmup` steps (at most a tenth of all), then half a cosine from the full
 *   rate to zero (Loshchilov & Hutter 2017, without restarts).
 * - `char-rnn`: constant; at the end of each epoch from number `learningRateDecayAfter` on, multiplied by
 *   `learningRateDecay`, as train.lua does.
 */
export function learningRateAt(
  settings: ScheduleSettings,
  step: number,
  steps: number,
  stepsPerEpoch: number,
): number {
  switch (settings.schedule) {
    case 'cosine': {
      const warmup = Math.min(settings.warmup, Math.floor(steps / 10));
      if (step < warmup) return (settings.learningRate * (step + 1)) / (warmup + 1);
      const progress = (step - warmup) / (steps - warmup);
      return settings.learningRate * 0.5 * (1 + Math.cos(Math.PI * progress));
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
