/** What a person waits for, and what the bot costs its host. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { MODELS_DIR } from '../../src/paths.ts';
import { describeCheckpoint, saveCheckpoint } from '../../src/store/checkpoints.ts';
import { type BesideTraining, measureBesideTraining } from './beside-training.ts';
import { createHome, type FirstLyric, firstLyric, type IdleMemory, idleMemory } from './bot.ts';
import { randomCheckpoint } from './checkpoint.ts';
import type { Entrant } from './entrants.ts';
import type { Figure, Row } from './figure.ts';
import { median } from './statistics.ts';
import { networkOf, type Shape } from './work.ts';

export interface StartFigures {
  /** What was sung with. */
  readonly checkpoint: string;
  /** Characters of a lyric. */
  readonly length: number;
  readonly first_lyric: { readonly median: FirstLyric; readonly all: readonly FirstLyric[] };
  readonly idle_memory: IdleMemory | null;
  readonly beside_training: BesideTraining;
  readonly training_memory: TrainingMemory | null;
}

export interface TrainingMemory {
  readonly ours_mb: number;
  /** Of the fastest setting; null where there is no PyTorch. */
  readonly pytorch_mb: number | null;
  /** PyTorch's over ours. */
  readonly ratio: number | null;
}

export interface StartOptions {
  readonly shape: Shape;
  readonly model: string | undefined;
  readonly threads: number;
  readonly length: number;
  readonly repeats: number;
  /** Lyrics of a turn beside a training. */
  readonly lyrics: number;
  readonly entrant: Entrant;
  /** Of the same shape: the peak memory of its contenders is what counts here. */
  readonly training: Figure;
}

export async function measureStart(options: StartOptions): Promise<StartFigures> {
  const { shape, length, repeats } = options;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bench-start-'));
  try {
    const checkpoint = await checkpointFile(options.model, shape, folder);
    const home = await createHome(checkpoint.file);
    const all: FirstLyric[] = [];
    for (let i = 0; i < repeats; i++) all.push(await firstLyric(home, length));
    const idle = await idleMemory(home, length);
    await home.remove();
    return {
      checkpoint: checkpoint.name,
      length,
      first_lyric: { median: medians(all), all },
      idle_memory: idle ?? null,
      beside_training: await measureBesideTraining({ ...options, turns: 2 }),
      training_memory: trainingMemory(options.training),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The one that was named, the shipped one, or one of random weights. */
async function checkpointFile(named: string | undefined, shape: Shape, folder: string) {
  const shipped = path.join(MODELS_DIR, 'ballad.safetensors');
  const file = named ?? (existsSync(shipped) ? shipped : undefined);
  if (file !== undefined) {
    const info = await describeCheckpoint(file);
    if ('fault' in info) throw info.fault;
    const { cell, numLayers, rnnSize } = info.header.spec;
    return { file, name: `${info.name}, ${cell.toUpperCase()} ${numLayers} x ${rnnSize}` };
  }
  const random = path.join(folder, 'random.safetensors');
  await saveCheckpoint(random, randomCheckpoint(networkOf(shape), 1));
  return {
    file: random,
    name: `random weights, ${shape.cell.toUpperCase()} ${shape.numLayers} x ${shape.rnnSize}`,
  };
}

const medians = (all: readonly FirstLyric[]): FirstLyric => ({
  first_character_ms: median(all.map(({ first_character_ms }) => first_character_ms)),
  lyric_ms: median(all.map(({ lyric_ms }) => lyric_ms)),
  exit_ms: median(all.map(({ exit_ms }) => exit_ms)),
});

/** Ours at the most threads against PyTorch. */
export function trainingMemory({ rows }: Figure): TrainingMemory | null {
  const peak = (row: Row | undefined) => row?.peak_memory_mb ?? null;
  const ours = peak(rows.findLast((row) => row.ours));
  const pytorch = peak(rows.find(({ name }) => name === 'PyTorch'));
  if (ours === null) return null;
  return { ours_mb: ours, pytorch_mb: pytorch, ratio: pytorch === null ? null : pytorch / ours };
}
