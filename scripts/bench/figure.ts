/** One figure: a work, done by us and by the peers in turn. */
import { alternate, type Pace, type Warm, warmUp } from './compare.ts';
import { ContenderFault } from './contender.ts';
import { type Entrant, enter, enterBest, type Ready, type Trial } from './entrants.ts';
import type { Work } from './protocol.ts';
import { median, pairRatio, type Ratio } from './statistics.ts';

export interface Row {
  readonly name: string;
  readonly ours: boolean;
  readonly details: string;
  /** Milliseconds of a training step, or of all lyrics. */
  readonly median_ms: number;
  readonly min_ms: number;
  readonly chars_per_second: number;
  /** The most memory of its process so far; null outside Linux. */
  readonly peak_memory_mb: number | null;
  /** Training: loss before anything was learnt, in nats per character; alike where all do the same work. */
  readonly first_loss?: number;
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

/** Measures a work. A peer that fails is listed with the reason; that ours fails is a defect, and thrown. */
export async function measure(
  { title, work }: { readonly title: string; readonly work: Work },
  lists: Lists,
  pace: Pace,
): Promise<Figure> {
  const missing: { name: string; reason: string }[] = [];
  const orMissing = async <T>(name: string, entering: Promise<T>): Promise<T | undefined> => {
    try {
      return await entering;
    } catch (error) {
      if (!(error instanceof ContenderFault)) throw error;
      missing.push({ name, reason: error.message });
      return undefined;
    }
  };
  const readies: Ready[] = [];
  try {
    const pytorch =
      lists.pytorch.length > 0 ? await orMissing('PyTorch', enterBest(lists.pytorch, work, pace)) : undefined;
    if (pytorch) readies.push(pytorch.ready);
    for (const entrant of lists.ours) readies.push(await enter(entrant, work));
    readies.sort((a, b) => Number(b.entrant.ours) - Number(a.entrant.ours));
    for (const entrant of lists.peers) {
      const ready = await orMissing(entrant.name, enter(entrant, work));
      if (ready) readies.push(ready);
    }
    const warm: Warm[] = [];
    for (const { contender } of readies) warm.push(await warmUp(contender, pace));
    const series = await alternate(warm, pace);
    const characters = charactersOf(work);
    const rows: Row[] = [];
    for (const [i, ready] of readies.entries()) {
      rows.push(await rowOf(ready, warm[i]!, series[i]!, characters));
    }
    const ratios = ratiosOf(readies, series);
    return { figure: work.kind, title, characters, rows, ratios, missing, trials: pytorch?.trials ?? [] };
  } finally {
    await Promise.all(readies.map(({ contender }) => contender.close()));
  }
}

export const charactersOf = (work: Work): number =>
  work.kind === 'training' ? work.batchSize * work.seqLength : work.lyrics * work.length;

async function rowOf(
  { entrant, contender, details, firstLoss }: Ready,
  warm: Warm,
  seconds: readonly number[],
  characters: number,
): Promise<Row> {
  const first = firstLoss ?? warm.firstLoss;
  const { peak } = await contender.memory();
  const typical = median(seconds);
  return {
    name: entrant.name,
    ours: entrant.ours,
    details,
    median_ms: typical * 1000,
    min_ms: Math.min(...seconds) * 1000,
    chars_per_second: characters / typical,
    peak_memory_mb: peak === null ? null : peak / 1e6,
    ...(first === undefined ? {} : { first_loss: first }),
    all_ms: seconds.map((value) => value * 1000),
  };
}

function ratiosOf(readies: readonly Ready[], series: readonly number[][]): PairRatio[] {
  const indexed = readies.map(({ entrant }, i) => ({
    name: entrant.name,
    ours: entrant.ours,
    series: series[i]!,
  }));
  return indexed
    .filter(({ ours }) => ours)
    .flatMap((ours) =>
      indexed
        .filter((peer) => !peer.ours)
        .map((peer) => ({
          ours: ours.name,
          peer: peer.name,
          ...pairRatio(peer.series, ours.series),
        })),
    );
}
