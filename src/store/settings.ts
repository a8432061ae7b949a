/** What the admins of a guild or workspace have chosen for it: a JSON file by platform, then by place. */
import { z } from 'zod';
import { LOCALES } from '../strings/index.ts';
import { JsonFile, readJson } from './json-file.ts';
import type { Place } from './places.ts';

const placeSettings = z.object({
  /** The model where a command names none. */
  model: z.string().optional(),
  /** The language of answers, whoever asks. */
  locale: z.enum(LOCALES).optional(),
});

export type PlaceSettings = Readonly<z.output<typeof placeSettings>>;

type AllSettings = ReadonlyMap<string, ReadonlyMap<string, PlaceSettings>>;

const contents = z
  .record(z.string(), z.record(z.string(), placeSettings))
  .transform(
    (all): AllSettings =>
      new Map(Object.entries(all).map(([platform, places]) => [platform, new Map(Object.entries(places))])),
  );

const toJson = (all: AllSettings) =>
  Object.fromEntries([...all].map(([platform, places]) => [platform, Object.fromEntries(places)]));

export class Settings {
  readonly #all: JsonFile<AllSettings>;

  constructor(file: string, all: AllSettings = new Map()) {
    this.#all = new JsonFile(file, all, toJson);
  }

  /** Reads the file; none is there before the first choice. Throws a `UserError` on a damaged one. */
  static async open(file: string): Promise<Settings> {
    return new Settings(file, await readJson(file, contents, new Map(), 'settingsDamaged'));
  }

  of({ platform, id }: Place): PlaceSettings {
    return this.#all.value.get(platform)?.get(id) ?? {};
  }

  /** Every place that has ever chosen something. */
  places(): Place[] {
    return [...this.#all.value].flatMap(([platform, places]) =>
      [...places.keys()].map((id) => ({ platform, id })),
    );
  }

  /** Sets a place's settings. Throws a `UserError` where they cannot be written: nothing has changed then. */
  set(place: Place, settings: PlaceSettings): Promise<void> {
    return this.change(place, () => settings);
  }

  /** Sets a place's settings to what `change` makes of them as they are then: nothing comes between. Throws as `set`. */
  change({ platform, id }: Place, change: (settings: PlaceSettings) => PlaceSettings): Promise<void> {
    return this.#all.change((all) => {
      const places = all.get(platform);
      const settings = change(places?.get(id) ?? {});
      return new Map(all).set(platform, new Map(places).set(id, settings));
    });
  }
}
