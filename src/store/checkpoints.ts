/** Checkpoints on disk: one `.safetensors` file each, written in whole or not at all. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode, UserError } from '../errors.ts';
import {
  type Checkpoint,
  decodeCheckpointGently,
  decodeCheckpointHeader,
  encodeCheckpoint,
} from '../model/checkpoint.ts';
import type { CheckpointHeader } from '../model/checkpoint-metadata.ts';
import { type Dtype, HEADER_LENGTH_BYTES, headerEnd } from '../model/safetensors.ts';
import { makeFolder, readBytes, readStart, writeFileAtomic } from './files.ts';

export const CHECKPOINT_SUFFIX = '.safetensors';

/** A file in a folder of checkpoints: what its header says, or why it cannot be used. */
export type CheckpointInfo = {
  /** The file's name without folder and suffix: what people call the model. */
  readonly name: string;
  readonly file: string;
} & (
  | { readonly header: CheckpointHeader; readonly fileBytes: number; readonly fault?: undefined }
  | { readonly header?: undefined; readonly fault: UserError }
);

/** Reads a checkpoint. Throws a `UserError` that names the file and what is wrong. */
export async function loadCheckpoint(file: string): Promise<Checkpoint> {
  return decodeCheckpointGently(await readBytes(file), file);
}

/** Writes a checkpoint, making its folder where needed. Throws a `UserError` and keeps the earlier file on failure. */
export async function saveCheckpoint(
  file: string,
  checkpoint: Checkpoint,
  dtype: Dtype = 'float32',
): Promise<void> {
  const bytes = encodeCheckpoint(checkpoint, dtype);
  await makeFolder(path.dirname(file));
  await writeFileAtomic(file, bytes);
}

/** The checkpoints of a folder by name; none where there is no folder. Reads headers alone, so it is quick. */
export async function listCheckpoints(folder: string): Promise<CheckpointInfo[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith(CHECKPOINT_SUFFIX) && !name.startsWith('.')).sort();
  return Promise.all(files.map((name) => describeCheckpoint(path.join(folder, name))));
}

/** What the header of a checkpoint says; a fault is returned, not thrown. */
export async function describeCheckpoint(file: string): Promise<CheckpointInfo> {
  const name = path.basename(file, CHECKPOINT_SUFFIX);
  try {
    return await readStart(file, async (read, fileBytes) => {
      const end = headerEnd(await read(HEADER_LENGTH_BYTES), fileBytes, file);
      return { name, file, fileBytes, header: decodeCheckpointHeader(await read(end), fileBytes, file) };
    });
  } catch (error) {
    if (error instanceof UserError) return { name, file, fault: error };
    throw error;
  }
}
