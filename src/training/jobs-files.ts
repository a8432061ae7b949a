/**
 * The files of a job: a folder each, beside the store, with a copy of all that the training reads, so that nothing
 * that changes elsewhere changes it. Paths in a job are relative to its folder, which may be moved.
 */
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { CHECKPOINT_SUFFIX } from '../store/checkpoints.ts';
import { makeFolder, readBytes, syncFolder, writeFileAtomic } from '../store/files.ts';
import type { JobRow } from '../store/jobs.ts';
import type { TrainingJob } from './job.ts';
import type { JobOrder } from './jobs-api.ts';
import { orderOf, settingsOf } from './jobs-record.ts';

export const TEXT_FILE = 'input.txt';
const REPLAY = 'replay.txt';
const BASE_FOLDER = 'base';
const CHECKPOINT = `model${CHECKPOINT_SUFFIX}`;

/** Most of the work that a crash can cost. */
const SAVE_EVERY_SECONDS = 30;

export class JobFiles {
  readonly root: string;
  /** What is being written and has no row yet. */
  readonly #begun = new Set<string>();

  /** @param root folder of the jobs' folders */
  constructor(root: string) {
    this.root = root;
  }

  folder(name: string): string {
    return path.join(this.root, name);
  }

  /**
   * Writes what a job reads into a new folder, and gives its name to `record` before that can be swept. Throws a
   * `UserError` where it cannot be written; nothing is left then.
   */
  async write<T>(order: JobOrder, record: (folder: string, baseFile: string | null) => T): Promise<T> {
    const name = randomBytes(8).toString('hex');
    const folder = this.folder(name);
    this.#begun.add(name);
    try {
      await makeFolder(folder);
      await writeFileAtomic(path.join(folder, TEXT_FILE), order.text.bytes);
      if (order.replayFile !== null) await copy(order.replayFile, path.join(folder, REPLAY));
      const baseFile = order.base && path.join(BASE_FOLDER, path.basename(order.base.file));
      if (order.base && baseFile) await copy(order.base.file, path.join(folder, baseFile));
      await syncFolder(this.root);
      return record(name, baseFile);
    } catch (error) {
      await this.remove(name);
      throw error;
    } finally {
      this.#begun.delete(name);
    }
  }

  /** The checkpoint that a training makes. */
  checkpoint({ folder }: JobRow): string {
    return path.join(this.folder(folder), CHECKPOINT);
  }

  /** Leaves the checkpoint alone: the text is private, the state large. */
  async keepCheckpoint({ folder }: JobRow): Promise<void> {
    const names = await readdir(this.folder(folder));
    const others = names.filter((name) => name !== CHECKPOINT);
    await Promise.all(others.map((name) => removeAll(path.join(this.folder(folder), name))));
  }

  remove(folder: string): Promise<void> {
    return removeAll(this.folder(folder));
  }

  /** Removes the folders that no job needs. */
  async sweep(needed: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.root);
    const left = names.filter((name) => !needed.has(name) && !this.#begun.has(name));
    await Promise.all(left.map((name) => this.remove(name)));
  }
}

const removeAll = (file: string): Promise<void> => rm(file, { recursive: true, force: true, maxRetries: 3 });

async function copy(from: string, to: string): Promise<void> {
  await makeFolder(path.dirname(to));
  await writeFileAtomic(to, await readBytes(from));
}

/** The run as the child gets it. Throws where the order does not fit this program any more. */
export function trainingJob(
  row: JobRow,
  {
    maxBytes,
    saveEvery = SAVE_EVERY_SECONDS,
  }: Pick<TrainingJob, 'maxBytes'> & { readonly saveEvery?: number | undefined },
): TrainingJob {
  const { textName, baseFile, replays } = orderOf(row);
  return {
    data: TEXT_FILE,
    name: path.parse(textName).name || TEXT_FILE,
    settings: settingsOf(row),
    checkpoint: CHECKPOINT,
    dtype: 'float32',
    initFrom: baseFile,
    ...(replays ? { replayData: REPLAY } : {}),
    resume: 'if-possible',
    maxBytes,
    saveEvery,
  };
}

/** Bytes that saving takes: the state (weights and two moments) and the checkpoint, each beside an older one. */
export const savingBytes = (parameters: number): number => 4 * (3 + 1) * parameters + 2 ** 20;
