/** A small JSON file that is held in memory and written whole, one change after the other. */
import path from 'node:path';
import type { z } from 'zod';
import { systemCode, UserError } from '../errors.ts';
import { makeFolder, readBytes, writeFileAtomic } from './files.ts';

/** Reads such a file; `empty` where none is there. Throws the `UserError` of that code where it does not fit. */
export async function readJson<S extends z.ZodType>(
  file: string,
  schema: S,
  empty: z.output<S>,
  damaged: 'privacyDamaged' | 'settingsDamaged',
): Promise<z.output<S>> {
  let bytes: Uint8Array;
  try {
    bytes = await readBytes(file);
  } catch (error) {
    if (systemCode((error as Error).cause) === 'ENOENT') return empty;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    throw new UserError(damaged, { file }, { cause: error });
  }
}

export class JsonFile<T> {
  readonly #file: string;
  readonly #toJson: (value: T) => unknown;
  #value: T;
  #saving: Promise<void> = Promise.resolve();

  constructor(file: string, value: T, toJson: (value: T) => unknown) {
    this.#file = file;
    this.#value = value;
    this.#toJson = toJson;
  }

  get value(): T {
    return this.#value;
  }

  /**
   * Replaces the value by what `change` makes of it: nothing comes between. On disk when it resolves. Throws a
   * `UserError` where it cannot be written: nothing has changed then. Writes nothing where the value stays.
   */
  async change(change: (value: T) => T): Promise<void> {
    const save = this.#saving.then(async () => {
      const next = change(this.#value);
      if (next === this.#value) return;
      await makeFolder(path.dirname(this.#file));
      await writeFileAtomic(this.#file, `${JSON.stringify(this.#toJson(next), undefined, 2)}\n`);
      this.#value = next;
    });
    this.#saving = save.catch(() => {});
    return save;
  }
}
