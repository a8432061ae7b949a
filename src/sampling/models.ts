/**
 * The models of a library as networks in memory: loaded when first used, loaded anew when their file has
 * changed, one sampler each. A lyric that has begun ends on the network that it began on. It knows files and
 * samplers, no chat.
 */
import type { Engine } from '../engine/engine.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import type { CheckpointHeader } from '../model/checkpoint-metadata.ts';
import { loadCheckpoint } from '../store/checkpoints.ts';
import type { Library, ModelFile, ModelInfo } from '../store/library.ts';
import type { Place } from '../store/places.ts';
import { Sampler } from './sampler.ts';

/** Networks that stay in memory while nobody uses them; each holds its weights and the state of its slots. */
const MOST_LOADED = 4;
/** Characters that a network from elsewhere writes before it is taken in. */
const TRIAL = 50;

export interface ModelsOptions {
  readonly library: Library;
  /** Called when the first network is loaded. */
  readonly engine: () => Promise<Engine>;
  /** Lyrics that a network samples at once. */
  readonly slots: number;
  /**
   * Told of a changed file that cannot be loaded: the network that was loaded before goes on serving; and of a network
   * that could not be freed.
   */
  readonly onFault: (name: string, error: unknown) => void;
}

export interface Model extends ModelFile {
  readonly header: CheckpointHeader;
  readonly sampler: Sampler;
}

/** A network in memory with the number of those who use it. */
interface Loaded extends Model {
  users: number;
  /** Superseded or not wanted any more: closed when the last user has left. */
  retired: boolean;
  closed: Promise<void> | undefined;
}

/** What stands for a file: which version of it, and its network. */
interface Held {
  readonly version: string;
  readonly loaded: Promise<Loaded>;
}

export class Models {
  readonly library: Library;
  readonly #options: ModelsOptions;
  /** By file, the least recently used first. */
  readonly #held = new Map<string, Held>();

  constructor(options: ModelsOptions) {
    this.library = options.library;
    this.#options = options;
  }

  /** As of `Library.list`. */
  list(place: Place): Promise<ModelInfo[]> {
    return this.library.list(place);
  }

  /** As of `Library.names`. */
  names(place: Place): Promise<string[]> {
    return this.library.names(place);
  }

  /** As of `Library.defaultName`. */
  defaultName(place: Place): Promise<string> {
    return this.library.defaultName(place);
  }

  /** The checkpoint file of a model that a place may use. Throws as `Library.find`. */
  async file(place: Place, name: string): Promise<string> {
    return (await this.library.find(place, name)).file;
  }

  /**
   * Gives `work` the network of that name (by default the place's default), which stays what it is until `work`
   * has ended. Throws a `UserError` where the place has no such model or its file is damaged.
   */
  async use<T>(place: Place, name: string | undefined, work: (model: Model) => Promise<T>): Promise<T> {
    const loaded = await this.#acquire(place, name);
    try {
      return await work(loaded);
    } finally {
      loaded.users--;
      void this.#closeIfUnused(loaded);
    }
  }

  /** Networks in memory, the last used one last: those that a place may use, or all. */
  async loaded(place?: Place): Promise<Model[]> {
    const models = await Promise.allSettled([...this.#held.values()].map(({ loaded }) => loaded));
    return models
      .flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      .filter(({ file }) => place === undefined || this.library.isOf(place, file));
  }

  /** Has a network that is no model yet write a little. Throws a `UserError` where it cannot. */
  async tryOut(checkpoint: Checkpoint): Promise<void> {
    const sampler = await Sampler.create(await this.#options.engine(), checkpoint, { slots: 1 });
    try {
      await sampler.sample({ primeText: '', length: TRIAL, temperature: 1, seed: 1, stopAtEnd: false });
    } finally {
      await sampler.close();
    }
  }

  /** Frees a file's network, which nobody will ask for again; when its users have left, where it has any. */
  async drop(file: string): Promise<void> {
    const held = this.#held.get(file);
    this.#held.delete(file);
    if (held) await this.#retire(held);
  }

  /** Frees every network; those in use when their users have left. */
  async close(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held.clear();
    await Promise.all(held.map((one) => this.#retire(one)));
  }

  async #acquire(place: Place, name: string | undefined): Promise<Loaded> {
    for (;;) {
      const found = await this.library.find(place, name);
      const { file, version } = found;
      let held = this.#held.get(file);
      if (held?.version !== version) held = { version, loaded: this.#replace(found, held) };
      // Last in the map: the most recently used.
      this.#held.delete(file);
      this.#held.set(file, held);
      const loaded = await held.loaded.catch((error: unknown) => {
        if (this.#held.get(file) === held) this.#held.delete(file);
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
  async #replace(found: ModelFile, before: Held | undefined): Promise<Loaded> {
    try {
      const loaded = await this.#load(found);
      if (before) void this.#retire(before);
      return loaded;
    } catch (error) {
      const earlier = await before?.loaded.catch(() => undefined);
      if (!earlier || earlier.closed) throw error;
      this.#options.onFault(found.name, error);
      return earlier;
    }
  }

  async #load(found: ModelFile): Promise<Loaded> {
    const [engine, checkpoint] = await Promise.all([this.#options.engine(), loadCheckpoint(found.file)]);
    const sampler = await Sampler.create(engine, checkpoint, { slots: this.#options.slots });
    const { spec, vocabulary, training } = checkpoint;
    const header = { spec, vocabulary, training };
    return { ...found, header, sampler, users: 0, retired: false, closed: undefined };
  }

  async #evict(): Promise<void> {
    for (const [file, held] of this.#held) {
      if (this.#held.size <= MOST_LOADED) return;
      const loaded = await held.loaded.catch(() => undefined);
      if (loaded?.users !== 0 || this.#held.get(file) !== held) continue;
      this.#held.delete(file);
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
    loaded.closed ??= loaded.sampler
      .close()
      .catch((error: unknown) => this.#options.onFault(loaded.name, error));
    await loaded.closed;
  }
}
