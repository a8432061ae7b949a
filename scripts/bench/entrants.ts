/** Who takes part: this project at its settings, and the peers that this machine has. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../src/paths.ts';
import { alternate, type Pace, type Warm, warmUp } from './compare.ts';
import { Contender, ContenderFault } from './contender.ts';
import type { Setting, Work } from './protocol.ts';

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
  /** Milliseconds of the least disturbed run; null where there was none. */
  readonly min_ms: number | null;
  readonly reason?: string;
}

/** A setting that is so much slower than another when both are warm is not tried any further. */
const HOPELESS = 3;
/** Of a single run: with more threads than free cores, some libraries never come to an end. */
const PATIENCE_SECONDS = 60;
const TRIAL_REPEATS = 3;

/**
 * The fastest of several settings of a peer for a work, with what each came to; they too are measured in turn.
 * Throws a `ContenderFault` with every reason where none can enter.
 */
export async function enterBest(
  entrants: readonly Entrant[],
  work: Work,
  pace: Pace,
): Promise<{ ready: Ready; trials: Trial[] }> {
  if (entrants.length === 1) return { ready: await enter(entrants[0]!, work), trials: [] };
  const trials: Trial[] = [];
  const entered = await enterAll(entrants, work, trials);
  const warm = await warmUpAll(entered, pace, trials);
  const fastest = Math.min(...warm.map(({ runSeconds }) => runSeconds));
  const hopeful = warm.filter(({ runSeconds }) => runSeconds <= HOPELESS * fastest);
  const series = await alternate(hopeful, { ...pace, repeats: TRIAL_REPEATS });
  let best: Ready | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const { contender, runSeconds, firstLoss } of warm) {
    const ready = entered.find((one) => one.contender === contender)!;
    const { seconds = [], fault } = series[hopeful.findIndex((one) => one.contender === contender)] ?? {};
    const min = Math.min(...(seconds.length > 0 ? seconds : [runSeconds]));
    const reason = fault?.message;
    trials.push({ details: ready.details, min_ms: min * 1000, ...(reason === undefined ? {} : { reason }) });
    if (fault || min >= least) continue;
    best = { ...ready, firstLoss };
    least = min;
  }
  await Promise.all(entered.map(({ contender }) => contender !== best?.contender && contender.close()));
  if (best) return { ready: best, trials };
  throw new ContenderFault(trials.map(({ details, reason }) => `${details}: ${reason}`).join('; '));
}

/** Those that can enter; of several names of one program, the first alone. */
async function enterAll(entrants: readonly Entrant[], work: Work, failed: Trial[]): Promise<Ready[]> {
  const settled = await Promise.allSettled(entrants.map((entrant) => enter(entrant, work)));
  const entered = new Map<string, Ready>();
  for (const [i, result] of settled.entries()) {
    const { command, setting } = entrants[i]!;
    if (result.status === 'rejected') {
      if (!(result.reason instanceof ContenderFault)) throw result.reason;
      failed.push({
        details: `${command[0]}, ${setting.threads} threads`,
        min_ms: null,
        reason: result.reason.message,
      });
      continue;
    }
    const { contender } = result.value;
    const identity = `${contender.about.executable} ${setting.threads}`;
    if (entered.has(identity)) await contender.close();
    else entered.set(identity, result.value);
  }
  return [...entered.values()];
}

async function warmUpAll(entered: readonly Ready[], pace: Pace, failed: Trial[]): Promise<Warm[]> {
  const warm: Warm[] = [];
  for (const { contender, details } of entered) {
    try {
      warm.push(await warmUp(contender, pace, PATIENCE_SECONDS));
    } catch (error) {
      if (!(error instanceof ContenderFault)) throw error;
      failed.push({ details, min_ms: null, reason: error.message });
    }
  }
  return warm;
}
