/**
 * Which models there are for a place, by name: its own, and those that belong to all. A model is a checkpoint
 * file: `<folder>/NAME.safetensors` belongs to all, `<folder>/places/<platform>-<id>/NAME.safetensors` to that
 * place, where it comes before one of all that has the same name. It knows files, no networks in memory.
 */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode, UserError } from '../errors.ts';
import { CHECKPOINT_SUFFIX, type CheckpointInfo, describeCheckpoint } from './checkpoints.ts';
import { isOwnersPlace, type Place, placeFolder } from './places.ts';
import type { Settings } from './settings.ts';
import { keptVersions, modelFile } from './versions.ts';

/** The model that is used where none is named, if it is there. */
const USUAL_DEFAULT = 'ballad';
const PLACES = 'places';

export interface LibraryOptions {
  readonly folder: string;
  /** The default of places that have chosen none; without it `ballad`, and without that the newest. */
  readonly defaultName?: string | undefined;
  /** What places have chosen. */
  readonly settings: Settings;
}

/** Whom a model belongs to. */
export type Scope = 'place' | 'all';

export interface ModelFile {
  readonly name: string;
  readonly file: string;
  readonly scope: Scope;
  /** Another after any change of the file. Survives a restart. */
  readonly version: string;
}

export type ModelInfo = CheckpointInfo & {
  readonly scope: Scope;
  /** Whether it is used in this place where none is named. */
  readonly isDefault: boolean;
  /** Numbers of the versions that can be gone back to, the oldest first. */
  readonly kept: readonly number[];
};

export class Library {
  readonly #options: LibraryOptions;

  constructor(options: LibraryOptions) {
    this.#options = options;
  }

  /** Every model that a place may use, by name, damaged ones with their fault. */
  async list(place: Place): Promise<ModelInfo[]> {
    const [entries, defaultName] = await Promise.all([this.#entries(place), this.findDefault(place)]);
    return Promise.all(
      entries.map(async ({ name, file, scope }) => ({
        ...(await describeCheckpoint(file)),
        scope,
        isDefault: name === defaultName,
        kept: (await keptVersions(path.dirname(file), name)).map(({ number }) => number),
      })),
    );
  }

  /** Names of the models that a place may use, damaged ones included: their headers are not read. */
  async names(place: Place): Promise<string[]> {
    return (await this.#entries(place)).map(({ name }) => name);
  }

  /**
   * The name of the model that a place uses where none is named: the one that it has chosen, if it is there; the
   * configured one; `ballad`; the newest of all's; the newest of its own. Throws a `UserError` that says how to
   * train one where there is none.
   */
  async defaultName(place: Place): Promise<string> {
    const name = await this.findDefault(place);
    if (name === undefined) throw new UserError('modelsNone', { folder: this.#options.folder });
    return name;
  }

  /**
   * The model of that name (by default the default's) that a place may use. Throws a `UserError` that lists the
   * names where there is none: what belongs to another place is not there.
   */
  async find(place: Place, name?: string): Promise<ModelFile> {
    const wanted = name ?? (await this.defaultName(place));
    const found = await this.#look(place, wanted);
    if (found) return found;
    const names = await this.names(place);
    if (names.length === 0) throw new UserError('modelsNone', { folder: this.#options.folder });
    throw new UserError('modelUnknown', { model: wanted, names });
  }

  /** As `defaultName`; undefined where there is no model. */
  async findDefault(place: Place): Promise<string | undefined> {
    const { defaultName, settings } = this.#options;
    const chosen = settings.of(place).model;
    if (chosen !== undefined && (await this.#look(place, chosen))) return chosen;
    if (defaultName !== undefined) return defaultName;
    if (await this.#look(place, USUAL_DEFAULT)) return USUAL_DEFAULT;
    for (const { folder } of this.#folders(place).reverse()) {
      const newest = await newestIn(folder);
      if (newest !== undefined) return newest;
    }
    return undefined;
  }

  /** Whether places that have chosen none are meant to use the model of all that has this name. */
  isConfigured(name: string): boolean {
    return name === (this.#options.defaultName ?? USUAL_DEFAULT);
  }

  /** Names of a place's own models. */
  ownNames(place: Place): Promise<string[]> {
    return namesIn(this.folderOf(place));
  }

  /** Names of the models of all. */
  sharedNames(): Promise<string[]> {
    return namesIn(this.#options.folder);
  }

  /** The folder of a place's own models, which need not be there; the owner's are those of all. */
  folderOf(place: Place): string {
    const { folder } = this.#options;
    return isOwnersPlace(place) ? folder : placeFolder(path.join(folder, PLACES), place);
  }

  /** Whether a model's file is one that a place may use. */
  isOf(place: Place, file: string): boolean {
    return this.#folders(place).some(({ folder }) => folder === path.dirname(file));
  }

  /** A place's own first: it comes before what has the same name. */
  #folders(place: Place): { readonly folder: string; readonly scope: Scope }[] {
    const { folder } = this.#options;
    const all = { folder, scope: 'all' } as const;
    return isOwnersPlace(place) ? [all] : [{ folder: this.folderOf(place), scope: 'place' }, all];
  }

  async #entries(place: Place): Promise<Omit<ModelFile, 'version'>[]> {
    const entries = new Map<string, Omit<ModelFile, 'version'>>();
    for (const { folder, scope } of this.#folders(place)) {
      for (const name of await namesIn(folder)) {
        if (!entries.has(name)) entries.set(name, { name, file: modelFile(folder, name), scope });
      }
    }
    return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #look(place: Place, name: string): Promise<ModelFile | undefined> {
    if (name === '' || /[/\\\0]/.test(name) || name.startsWith('.')) return undefined;
    for (const { folder, scope } of this.#folders(place)) {
      const file = modelFile(folder, name);
      const version = await versionOf(file);
      if (version !== undefined) return { name, file, scope, version };
    }
    return undefined;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  return files
    .filter((file) => file.endsWith(CHECKPOINT_SUFFIX) && !file.startsWith('.'))
    .map((file) => path.basename(file, CHECKPOINT_SUFFIX));
}

/** Changes whenever the file does; undefined where there is none. */
async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

async function newestIn(folder: string): Promise<string | undefined> {
  const dated = await Promise.all(
    (await namesIn(folder)).map(async (name) => {
      const status = await stat(modelFile(folder, name)).catch(() => undefined);
      return { name, time: status?.mtimeMs ?? 0 };
    }),
  );
  return dated.sort((a, b) => b.time - a.time)[0]?.name;
}
