/** Contenders measured in turn (A B A B ...), so that a slow moment of the machine falls on all of them alike. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Contender, ContenderFault } from './contender.ts';
import type { Setting } from './protocol.ts';

export interface Pace {
  /** Measurements of each contender. */
  readonly repeats: number;
  /** A measurement repeats the work until it is about that long. */
  readonly leastSeconds: number;
  /** Before its first measurement a contender works at least that long, and at least twice. */
  readonly warmUpSeconds: number;
  /** Before each measurement, for the threads of the contender before to fall asleep. */
  readonly pauseMs: number;
}

export const USUAL_PACE: Pace = { repeats: 5, leastSeconds: 0.5, warmUpSeconds: 1.5, pauseMs: 150 };
/** For many figures in a row: the same, less sure. */
export const BRISK_PACE: Pace = { repeats: 5, leastSeconds: 0.25, warmUpSeconds: 0.75, pauseMs: 50 };
/** For tests. */
export const QUICK_PACE: Pace = { repeats: 5, leastSeconds: 0.01, warmUpSeconds: 0, pauseMs: 0 };

/** A contender that is warm. */
export interface Warm {
  readonly contender: Contender;
  /** To be taken for the runs, where it is not that of the preparation. */
  readonly setting?: Setting | undefined;
  /** Of one run, as measured once. */
  readonly runSeconds: number;
  /** Runs of a measurement. */
  readonly count: number;
  /** Of its very first step of training, when its network had seen nothing. */
  readonly firstLoss: number | undefined;
}

/** @param limits.patienceSeconds a contender whose single run takes longer is ended: a `ContenderFault`. */
export async function warmUp(
  contender: Contender,
  pace: Pace,
  limits: { setting?: Setting | undefined; patienceSeconds?: number } = {},
): Promise<Warm> {
  let firstLoss: number | undefined;
  let last = 0;
  for (let runs = 0, total = 0; runs < 2 || total < pace.warmUpSeconds; runs++) {
    const { seconds, loss } = await contender.run(1, limits);
    if (runs === 0) firstLoss = loss;
    total += seconds;
    last = seconds;
  }
  const count = Math.max(1, Math.ceil(pace.leastSeconds / last));
  return { contender, setting: limits.setting, runSeconds: last, count, firstLoss };
}

/** Seconds of a run, as often as was asked for; fewer with the fault of a contender that has failed. */
export interface Series {
  readonly seconds: readonly number[];
  readonly fault: ContenderFault | undefined;
}

export async function alternate(warm: readonly Warm[], pace: Pace): Promise<Series[]> {
  const series = warm.map(() => ({
    seconds: [] as number[],
    fault: undefined as ContenderFault | undefined,
  }));
  for (let round = 0; round < pace.repeats; round++) {
    for (const [i, { contender, setting, count }] of warm.entries()) {
      const { seconds, fault } = series[i]!;
      if (fault) continue;
      await sleep(pace.pauseMs);
      try {
        seconds.push((await contender.run(count, { setting })).seconds / count);
      } catch (error) {
        if (!(error instanceof ContenderFault)) throw error;
        series[i]!.fault = error;
      }
    }
  }
  return series;
}
