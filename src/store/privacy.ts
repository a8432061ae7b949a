/** Who does not want their messages to be learnt from: a JSON file of ids by platform, held in memory, written whole. */
import path from 'node:path';
import { z } from 'zod';
import { systemCode, UserError } from '../errors.ts';
import { makeFolder, readBytes, writeFileAtomic } from './files.ts';

const contents = z.object({ optedOut: z.record(z.string(), z.array(z.string())) });

export class Privacy {
  readonly #file: string;
  /** People's ids by platform: on a platform an opt-out holds in every place. */
  #optedOut: ReadonlyMap<string, ReadonlySet<string>>;
  #saving: Promise<void> = Promise.resolve();

  constructor(file: string, { optedOut }: z.output<typeof contents> = { optedOut: {} }) {
    this.#file = file;
    this.#optedOut = new Map(Object.entries(optedOut).map(([platform, users]) => [platform, new Set(users)]));
  }

  /**
   * Reads the file; none is there before the first opt-out. Throws a `UserError` on a damaged one: without it
   * nobody's wish would be known.
   */
  static async open(file: string): Promise<Privacy> {
    let bytes: Uint8Array;
    try {
      bytes = await readBytes(file);
    } catch (error) {
      if (systemCode((error as Error).cause) === 'ENOENT') return new Privacy(file);
      throw error;
    }
    try {
      return new Privacy(file, contents.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))));
    } catch (error) {
      throw new UserError('privacyDamaged', { file }, { cause: error });
    }
  }

  /** Whether a person's messages may be learnt from. */
  allows(platform: string, user: string): boolean {
    return this.#optedOut.get(platform)?.has(user) !== true;
  }

  /** On disk when it resolves. Throws a `UserError` where it cannot be written: nothing has changed then. */
  async set(platform: string, user: string, allowed: boolean): Promise<void> {
    const save = this.#saving.then(async () => {
      if (this.allows(platform, user) === allowed) return;
      const users = new Set(this.#optedOut.get(platform));
      if (allowed) users.delete(user);
      else users.add(user);
      const next = new Map(this.#optedOut).set(platform, users);
      const optedOut = Object.fromEntries([...next].map(([name, ids]) => [name, [...ids].sort()]));
      await makeFolder(path.dirname(this.#file));
      await writeFileAtomic(this.#file, `${JSON.stringify({ optedOut }, undefined, 2)}\n`);
      this.#optedOut = next;
    });
    this.#saving = save.catch(() => {});
    return save;
  }
}
