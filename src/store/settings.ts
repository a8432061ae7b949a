/** What the admins of a guild or workspace have chosen for it: a JSON file, held in memory, written whole. */
import path from 'node:path';
import { z } from 'zod';
import { systemCode, UserError } from '../errors.ts';
import { LOCALES } from '../strings/index.ts';
import { makeFolder, readBytes, writeFileAtomic } from './files.ts';
import type { Place } from './places.ts';

const placeSettings = z.object({
  /** The model where a command names none. */
  model: z.string().optional(),
  /** The language of answers, whoever asks. */
  locale: z.enum(LOCALES).optional(),
});
const contents = z.record(z.string(), z.record(z.string(), placeSettings));

export type PlaceSettings = Readonly<z.output<typeof placeSettings>>;

export class Settings {
  readonly #file: string;
  /** By platform, then by place. */
  readonly #all: Map<string, Map<string, PlaceSettings>>;
  #saving: Promise<void> = Promise.resolve();

  constructor(file: string, all: z.output<typeof contents> = {}) {
    this.#file = file;
    this.#all = new Map(
      Object.entries(all).map(([platform, places]) => [platform, new Map(Object.entries(places))]),
    );
  }

  /** Reads the file; none is there before the first choice. Throws a `UserError` on a damaged one. */
  static async open(file: string): Promise<Settings> {
    let bytes: Uint8Array;
    try {
      bytes = await readBytes(file);
    } catch (error) {
      if (systemCode((error as Error).cause) === 'ENOENT') return new Settings(file);
      throw error;
    }
    try {
      return new Settings(file, contents.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))));
    } catch (error) {
      throw new UserError('settingsDamaged', { file }, { cause: error });
    }
  }

  of({ platform, id }: Place): PlaceSettings {
    return this.#all.get(platform)?.get(id) ?? {};
  }

  /** Every place that has ever chosen something. */
  places(): Place[] {
    return [...this.#all].flatMap(([platform, places]) => [...places.keys()].map((id) => ({ platform, id })));
  }

  /** Sets a place's settings. Throws a `UserError` where they cannot be written: nothing has changed then. */
  set(place: Place, settings: PlaceSettings): Promise<void> {
    return this.change(place, () => settings);
  }

  /** Sets a place's settings to what `change` makes of them as they are then: nothing comes between. Throws as `set`. */
  async change({ platform, id }: Place, change: (settings: PlaceSettings) => PlaceSettings): Promise<void> {
    const save = this.#saving.then(async () => {
      const places = this.#all.get(platform) ?? new Map<string, PlaceSettings>();
      const settings = change(places.get(id) ?? {});
      const next = new Map(this.#all).set(platform, new Map(places).set(id, settings));
      const json = Object.fromEntries([...next].map(([name, each]) => [name, Object.fromEntries(each)]));
      await makeFolder(path.dirname(this.#file));
      await writeFileAtomic(this.#file, `${JSON.stringify(json, undefined, 2)}\n`);
      this.#all.set(platform, next.get(platform)!);
    });
    this.#saving = save.catch(() => {});
    return save;
  }
}
