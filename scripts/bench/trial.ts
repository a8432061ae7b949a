/** Which setting of a peer is its fastest for a work: all are tried before one takes part. */
import { alternate, type Pace, type Warm, warmUp } from './compare.ts';
import { Contender, ContenderFault } from './contender.ts';
import { type Entrant, enter, prepareOrClose, type Ready } from './entrants.ts';
import type { Setting, Work } from './protocol.ts';

export interface Trial {
  readonly command: string;
  readonly setting: Setting;
  /** Milliseconds of the least disturbed run; null where there was none. */
  readonly min_ms: number | null;
  readonly reason?: string;
}

/** A setting that is so much slower than another when both are warm is not tried any further. */
const HOPELESS = 3;
/** A program that takes so much longer for a run is given up, with all its settings. */
const LOST = { times: 10, leastSeconds: 20, mostSeconds: 120 };
const TRIAL_REPEATS = 3;

/** One process for each program, which takes one setting after the other. */
interface Candidate {
  readonly entrant: Entrant;
  readonly contender: Contender;
}

/**
 * The fastest of several settings of a peer for a work, in a process that has known no other, and what each came
 * to; they too are measured in turn. Throws a `ContenderFault` with every reason where none can enter.
 */
export async function enterBest(
  entrants: readonly Entrant[],
  work: Work,
  pace: Pace,
): Promise<{ ready: Ready; trials: Trial[] }> {
  if (entrants.length === 1) return { ready: await enter(entrants[0]!, work), trials: [] };
  const trials: Trial[] = [];
  const candidates = await startPrograms(entrants, work, trials);
  try {
    await tryAll(candidates, pace, trials);
  } finally {
    await Promise.all([...new Set(candidates.map(({ contender }) => contender))].map((one) => one.close()));
  }
  const possible = trials.filter(({ min_ms, reason }) => min_ms !== null && reason === undefined);
  const best = possible.toSorted((a, b) => a.min_ms! - b.min_ms!)[0];
  if (!best) {
    const reasons = trials.map(({ command, reason }) => `${command}: ${reason}`);
    throw new ContenderFault([...new Set(reasons)].join('; '));
  }
  const entrant = entrants.find(
    ({ command, setting }) => command[0] === best.command && setting === best.setting,
  )!;
  return { ready: await enter(entrant, work), trials };
}

/** Of several names of one program, the first alone. */
async function startPrograms(
  entrants: readonly Entrant[],
  work: Work,
  trials: Trial[],
): Promise<Candidate[]> {
  const seen = new Set<string | undefined>();
  const candidates: Candidate[] = [];
  for (const command of new Set(entrants.map((entrant) => entrant.command))) {
    const group = entrants.filter((entrant) => entrant.command === command);
    const { name, setting } = group[0]!;
    try {
      const contender = await Contender.start(name, command);
      if (seen.has(contender.about.executable)) {
        await contender.close();
        continue;
      }
      seen.add(contender.about.executable);
      await prepareOrClose(contender, work, setting);
      candidates.push(...group.map((entrant) => ({ entrant, contender })));
    } catch (error) {
      if (!(error instanceof ContenderFault)) throw error;
      trials.push({ command: command[0]!, setting, min_ms: null, reason: error.message });
    }
  }
  return candidates;
}

/** Measures the candidates in turn and writes what they came to into `trials`. */
async function tryAll(candidates: readonly Candidate[], pace: Pace, trials: Trial[]): Promise<void> {
  const warm: { entrant: Entrant; warm: Warm }[] = [];
  const put = ({ command, setting }: Entrant, min: number | null, reason?: string) =>
    void trials.push({
      command: command[0]!,
      setting,
      min_ms: min === null ? null : min * 1000,
      ...(reason === undefined ? {} : { reason }),
    });
  let fastest = Number.POSITIVE_INFINITY;
  for (const { entrant, contender } of candidates) {
    const patienceSeconds = Math.min(LOST.mostSeconds, Math.max(LOST.leastSeconds, LOST.times * fastest));
    try {
      const one = await warmUp(contender, pace, { setting: entrant.setting, patienceSeconds });
      warm.push({ entrant, warm: one });
      fastest = Math.min(fastest, one.runSeconds);
    } catch (error) {
      if (!(error instanceof ContenderFault)) throw error;
      put(entrant, null, error.message);
    }
  }
  const isHopeful = ({ warm: { runSeconds } }: { warm: Warm }) => runSeconds <= HOPELESS * fastest;
  for (const { entrant, warm: one } of warm.filter((one) => !isHopeful(one))) put(entrant, one.runSeconds);
  const hopeful = warm.filter(isHopeful);
  const series = await alternate(
    hopeful.map((one) => one.warm),
    { ...pace, repeats: TRIAL_REPEATS },
  );
  for (const [i, { seconds, fault }] of series.entries()) {
    put(hopeful[i]!.entrant, seconds.length > 0 ? Math.min(...seconds) : null, fault?.message);
  }
}
