/** One figure: a work, done by us and by the peers in turn. */
import { alternate, type Pace, type Warm, warmUp } from './compare.ts';
import { ContenderFault } from './contender.ts';
import { type Entrant, enter, type Ready } from './entrants.ts';
import type { Setting, SpeedWork, Work } from './protocol.ts';
import { median, pairRatio, type Ratio } from './statistics.ts';
import { enterBest, type Trial } from './trial.ts';

export interface Row {
  readonly name: string;
  readonly ours: boolean;
  readonly command: readonly string[];
  readonly setting: Setting;
  readonly details: string;
  /** Milliseconds of a training step, or of all lyrics. */
  readonly median_ms: number;
  readonly min_ms: number;
  readonly chars_per_second: number;
  /** The most memory of its process so far; null outside Linux. */
  readonly peak_memory_mb: number | null;
  /** Training: loss before anything was learnt, in nats per character; alike where all do the same work. */
  readonly first_loss?: number;
  /** Ours: what the product kernel reached on one thread when its build was chosen. */
  readonly kernel_gigaflops?: number;
  readonly all_ms: readonly number[];
}

export interface PairRatio extends Ratio {
  /** Speed of `ours` over that of `peer`, measured next to one another. */
  readonly ours: string;
  readonly peer: string;
}

export interface Figure {
  readonly figure: 'training' | 'sampling';
  readonly title: string;
  /** Characters of a run. */
  readonly characters: number;
  readonly rows: readonly Row[];
  readonly ratios: readonly PairRatio[];
  /** Peers that could not take part. */
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
  /** PyTorch's settings that were tried for this work; the fastest takes part. */
  readonly trials: readonly Trial[];
}

export interface Lists {
  readonly ours: readonly Entrant[];
  readonly peers: readonly Entrant[];
  /** Settings of PyTorch, the best of which takes part; empty: it is not asked for. */
  readonly pytorch: readonly Entrant[];
}

interface Measured {
  readonly ready: Ready;
  readonly warm: Warm;
  readonly seconds: readonly number[];
}

/** Measures a work. A peer that fails is listed with the reason; that ours fails is a defect, and thrown. */
export async function measure(
  { title, work }: { readonly title: string; readonly work: SpeedWork },
  lists: Lists,
  pace: Pace,
): Promise<Figure> {
  const absent = new Absent();
  const readies: Ready[] = [];
  try {
    const trials = await enterEach(work, lists, pace, { readies, absent });
    const measured = await measureEach(readies, pace, absent);
    const characters = charactersOf(work);
    const rows: Row[] = [];
    for (const one of measured) rows.push(await rowOf(one, characters));
    const ratios = ratiosOf(measured);
    return { figure: work.kind, title, characters, rows, ratios, missing: absent.list, trials };
  } finally {
    await Promise.all(readies.map(({ contender }) => contender.close()));
  }
}

/** Peers that cannot take part, or not any more. */
export class Absent {
  readonly list: { name: string; reason: string }[] = [];

  /** What `work` gives; undefined where it was a peer's and failed. */
  async unless<T>({ name, ours }: Pick<Entrant, 'name' | 'ours'>, work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (ours || !(error instanceof ContenderFault)) throw error;
      this.list.push({ name, reason: error.message });
      return undefined;
    }
  }
}

/** Puts all who can take part into `readies`, ours first: whoever is there is closed whatever happens next. */
export async function enterEach(
  work: Work,
  { ours, peers, pytorch }: Lists,
  pace: Pace,
  { readies, absent }: { readonly readies: Ready[]; readonly absent: Absent },
): Promise<Trial[]> {
  const best = pytorch[0] && (await absent.unless(pytorch[0], enterBest(pytorch, work, pace)));
  if (best) readies.push(best.ready);
  for (const entrant of [...ours, ...peers]) {
    const ready = await absent.unless(entrant, enter(entrant, work));
    if (ready) readies.push(ready);
  }
  readies.sort((a, b) => Number(b.entrant.ours) - Number(a.entrant.ours));
  return best?.trials ?? [];
}

async function measureEach(readies: readonly Ready[], pace: Pace, absent: Absent): Promise<Measured[]> {
  const warm: { ready: Ready; warm: Warm }[] = [];
  for (const ready of readies) {
    const one = await absent.unless(ready.entrant, warmUp(ready.contender, pace));
    if (one) warm.push({ ready, warm: one });
  }
  const series = await alternate(
    warm.map((one) => one.warm),
    pace,
  );
  const measured: Measured[] = [];
  for (const [i, { seconds, fault }] of series.entries()) {
    if (fault) await absent.unless(warm[i]!.ready.entrant, Promise.reject(fault));
    else measured.push({ ...warm[i]!, seconds });
  }
  return measured;
}

export const charactersOf = (work: SpeedWork): number =>
  work.kind === 'training' ? work.batchSize * work.seqLength : work.lyrics * work.length;

async function rowOf({ ready, warm, seconds }: Measured, characters: number): Promise<Row> {
  const { entrant, contender, details } = ready;
  const { peak } = await contender.memory();
  const typical = median(seconds);
  return {
    name: entrant.name,
    ours: entrant.ours,
    command: entrant.command,
    setting: entrant.setting,
    details,
    median_ms: typical * 1000,
    min_ms: Math.min(...seconds) * 1000,
    chars_per_second: characters / typical,
    peak_memory_mb: peak === null ? null : peak / 1e6,
    ...(warm.firstLoss === undefined ? {} : { first_loss: warm.firstLoss }),
    ...(ready.gigaflops === undefined ? {} : { kernel_gigaflops: ready.gigaflops }),
    all_ms: seconds.map((value) => value * 1000),
  };
}

function ratiosOf(measured: readonly Measured[]): PairRatio[] {
  const [ours, peers] = [true, false].map((side) =>
    measured.filter(({ ready }) => ready.entrant.ours === side),
  );
  return ours!.flatMap((one) =>
    peers!.map((peer) => ({
      ours: one.ready.entrant.name,
      peer: peer.ready.entrant.name,
      ...pairRatio(peer.seconds, one.seconds),
    })),
  );
}
