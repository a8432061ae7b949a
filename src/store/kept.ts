/**
 * JSON that outlives the process for a while: one file each, named by when it expires, so that expired ones are
 * found without reading any. What stands behind a chat's buttons is kept here.
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../errors.ts';
import { makeFolder, writeError } from './files.ts';

/** Between two looks for what has expired. */
const SWEEP_MS = 10 * 60_000;
/** Files and bytes at most: beyond that the oldest go first. */
const MOST = 20_000;
const MOST_BYTES = 2 ** 28;
/** What of the bytes at most stays where there is too much. */
const ROOM_KEPT = 0.9;
/** Ending of a value's file while somebody has claimed it; it is swept like the others. */
const CLAIMED = '.claimed';
const ID = /^[0-9a-z]{9}-[0-9a-f]{16}$/;

export interface KeptOptions {
  readonly folder: string;
  readonly lifetimeMs: number;
  readonly most?: number;
  readonly mostBytes?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export class Kept {
  readonly #folder: string;
  readonly #lifetimeMs: number;
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #now: () => number;
  #sweptAt = Number.NEGATIVE_INFINITY;
  /** Of the files, or more: what was claimed since the last look is counted too. */
  #bytes = 0;
  /** Bytes of values that are on their way to the disk. */
  #writing = 0;

  constructor(options: KeptOptions) {
    const { folder, lifetimeMs, most = MOST, mostBytes = MOST_BYTES, now = Date.now } = options;
    this.#folder = folder;
    this.#lifetimeMs = lifetimeMs;
    this.#most = most;
    this.#mostBytes = mostBytes;
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
    const bytes = Buffer.from(JSON.stringify(value));
    this.#writing += bytes.length;
    try {
      await this.#makeRoom();
      const id = `${this.expiry().toString(36).padStart(9, '0')}-${randomBytes(8).toString('hex')}`;
      await this.#write(this.#file(id), bytes);
      this.#bytes += bytes.length;
      return id;
    } finally {
      this.#writing -= bytes.length;
    }
  }

  /** Not flushed to the disk: it survives this process, and what a power failure takes has merely expired. */
  async #write(file: string, bytes: Uint8Array): Promise<void> {
    await writeFile(file, bytes, { flag: 'wx' }).catch(async (error: unknown) => {
      await rm(file, { force: true });
      throw writeError(error, file);
    });
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
      // Where it is gone meanwhile, there was too much else.
      await rename(claimed, file).catch(() => {});
      throw error;
    }
    await rm(claimed, { force: true });
    return result;
  }

  #file(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }

  /** Looks now and then for what has expired, and whenever there may be too much; what is being written counts. */
  async #makeRoom(): Promise<void> {
    const isDue = this.#now() - this.#sweptAt >= SWEEP_MS;
    if (isDue || this.#bytes + this.#writing > this.#mostBytes) await this.#sweep();
  }

  /** Removes what has expired, and the oldest of what there is too much of. */
  async #sweep(): Promise<void> {
    this.#sweptAt = this.#now();
    await makeFolder(this.#folder);
    const names = (await readdir(this.#folder)).filter((name) => ID.test(idOf(name)));
    const valid = names.filter((name) => !this.isExpired(expiryOf(name))).sort();
    const newest = valid.slice(-this.#most).reverse();
    const sizes = await Promise.all(newest.map((name) => sizeOf(path.join(this.#folder, name))));
    const all = sizes.reduce((sum, size) => sum + size, 0);
    const isTooMuch = all + this.#writing > this.#mostBytes;
    // Down to less than the most, so that not every value has to look.
    const room = (isTooMuch ? ROOM_KEPT : 1) * this.#mostBytes - this.#writing;
    const kept = new Set<string>();
    let bytes = 0;
    for (const [i, name] of newest.entries()) {
      if (bytes + sizes[i]! > room) break;
      bytes += sizes[i]!;
      kept.add(name);
    }
    this.#bytes = bytes;
    const gone = names.filter((name) => !kept.has(name));
    await Promise.all(gone.map((name) => rm(path.join(this.#folder, name), { force: true })));
  }
}

/** None of what is gone since its name was read. */
const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => ({ size: 0 }))).size;

/** `<id>.json`, and the same with an ending. */
const idOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('.')));
const expiryOf = (id: string): number => Number.parseInt(id, 36);
