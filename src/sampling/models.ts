/**
 * The checkpoints of a folder as networks in memory: loaded when first used, loaded anew when their file has
 * changed, one sampler each. A lyric that has begun ends on the network that it began on. It knows files and
 * samplers, no chat.
 */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Engine } from '../engine/engine.ts';
import { systemCode, UserError } from '../errors.ts';
import type { CheckpointHeader } from '../model/checkpoint.ts';
import {
  CHECKPOINT_SUFFIX,
  type CheckpointInfo,
  listCheckpoints,
  loadCheckpoint,
} from '../store/checkpoints.ts';
import { Sampler } from './sampler.ts';

/** The model that is used where none is named, if it is there. */
const USUAL_DEFAULT = 'ballad';
/** Networks that stay in memory while nobody uses them; each holds its weights and the state of its slots. */
const MOST_LOADED = 4;

export interface ModelsOptions {
  readonly folder: string;
  /** Called when the first network is loaded. */
  readonly engine: () => Promise<Engine>;
  /** Lyrics that a network samples at once. */
  readonly slots: number;
  readonly defaultName?: string | undefined;
  /** Told of a changed file that cannot be loaded: the network that was loaded before goes on serving. */
  readonly onFault: (name: string, error: unknown) => void;
}

export interface Model {
  readonly name: string;
  /** Of its file: another after any change. Survives a restart. */
  readonly version: string;
  readonly header: CheckpointHeader;
  readonly sampler: Sampler;
}

export type ModelInfo = CheckpointInfo & { readonly isDefault: boolean };

/** A network in memory with the number of those who use it. */
interface Loaded extends Model {
  users: number;
  /** Superseded or not wanted any more: closed when the last user has left. */
  retired: boolean;
  closed: Promise<void> | undefined;
}

/** What stands for a name: which version of the file, and its network. */
interface Held {
  readonly version: string;
  readonly loaded: Promise<Loaded>;
}

export class Models {
  readonly #options: ModelsOptions;
  /** By name, the least recently used first. */
  readonly #held = new Map<string, Held>();

  constructor(options: ModelsOptions) {
    this.#options = options;
  }

  /** Every checkpoint of the folder by name, damaged ones with their fault. */
  async list(): Promise<ModelInfo[]> {
    const [infos, defaultName] = await Promise.all([
      listCheckpoints(this.#options.folder),
      this.#findDefault(),
    ]);
    return infos.map((info) => ({ ...info, isDefault: info.name === defaultName }));
  }

  /** Names of the checkpoints in the folder, damaged ones included: their headers are not read. */
  async names(): Promise<string[]> {
    const files = await readdir(this.#options.folder).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    });
    return files
      .filter((file) => file.endsWith(CHECKPOINT_SUFFIX) && !file.startsWith('.'))
      .map((file) => path.basename(file, CHECKPOINT_SUFFIX))
      .sort();
  }

  /**
   * The configured default; without one `ballad`; without that the newest. Throws a `UserError` that says how
   * to train one where there is none.
   */
  async defaultName(): Promise<string> {
    const name = await this.#findDefault();
    if (name === undefined) throw new UserError('modelsNone', { folder: this.#options.folder });
    return name;
  }

  /** The checkpoint file of a model. Throws a `UserError` that lists the names where there is no such model. */
  async file(name: string): Promise<string> {
    await this.#version(name);
    return this.#path(name);
  }

  /**
   * Gives `work` the network of that name (by default the default's), which stays what it is until `work` has
   * ended. Throws a `UserError` where there is no such model or its file is damaged.
   */
  async use<T>(name: string | undefined, work: (model: Model) => Promise<T>): Promise<T> {
    const loaded = await this.#acquire(name ?? (await this.defaultName()));
    try {
      return await work(loaded);
    } finally {
      loaded.users--;
      void this.#closeIfUnused(loaded);
    }
  }

  /** Networks in memory, by name. */
  async loaded(): Promise<Model[]> {
    const models = await Promise.allSettled([...this.#held.values()].map(({ loaded }) => loaded));
    return models.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  /** Frees every network; those in use when their users have left. */
  async close(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held.clear();
    await Promise.all(held.map((one) => this.#retire(one)));
  }

  #path(name: string): string {
    return path.join(this.#options.folder, `${name}${CHECKPOINT_SUFFIX}`);
  }

  async #findDefault(): Promise<string | undefined> {
    const { defaultName } = this.#options;
    if (defaultName !== undefined) return defaultName;
    const names = await this.names();
    if (names.includes(USUAL_DEFAULT)) return USUAL_DEFAULT;
    const dated = await Promise.all(
      names.map(async (name) => {
        const status = await stat(this.#path(name)).catch(() => undefined);
        return { name, time: status?.mtimeMs ?? 0 };
      }),
    );
    return dated.sort((a, b) => b.time - a.time)[0]?.name;
  }

  /** Changes whenever the file does. */
  async #version(name: string): Promise<string> {
    const isName = !/[/\\\0]/.test(name) && !name.startsWith('.');
    const status = isName
      ? await stat(this.#path(name), { bigint: true }).catch((error: unknown) => {
          if (['ENOENT', 'ENAMETOOLONG'].includes(systemCode(error) ?? '')) return undefined;
          throw error;
        })
      : undefined;
    if (status) return `${status.ino} ${status.size} ${status.mtimeNs}`;
    const names = await this.names();
    if (names.length === 0) throw new UserError('modelsNone', { folder: this.#options.folder });
    throw new UserError('modelUnknown', { model: name, names });
  }

  async #acquire(name: string): Promise<Loaded> {
    for (;;) {
      const version = await this.#version(name);
      let held = this.#held.get(name);
      if (held?.version !== version) held = { version, loaded: this.#replace(name, version, held) };
      // Last in the map: the most recently used.
      this.#held.delete(name);
      this.#held.set(name, held);
      const loaded = await held.loaded.catch((error: unknown) => {
        if (this.#held.get(name) === held) this.#held.delete(name);
        throw error;
      });
      // It may have been superseded or evicted while we waited.
      if (loaded.closed) continue;
      loaded.users++;
      await this.#evict();
      return loaded;
    }
  }

  /** Loads a file's new version; falls back on the old one where that fails. */
  async #replace(name: string, version: string, before: Held | undefined): Promise<Loaded> {
    try {
      const loaded = await this.#load(name, version);
      if (before) void this.#retire(before);
      return loaded;
    } catch (error) {
      const earlier = await before?.loaded.catch(() => undefined);
      if (!earlier || earlier.closed) throw error;
      this.#options.onFault(name, error);
      return earlier;
    }
  }

  async #load(name: string, version: string): Promise<Loaded> {
    const [engine, checkpoint] = await Promise.all([
      this.#options.engine(),
      loadCheckpoint(this.#path(name)),
    ]);
    const sampler = await Sampler.create(engine, checkpoint, { slots: this.#options.slots });
    const { spec, vocabulary, training } = checkpoint;
    const header = { spec, vocabulary, training };
    return { name, version, header, sampler, users: 0, retired: false, closed: undefined };
  }

  async #evict(): Promise<void> {
    for (const [name, held] of this.#held) {
      if (this.#held.size <= MOST_LOADED) return;
      const loaded = await held.loaded.catch(() => undefined);
      if (loaded?.users !== 0 || this.#held.get(name) !== held) continue;
      this.#held.delete(name);
      await this.#retire(held);
    }
  }

  async #retire(held: Held): Promise<void> {
    const loaded = await held.loaded.catch(() => undefined);
    if (!loaded) return;
    loaded.retired = true;
    await this.#closeIfUnused(loaded);
  }

  async #closeIfUnused(loaded: Loaded): Promise<void> {
    if (!loaded.retired || loaded.users > 0) return;
    loaded.closed ??= loaded.sampler.close();
    await loaded.closed;
  }
}
