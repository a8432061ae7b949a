/** Who takes part: this project at its settings, and the peers that this machine has. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../src/paths.ts';
import { Contender } from './contender.ts';
import type { Prepared, Setting, Work } from './protocol.ts';

export const PEERS = ['pytorch', 'tfjs', 'tensorflow'] as const;
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

/** The `tensorflow` engine: a peer of the `wasm` engine, which is missing where its addon is not built. */
export const tensorflowEntrant = (threads: number): Entrant => ({
  name: 'tensorflow engine',
  ours: false,
  command: nodeCommand('./balladeer.js'),
  setting: { engine: 'tensorflow', threads },
});

const PYTORCH_SCRIPT = path.join(ROOT, 'scripts', 'bench', 'pytorch.py');

/**
 * PyTorch in each Python, with and without oneDNN, at 1 thread and at `mostThreads`; libraries below it may use
 * `mostThreads`.
 */
export function pytorchEntrants(pythons: readonly string[], mostThreads: number): Entrant[] {
  const settings = [...new Set([mostThreads, 1])].flatMap((threads) =>
    [true, false].map((onednn) => ({ threads, onednn })),
  );
  return pythons.flatMap((python) => {
    const command = [python, PYTORCH_SCRIPT, String(mostThreads)];
    return settings.map((setting) => ({ name: 'PyTorch', ours: false, command, setting }));
  });
}

/** A contender that is set up for a work. */
export interface Ready {
  readonly entrant: Entrant;
  readonly contender: Contender;
  readonly details: string;
  /** Ours: what the product kernel reached on one thread. */
  readonly gigaflops?: number | undefined;
}

/** Starts an entrant and has it set up the work. Throws a `ContenderFault` where it cannot. */
export async function enter(entrant: Entrant, work: Work): Promise<Ready> {
  const contender = await Contender.start(entrant.name, entrant.command);
  return { entrant, contender, ...(await prepareOrClose(contender, work, entrant.setting)) };
}

/** Throws the contender's fault after it was closed. */
export async function prepareOrClose(contender: Contender, work: Work, setting: Setting): Promise<Prepared> {
  try {
    return await contender.prepare(work, setting);
  } catch (error) {
    await contender.close();
    throw error;
  }
}
