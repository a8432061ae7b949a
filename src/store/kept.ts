/**
 * JSON that outlives the process for a while: one file each, named by when it expires, so that expired ones are
 * found without reading any. What stands behind a chat's buttons is kept here.
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../errors.ts';
import { makeFolder, writeError } from './files.ts';

/** Between two looks for what has expired. */
const SWEEP_MS = 10 * 60_000;
/** Files at most: beyond that the oldest go first. */
const MOST = 20_000;
/** Ending of a value's file while somebody has claimed it; it is swept like the others. */
const CLAIMED = '.claimed';
const ID = /^[0-9a-z]{9}-[0-9a-f]{16}$/;

export interface KeptOptions {
  readonly folder: string;
  readonly lifetimeMs: number;
  readonly most?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export class Kept {
  readonly #folder: string;
  readonly #lifetimeMs: number;
  readonly #most: number;
  readonly #now: () => number;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor({ folder, lifetimeMs, most = MOST, now = Date.now }: KeptOptions) {
    this.#folder = folder;
    this.#lifetimeMs = lifetimeMs;
    this.#most = most;
    this.#now = now;
  }

  /** When what is kept now expires, in milliseconds since 1970. */
  expiry(): number {
    return this.#now() + this.#lifetimeMs;
  }

  isExpired(expiry: number): boolean {
    return !(this.#now() < expiry);
  }

  /** Keeps a value; returns its id, of 26 characters. Throws a `UserError` where it cannot be written. */
  async put(value: unknown): Promise<string> {
    await this.#sweep();
    const id = `${this.expiry().toString(36).padStart(9, '0')}-${randomBytes(8).toString('hex')}`;
    const file = this.#file(id);
    // Not flushed to the disk: it survives this process, and what a power failure takes has merely expired.
    await writeFile(file, JSON.stringify(value), { flag: 'wx' }).catch(async (error: unknown) => {
      await rm(file, { force: true });
      throw writeError(error, file);
    });
    return id;
  }

  /** The value of that id; undefined when it has expired or there never was one. */
  async get(id: string): Promise<unknown> {
    if (!ID.test(id) || this.isExpired(expiryOf(id))) return undefined;
    try {
      return JSON.parse(await readFile(this.#file(id), 'utf8'));
    } catch (error) {
      // Not there, or its writer was killed.
      if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /**
   * Gives a value to `work`, once: after it has ended well the value is gone, whoever asks for it meanwhile gets
   * undefined. Where `work` fails it can be claimed again.
   */
  async claim<T>(id: string, work: (value: unknown) => Promise<T>): Promise<T | undefined> {
    const value = await this.get(id);
    if (value === undefined) return undefined;
    const [file, claimed] = [this.#file(id), `${this.#file(id)}${CLAIMED}`];
    try {
      await rename(file, claimed);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    let result: T;
    try {
      result = await work(value);
    } catch (error) {
      await rename(claimed, file);
      throw error;
    }
    await rm(claimed, { force: true });
    return result;
  }

  #file(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }

  /** Removes what has expired, and what there is too much of. */
  async #sweep(): Promise<void> {
    if (this.#now() - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = this.#now();
    await makeFolder(this.#folder);
    const names = (await readdir(this.#folder)).filter((name) => ID.test(idOf(name)));
    const valid = names.filter((name) => !this.isExpired(expiryOf(name))).sort();
    const kept = new Set(valid.slice(-this.#most));
    const gone = names.filter((name) => !kept.has(name));
    await Promise.all(gone.map((name) => rm(path.join(this.#folder, name), { force: true })));
  }
}

/** `<id>.json`, and the same with an ending. */
const idOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('.')));
const expiryOf = (id: string): number => Number.parseInt(id, 36);
