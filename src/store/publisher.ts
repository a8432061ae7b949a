/**
 * What changes the models of a place: publishing, going back, renaming, removing, within the place's quota.
 * A place changes its own models alone. Changes happen one after the other. Lyrics go on meanwhile: a network in
 * memory does not need its file any more.
 */
import { readFile } from 'node:fs/promises';
import { systemCode, UserError } from '../errors.ts';
import { restampCheckpoint, sameNetwork } from '../model/checkpoint.ts';
import type { TrainingRecord } from '../model/checkpoint-metadata.ts';
import { readBytes } from './files.ts';
import type { Library, ModelFile } from './library.ts';
import { isOwnersPlace, OWNERS_PLACE, type Place, samePlace } from './places.ts';
import { assertRoom, type Quota, type Usage, usageOf } from './quota.ts';
import type { Settings } from './settings.ts';
import {
  addVersion,
  currentNumber,
  keptVersions,
  modelFile,
  removeModel,
  renameModel,
  replaceModel,
  restoreVersion,
  type Version,
  versionBefore,
} from './versions.ts';

export interface PublisherOptions {
  readonly library: Library;
  readonly settings: Settings;
  readonly quota: Quota;
}

export interface Publication {
  readonly place: Place;
  readonly name: string;
  /** Whether the place uses it from now on where none is named. */
  readonly asDefault: boolean;
  /** Whether a model that stands under that name stays: the checkpoint becomes a version that can be gone to. */
  readonly beside?: boolean;
  /** What the file does not say of its training yet. */
  readonly lineage?: Pick<TrainingRecord, 'losses' | 'date'> &
    Partial<Pick<TrainingRecord, 'data' | 'parent'>>;
}

/** What became the standing version, or the default. */
export type RolledBack =
  | { readonly kind: 'version'; readonly name: string; readonly version: number }
  | { readonly kind: 'default'; readonly name: string; readonly from: string };

export class Publisher {
  readonly #options: PublisherOptions;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  get quota(): Quota {
    return this.#options.quota;
  }

  /**
   * Gives a place a checkpoint as its model of that name; returns its version. What had the name becomes the
   * version that it replaces and can be gone back to. The file stays where it is. A checkpoint that stands there
   * already is not published twice: after a crash the same call ends what was begun. Throws a `UserError` where the
   * place's quota is used up, or the files cannot be written.
   */
  publish(checkpointFile: string, publication: Publication): Promise<number> {
    return this.#change(async () => {
      const { place, name, asDefault, beside = false, lineage = {} } = publication;
      const bytes = await readBytes(checkpointFile);
      const stamp = (training: TrainingRecord) => ({ ...training, ...lineage });
      const number = await this.#put(place, name, bytes, stamp, beside);
      if (asDefault) await this.#choose(place, name);
      return number;
    });
  }

  /** Publishes a checkpoint's bytes under a name that must be free, with what `stamp` makes of its record. */
  add(
    bytes: Uint8Array,
    place: Place,
    name: string,
    stamp: (training: TrainingRecord) => TrainingRecord,
  ): Promise<number> {
    return this.#change(async () => {
      if ((await this.#options.library.names(place)).includes(name)) {
        throw new UserError('modelExists', { model: name });
      }
      return this.#put(place, name, bytes, stamp);
    });
  }

  /**
   * Takes a place's model back to the version before, or to a kept one of that number. Where it has none and is
   * the place's default, the model that it was trained from becomes the default again. Throws a `UserError` where
   * there is nothing to go back to.
   */
  rollBack(place: Place, name: string, number?: number): Promise<RolledBack> {
    return this.#change(async () => {
      const { library, settings } = this.#options;
      const own = await this.#own(place, name).catch((error: unknown) => {
        if (number !== undefined || !(error instanceof UserError) || error.code !== 'modelOfAll') throw error;
        return undefined;
      });
      if (own) {
        const folder = library.folderOf(place);
        const version = await wantedVersion(folder, name, number);
        if (version) {
          await restoreVersion(folder, name, version);
          return { kind: 'version', name, version: version.number };
        }
      }
      const info = (await library.list(place)).find((one) => one.name === name);
      const parent = info?.header?.training.parent;
      const isChosen = settings.of(place).model === name;
      if (isChosen && parent && parent !== name && (await library.names(place)).includes(parent)) {
        await this.#choose(place, parent);
        return { kind: 'default', name: parent, from: name };
      }
      throw own
        ? new UserError('rollbackNone', { model: name })
        : new UserError('modelOfAll', { model: name });
    });
  }

  /** Renames a place's own model; those who use it as their default go on with it. Throws `UserError`s. */
  rename(place: Place, from: string, to: string): Promise<void> {
    return this.#change(async () => {
      const { library, settings } = this.#options;
      await this.#own(place, from);
      if (!isOwnersPlace(place) && (await library.sharedNames()).includes(to)) {
        throw new UserError('modelExists', { model: to });
      }
      if (library.isConfigured(from) && isOwnersPlace(place)) throw inUse(from, 'configured');
      const users = await this.#usersOf(place, from);
      await renameModel(library.folderOf(place), from, to, async () => {
        for (const user of users) await settings.change(user, (one) => ({ ...one, model: to }));
      });
    });
  }

  /** Removes a place's own model with all its versions. Throws a `UserError` while it is a default. */
  remove(place: Place, name: string): Promise<void> {
    return this.#change(async () => {
      const { library } = this.#options;
      await this.assertRemovable(place, name);
      await removeModel(library.folderOf(place), name);
    });
  }

  /** Throws a `UserError` where a place may not remove a model, or it is somebody's default. */
  async assertRemovable(place: Place, name: string): Promise<void> {
    const { library } = this.#options;
    await this.#own(place, name);
    // With one of all that has the same name, the default stays what it is called.
    if (!isOwnersPlace(place) && (await library.sharedNames()).includes(name)) return;
    if (isOwnersPlace(place) && library.isConfigured(name)) throw inUse(name, 'configured');
    if ((await library.findDefault(place)) === name) throw inUse(name, 'default');
    if ((await this.#usersOf(place, name)).length > 0) throw inUse(name, 'elsewhere');
  }

  /** Publishes a place's model for all, under that name; its own stays. Returns the version. */
  share(place: Place, name: string, as: string, date: string): Promise<number> {
    return this.#change(async () => {
      const { file } = await this.#options.library.find(place, name);
      return this.#put(OWNERS_PLACE, as, await readBytes(file), (training) => ({ date, ...training }));
    });
  }

  /** What a place has of its own. */
  usage(place: Place): Promise<Usage> {
    return usageOf(this.#options.library, place);
  }

  /** As of `assertRoom`: to be asked before work begins that ends in a model. */
  assertRoom(place: Place, name: string, bytes = 0): Promise<void> {
    return assertRoom(this.#options, place, name, bytes);
  }

  async #put(
    place: Place,
    name: string,
    bytes: Uint8Array,
    stamp: (training: TrainingRecord) => TrainingRecord,
    beside = false,
  ): Promise<number> {
    const folder = this.#options.library.folderOf(place);
    const file = modelFile(folder, name);
    const before = await readFile(file).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (before && sameNetwork(before, bytes)) return (await currentNumber(folder, name))!;
    for (const { number, file: kept } of beside ? await keptVersions(folder, name) : []) {
      if (sameNetwork(await readFile(kept), bytes)) return number;
    }
    await this.assertRoom(place, name, bytes.length);
    const put = beside && before ? addVersion : replaceModel;
    return put(folder, name, (version, replaces) =>
      restampCheckpoint(bytes, (training) => ({ ...stamp(training), version, replaces }), file),
    );
  }

  #choose(place: Place, model: string): Promise<void> {
    return this.#options.settings.change(place, (one) => ({ ...one, model }));
  }

  /** A model of the place's own. Throws a `UserError` where there is none of that name, or it belongs to all. */
  async #own(place: Place, name: string): Promise<ModelFile> {
    const found = await this.#options.library.find(place, name);
    if (found.scope === 'all' && !isOwnersPlace(place)) throw new UserError('modelOfAll', { model: name });
    return found;
  }

  /** Places that have chosen this model: a place's own can only have been by that place. */
  async #usersOf(place: Place, name: string): Promise<Place[]> {
    const { library, settings } = this.#options;
    const chosen = settings.places().filter((one) => settings.of(one).model === name);
    if (!isOwnersPlace(place)) return chosen.filter((one) => samePlace(one, place));
    const own = await Promise.all(chosen.map((one) => library.ownNames(one)));
    return chosen.filter((one, i) => isOwnersPlace(one) || !own[i]!.includes(name));
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(work);
    this.#changing = done.catch(() => {});
    return done;
  }
}

const inUse = (model: string, as: 'default' | 'configured' | 'elsewhere'): UserError =>
  new UserError('modelInUse', { model, as });

async function wantedVersion(
  folder: string,
  name: string,
  number: number | undefined,
): Promise<Version | undefined> {
  if (number === undefined) return versionBefore(folder, name);
  const kept = await keptVersions(folder, name);
  const standing = await currentNumber(folder, name);
  const found = kept.find((one) => one.number === number && number !== standing);
  if (found) return found;
  throw new UserError('versionUnknown', {
    model: name,
    version: number,
    kept: kept.map((one) => one.number),
  });
}
