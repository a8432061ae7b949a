/** How long a training will take, before it begins. */
import { HELD_OUT_CHARACTERS } from './replay.ts';
import type { TrainSettings } from './settings.ts';

/** What evaluation takes of a training step: of three products of the size of the weights, the forward one. */
const FORWARD_SHARE = 1 / 3;

export interface Work {
  /** Characters of the new text that are trained on, and that are held out. */
  readonly trained: number;
  readonly heldOut: number;
  /** Whether a base text is replayed and watched. */
  readonly replays: boolean;
  readonly settings: Pick<TrainSettings, 'replay' | 'maxEpochs'>;
  readonly charsPerSecond: number;
}

/** Seconds of all epochs, with a validation before the first and after each; training may end earlier. */
export function estimateSeconds({ trained, heldOut, replays, settings, charsPerSecond }: Work): number {
  const { replay, maxEpochs } = settings;
  const epoch = replays ? trained / (1 - replay) : trained;
  const validation = FORWARD_SHARE * (heldOut + (replays ? HELD_OUT_CHARACTERS : 0));
  return (maxEpochs * epoch + (maxEpochs + 1) * validation) / charsPerSecond;
}
