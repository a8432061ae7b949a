/** How fast a training will be here, from those that were made here. */
import { availableParallelism } from 'node:os';
import { type NetworkSpec, parameterCount } from '../model/network.ts';
import type { EstimateBasis } from '../training/intake-types.ts';
import type { JobView } from '../training/jobs-api.ts';

export interface SpeedEstimate {
  readonly charsPerSecond: number;
  readonly basis: EstimateBasis;
}

/** Parameters times characters a second and core, on processors of 2020 (docs/performance.md): a guess. */
const ASSUMED = 4.5e9;
/** Vocabularies grow: networks within this share of parameters are of one size. */
const SAME_SIZE = 0.05;

/** From jobs, newest first: one of the same size, else one of another by the arithmetic of a character. */
export function speedEstimate(
  jobs: readonly Pick<JobView, 'progress'>[],
): (spec: NetworkSpec) => SpeedEstimate {
  const measured = jobs.flatMap(({ progress: { charsPerSecond = 0, parameters = 0 } }) =>
    charsPerSecond > 0 && parameters > 0 ? [{ charsPerSecond, parameters }] : [],
  );
  return (spec) => {
    const wanted = parameterCount(spec);
    const same = measured.find(({ parameters }) => Math.abs(parameters - wanted) <= SAME_SIZE * wanted);
    if (same) return { charsPerSecond: same.charsPerSecond, basis: 'measured' };
    const [other] = measured;
    if (other) {
      return { charsPerSecond: (other.charsPerSecond * other.parameters) / wanted, basis: 'scaled' };
    }
    return { charsPerSecond: (ASSUMED * availableParallelism()) / wanted, basis: 'assumed' };
  };
}
