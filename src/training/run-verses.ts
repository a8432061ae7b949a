/** When a run sings, and what: a verse an epoch, and at the end pairs of before and after. */

import type { Engine } from '../engine/engine.ts';
import { loadCheckpoint } from '../store/checkpoints.ts';
import type { TrainingJob } from './job.ts';
import type { ProgressOf } from './progress.ts';
import { epochOf, type Run } from './run.ts';
import { type Singer, singVerse } from './verse.ts';

/** Verses that are sung before and after. */
const PAIRS = 2;

/** At the end of each epoch, and before the first where there is a network to hear. */
export const verseIsDue = ({ position, plan, job }: Run): boolean =>
  position.step === 0 ? job.initFrom !== null : position.step % plan.stepsPerEpoch === 0;

/** A verse of the present weights. The seed is the same each time, so that verses can be compared. */
export async function sampleEvent(run: Run): Promise<ProgressOf<'sample'>> {
  const { engine, network, stepper, job } = run;
  const text = await singVerse(engine, { ...network, weights: stepper.readWeights() }, job.settings.seed);
  return { type: 'sample', epoch: Math.round(epochOf(run)), text };
}

/** Sings before the first update, for `versePairs`; nothing of a new network. */
export async function singBeginning({ engine, network, stepper, position, job }: Run): Promise<void> {
  if (position.step > 0 || position.beforeVerses.length > 0 || job.initFrom === null) return;
  position.beforeVerses = await sing(engine, { ...network, weights: stepper.readWeights() }, job);
}

/** Verses of the network that training began with beside those of the best one; none of a new network. */
export async function versePairs({
  engine,
  job,
  position,
}: Run): Promise<{ before: string; after: string }[]> {
  if (position.beforeVerses.length === 0) return [];
  const after = await sing(engine, await loadCheckpoint(job.checkpoint), job);
  return position.beforeVerses.map((before, i) => ({ before, after: after[i] ?? '' }));
}

async function sing(engine: Engine, singer: Singer, { settings }: TrainingJob): Promise<string[]> {
  const verses: string[] = [];
  for (let i = 0; i < PAIRS; i++) verses.push(await singVerse(engine, singer, settings.seed + i));
  return verses;
}
