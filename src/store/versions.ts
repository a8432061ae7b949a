/**
 * One model and the versions that stood under its name before: `<folder>/NAME.safetensors` and
 * `<folder>/.versions/NAME/<number>.safetensors`. Every change is a row of steps of which each leaves all
 * checkpoints there, and the name with one whole file: a process may end between any two, and the same order
 * given again goes on. It knows files of one folder, no places.
 */
import { link, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode, UserError } from '../errors.ts';
import { CHECKPOINT_SUFFIX, describeCheckpoint } from './checkpoints.ts';
import { makeFolder, syncFolder, writeError, writeFileAtomic } from './files.ts';

const VERSIONS = '.versions';
/** Earlier versions that stay. */
const MOST_KEPT = 5;

export interface Version {
  readonly number: number;
  readonly file: string;
  readonly bytes: number;
}

export const modelFile = (folder: string, name: string): string =>
  path.join(folder, `${name}${CHECKPOINT_SUFFIX}`);

/** The versions that stood there before and are still there, the oldest first. */
export async function keptVersions(folder: string, name: string): Promise<Version[]> {
  const below = versionsFolder(folder, name);
  const names = await readdir(below).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  const kept = names.flatMap((entry) => {
    const [, digits] = /^(\d{1,9})\.safetensors$/.exec(entry) ?? [];
    return digits === undefined ? [] : [{ number: Number(digits), file: path.join(below, entry) }];
  });
  const sized = await Promise.all(
    kept.map(async (one) => {
      // Gone since: somebody publishes at this moment.
      const status = await statOf(one.file);
      return status ? [{ ...one, bytes: Number(status.size) }] : [];
    }),
  );
  return sized.flat().sort((a, b) => a.number - b.number);
}

/** The number of the version that stands under the name; undefined where none does. */
export async function currentNumber(folder: string, name: string): Promise<number | undefined> {
  return (await standing(folder, name))?.number;
}

/** The bytes of a checkpoint, given its number and that of the version which it replaces. */
type Encode = (version: number, replaces: number | null) => Promise<Uint8Array>;

/**
 * Puts a checkpoint under a name. What stood there becomes a kept version; the oldest of more than a few go.
 */
export async function replaceModel(folder: string, name: string, encode: Encode): Promise<number> {
  await makeFolder(folder);
  const current = await currentNumber(folder, name);
  const numbers = (await keptVersions(folder, name)).map(({ number }) => number);
  const number = Math.max(0, ...numbers, current ?? 0) + 1;
  // Before anything is changed: it may throw.
  const bytes = await encode(number, current ?? null);
  await keepCurrent(folder, name);
  await writeFileAtomic(modelFile(folder, name), bytes);
  await prune(folder, name, current);
  return number;
}

/** Keeps a checkpoint among the versions of a name, for people to go to: what stands there stays. As `replaceModel`. */
export async function addVersion(folder: string, name: string, encode: Encode): Promise<number> {
  const current = await standing(folder, name);
  const numbers = (await keptVersions(folder, name)).map(({ number }) => number);
  const number = Math.max(0, ...numbers, current?.number ?? 0) + 1;
  const bytes = await encode(number, current?.number ?? null);
  const below = versionsFolder(folder, name);
  await makeFolder(below);
  await writeFileAtomic(path.join(below, `${number}${CHECKPOINT_SUFFIX}`), bytes);
  await prune(folder, name, current?.replaces ?? undefined);
  return number;
}

/** Removes the oldest of too many versions, but not the one that the standing one leads back to. */
async function prune(folder: string, name: string, parent: number | undefined): Promise<void> {
  const kept = (await keptVersions(folder, name)).filter(({ number }) => number !== parent);
  for (const { file } of kept.slice(0, Math.max(0, kept.length - (MOST_KEPT - 1)))) {
    await rm(file, { force: true });
  }
}

/** The version that the standing one replaced, where it is kept; else the last before it. */
export async function versionBefore(folder: string, name: string): Promise<Version | undefined> {
  const current = await standing(folder, name);
  if (!current) return undefined;
  const kept = await keptVersions(folder, name);
  const replaced = kept.find(({ number }) => number === current.replaces);
  return replaced ?? kept.filter(({ number }) => number < current.number).at(-1);
}

/** Puts a kept version back under the name; what stood there is kept in its turn. */
export async function restoreVersion(folder: string, name: string, version: Version): Promise<void> {
  await keepCurrent(folder, name);
  await rename(version.file, modelFile(folder, name));
  await syncFolder(folder);
}

/**
 * Gives a model and its versions another name. `whileBoth` runs while it has both names.
 * Throws `modelExists` where another model has it.
 */
export async function renameModel(
  folder: string,
  from: string,
  to: string,
  whileBoth: () => Promise<void>,
): Promise<void> {
  const [source, target] = [modelFile(folder, from), modelFile(folder, to)];
  // The same file where an earlier process ended in between.
  if (!(await isSameFile(source, target))) await addName(source, target).catch(existsAs(to));
  await whileBoth();
  const below = versionsFolder(folder, from);
  if (await exists(below)) {
    // Of a model that is gone.
    await rm(versionsFolder(folder, to), { recursive: true, force: true });
    await rename(below, versionsFolder(folder, to));
  }
  await rm(source);
  await syncFolder(folder);
}

/** Removes a model, its earlier versions first. */
export async function removeModel(folder: string, name: string): Promise<void> {
  await rm(versionsFolder(folder, name), { recursive: true, force: true });
  await rm(modelFile(folder, name), { force: true });
  await syncFolder(folder);
}

const versionsFolder = (folder: string, name: string): string => path.join(folder, VERSIONS, name);

/** What stands under a name, with its number: as it says itself, if no kept version has that. */
async function standing(
  folder: string,
  name: string,
): Promise<{ readonly number: number; readonly replaces: number | null } | undefined> {
  const file = modelFile(folder, name);
  if (!(await exists(file))) return undefined;
  const kept = await keptVersions(folder, name);
  const training = (await describeCheckpoint(file)).header?.training;
  const replaces = training?.replaces ?? null;
  // An earlier process ended between keeping it and replacing it.
  for (const one of kept) if (await isSame(one.file, file)) return { number: one.number, replaces };
  const own = training?.version;
  const isFree = own !== undefined && kept.every(({ number }) => number !== own);
  return { number: isFree ? own : (kept.at(-1)?.number ?? 0) + 1, replaces };
}

/** Gives what stands under a name a second one among the versions; returns its number. */
async function keepCurrent(folder: string, name: string): Promise<number | undefined> {
  const current = await standing(folder, name);
  if (!current) return undefined;
  const below = versionsFolder(folder, name);
  await makeFolder(below);
  const target = path.join(below, `${current.number}${CHECKPOINT_SUFFIX}`);
  if (!(await exists(target))) await addName(modelFile(folder, name), target);
  return current.number;
}

/** A second name for a file, or a copy where the file system has no such thing. Rejects where the name is taken. */
async function addName(file: string, target: string): Promise<void> {
  try {
    await link(file, target);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemCode(error) ?? '')) {
      throw systemCode(error) === 'EEXIST' ? error : writeError(error, target);
    }
    if (await exists(target)) throw Object.assign(new Error(`${target} exists`), { code: 'EEXIST' });
    await writeFileAtomic(target, await readFile(file));
  }
  await syncFolder(path.dirname(target));
}

/** Whether two names are of one file. */
async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([statOf(a), statOf(b)]);
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

/** Whether two names are of the same content. */
async function isSame(a: string, b: string): Promise<boolean> {
  if (await isSameFile(a, b)) return true;
  const [one, other] = await Promise.all([statOf(a), statOf(b)]);
  if (one === undefined || one.size !== other?.size) return false;
  return Buffer.compare(await readFile(a), await readFile(b)) === 0;
}

const exists = async (file: string): Promise<boolean> => (await statOf(file)) !== undefined;

async function statOf(file: string) {
  try {
    return await stat(file, { bigint: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const existsAs = (model: string) => (error: unknown) => {
  throw systemCode(error) === 'EEXIST' ? new UserError('modelExists', { model }) : error;
};
