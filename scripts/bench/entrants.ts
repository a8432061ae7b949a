/** Who takes part: this project at its settings, and the peers that this machine has. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../src/paths.ts';
import { alternate, type Pace, warmUp } from './compare.ts';
import { Contender, ContenderFault } from './contender.ts';
import type { Setting, Work } from './protocol.ts';
import { median } from './statistics.ts';

export const PEERS = ['pytorch', 'tfjs'] as const;
export type Peer = (typeof PEERS)[number];

export interface Entrant {
  readonly name: string;
  readonly ours: boolean;
  readonly command: readonly string[];
  readonly setting: Setting;
}

const nodeCommand = (script: string): string[] => [
  process.execPath,
  ...process.execArgv,
  fileURLToPath(new URL(script, import.meta.url)),
];

export const ourEntrant = (name: string, setting: Setting): Entrant => ({
  name,
  ours: true,
  command: nodeCommand('./balladeer.js'),
  setting,
});

export const tfjsEntrant: Entrant = {
  name: 'tfjs-backend-wasm',
  ours: false,
  command: nodeCommand('./tfjs.js'),
  setting: {},
};

const PYTORCH_SCRIPT = path.join(ROOT, 'scripts', 'bench', 'pytorch.py');

/** PyTorch in each Python, at 1 thread and at `mostThreads`; libraries below it may use `mostThreads`. */
export function pytorchEntrants(pythons: readonly string[], mostThreads: number): Entrant[] {
  return pythons.flatMap((python) =>
    [...new Set([1, mostThreads])].map((threads) => ({
      name: 'PyTorch',
      ours: false,
      command: [python, PYTORCH_SCRIPT, String(mostThreads)],
      setting: { threads },
    })),
  );
}

/** A contender that is set up for a work. */
export interface Ready {
  readonly entrant: Entrant;
  readonly contender: Contender;
  readonly details: string;
  /** Training, where it has worked already: loss of its very first step. */
  readonly firstLoss?: number | undefined;
}

/** Starts an entrant and has it set up the work. Throws a `ContenderFault` where it cannot. */
export async function enter(entrant: Entrant, work: Work): Promise<Ready> {
  const contender = await Contender.start(entrant.name, entrant.command);
  const { details } = await contender.prepare(work, entrant.setting);
  return { entrant, contender, details };
}

export interface Trial {
  readonly details: string;
  /** Milliseconds of a run; null where the setting was given up. */
  readonly median_ms: number | null;
  readonly reason?: string;
}

/** A setting that is so much slower than another is not tried to the end. */
const HOPELESS = 8;
const LEAST_PATIENCE_SECONDS = 10;
const TRIAL_REPEATS = 3;

/**
 * The fastest of several settings of a peer for a work, with what each came to. Throws a `ContenderFault` with
 * every reason where none can enter.
 */
export async function enterBest(
  entrants: readonly Entrant[],
  work: Work,
  pace: Pace,
): Promise<{ ready: Ready; trials: Trial[] }> {
  if (entrants.length === 1) return { ready: await enter(entrants[0]!, work), trials: [] };
  const trials: (Trial & { readonly ready?: Ready })[] = [];
  const seen = new Set<string>();
  for (const entrant of entrants) {
    const fastest = Math.min(...trials.map(({ median_ms }) => median_ms ?? Number.POSITIVE_INFINITY));
    const patience = Math.max(LEAST_PATIENCE_SECONDS, (HOPELESS * fastest) / 1000);
    const label = [entrant.command[0], entrant.setting.threads].join(' ');
    let ready: Ready | undefined;
    try {
      ready = await enter(entrant, work);
      const identity = [ready.contender.about.executable, entrant.setting.threads].join(' ');
      if (seen.has(identity)) {
        await ready.contender.close(); // two names of one Python
        continue;
      }
      seen.add(identity);
      const warm = await warmUp(ready.contender, pace, Number.isFinite(patience) ? patience : undefined);
      const [series] = await alternate([warm], { ...pace, repeats: TRIAL_REPEATS });
      ready = { ...ready, firstLoss: warm.firstLoss };
      trials.push({ details: ready.details, median_ms: median(series!) * 1000, ready });
    } catch (error) {
      if (!(error instanceof ContenderFault)) throw error;
      await ready?.contender.close();
      trials.push({ details: ready?.details ?? label, median_ms: null, reason: error.message });
    }
  }
  const best = trials.filter(({ ready, median_ms }) => ready && median_ms !== null);
  best.sort((a, b) => a.median_ms! - b.median_ms!);
  await Promise.all(best.slice(1).map(({ ready }) => ready!.contender.close()));
  if (!best[0]) {
    const reasons = trials.map(({ details, reason }) => `${details}: ${reason}`);
    throw new ContenderFault([...new Set(reasons)].join('; '));
  }
  return { ready: best[0].ready!, trials: trials.map(({ ready: _, ...trial }) => trial) };
}
