/** How fast trainings were on this machine: a small JSON file, so that the next one's time can be told. */
import path from 'node:path';
import { z } from 'zod';
import { CELLS, type NetworkSpec } from '../model/network.ts';
import { makeFolder, readBytes, writeFileAtomic } from './files.ts';

const speedSchema = z.object({
  spec: z.object({
    cell: z.enum(CELLS),
    numLayers: z.int().positive(),
    rnnSize: z.int().positive(),
    embeddingSize: z.int().positive(),
    vocabularySize: z.int().positive(),
    dropout: z.number(),
    tied: z.boolean(),
  }),
  charsPerSecond: z.number().positive(),
});

type Speed = z.infer<typeof speedSchema>;

/** The newest that are kept. */
const MOST = 20;

export class Speeds {
  readonly #file: string;
  #all: readonly Speed[];
  #saving: Promise<void> = Promise.resolve();

  private constructor(file: string, all: readonly Speed[]) {
    this.#file = file;
    this.#all = all;
  }

  /** Reads the file. Where it is missing or damaged nothing is known yet: only estimates depend on it. */
  static async open(file: string): Promise<Speeds> {
    try {
      const json: unknown = JSON.parse(Buffer.from(await readBytes(file)).toString('utf8'));
      return new Speeds(file, z.array(speedSchema).parse(json));
    } catch {
      return new Speeds(file, []);
    }
  }

  /** The newest last. */
  get all(): readonly Speed[] {
    return this.#all;
  }

  /** Notes a training's speed, in characters a second. Throws a `UserError` where the file cannot be written. */
  add(spec: NetworkSpec, charsPerSecond: number): Promise<void> {
    if (!(charsPerSecond > 0 && Number.isFinite(charsPerSecond))) return Promise.resolve();
    this.#all = [...this.#all, { spec, charsPerSecond }].slice(-MOST);
    const json = `${JSON.stringify(this.#all)}\n`;
    const save = this.#saving.then(async () => {
      await makeFolder(path.dirname(this.#file));
      await writeFileAtomic(this.#file, json);
    });
    this.#saving = save.catch(() => {});
    return save;
  }
}
