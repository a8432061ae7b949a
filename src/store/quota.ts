/** How much room the models of a place take, and may take. */
import { stat } from 'node:fs/promises';
import { systemCode, UserError } from '../errors.ts';
import type { Library } from './library.ts';
import { isOwnersPlace, type Place } from './places.ts';
import { keptVersions, modelFile } from './versions.ts';

/** What a place may have of its own. The owner's may have any number. */
export interface Quota {
  readonly models: number;
  /** Of all its files, earlier versions included. */
  readonly bytes: number;
  /** Of a file that is brought in from elsewhere; the owner's too. */
  readonly fileBytes: number;
}

export interface Usage {
  readonly models: number;
  readonly bytes: number;
}

/** What a place has of its own. */
export async function usageOf(library: Library, place: Place): Promise<Usage> {
  const folder = library.folderOf(place);
  const names = await library.ownNames(place);
  const sizes = await Promise.all(
    names.map(async (name) => {
      const [standing, kept] = await Promise.all([
        sizeOf(modelFile(folder, name)),
        keptVersions(folder, name),
      ]);
      return kept.reduce((sum, { bytes }) => sum + bytes, standing);
    }),
  );
  return { models: names.length, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0) };
}

/** None of what is gone since its name was read: somebody deletes or renames it at this moment. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** Throws a `UserError` where a place has no room for a model of that name with so many bytes more. */
export async function assertRoom(
  { quota, library }: { readonly quota: Quota; readonly library: Library },
  place: Place,
  name: string,
  bytes: number,
): Promise<void> {
  if (isOwnersPlace(place)) return;
  const [used, names] = await Promise.all([usageOf(library, place), library.ownNames(place)]);
  if (!names.includes(name) && used.models >= quota.models) {
    throw new UserError('quotaModels', { used: used.models, most: quota.models });
  }
  if (used.bytes + bytes > quota.bytes) {
    throw new UserError('quotaBytes', { used: used.bytes + bytes, most: quota.bytes });
  }
}
