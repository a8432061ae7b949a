/** Who does not want their messages to be learnt from: a JSON file of ids by platform. */
import { z } from 'zod';
import { JsonFile, readJson } from './json-file.ts';

/** People's ids by platform: on a platform an opt-out holds in every place. */
type OptedOut = ReadonlyMap<string, ReadonlySet<string>>;

const contents = z
  .object({ optedOut: z.record(z.string(), z.array(z.string())) })
  .transform(
    ({ optedOut }): OptedOut =>
      new Map(Object.entries(optedOut).map(([platform, users]) => [platform, new Set(users)])),
  );

const toJson = (optedOut: OptedOut) => ({
  optedOut: Object.fromEntries([...optedOut].map(([platform, users]) => [platform, [...users].sort()])),
});

export class Privacy {
  readonly #optedOut: JsonFile<OptedOut>;

  constructor(file: string, optedOut: OptedOut = new Map()) {
    this.#optedOut = new JsonFile(file, optedOut, toJson);
  }

  /**
   * Reads the file; none is there before the first opt-out. Throws a `UserError` on a damaged one: without it
   * nobody's wish would be known.
   */
  static async open(file: string): Promise<Privacy> {
    return new Privacy(file, await readJson(file, contents, new Map(), 'privacyDamaged'));
  }

  /** Whether a person's messages may be learnt from. */
  allows(platform: string, user: string): boolean {
    return this.#optedOut.value.get(platform)?.has(user) !== true;
  }

  /** On disk when it resolves. Throws a `UserError` where it cannot be written: nothing has changed then. */
  set(platform: string, user: string, allowed: boolean): Promise<void> {
    return this.#optedOut.change((optedOut) => {
      if (this.allows(platform, user) === allowed) return optedOut;
      const users = new Set(optedOut.get(platform));
      if (allowed) users.delete(user);
      else users.add(user);
      return new Map(optedOut).set(platform, users);
    });
  }
}
