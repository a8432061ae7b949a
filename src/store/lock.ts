/**
 * A lock that ends with its process, however that ends: SQLite's lock on an empty file, which the kernel gives
 * free, or a socket where there is no such SQLite. Unlike an id in a file it is never left behind, and it holds
 * between containers that share a folder.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { systemCode } from '../errors.ts';
import { takeSocketLock } from './socket-lock.ts';
import { sqliteError } from './sqlite.ts';
import { type Database, nativeDriver, type OpenFile } from './sqlite-driver.ts';

export interface Lock {
  /** The file stays. */
  release(): void;
}

const LOOK_EVERY_MS = 60;

/**
 * Takes the lock, or resolves with undefined when another process still holds it after `patienceMs` or `signal` is
 * aborted. Throws a `UserError` where the file cannot be made.
 */
export async function takeLock(
  file: string,
  { patienceMs = 0, signal }: { readonly patienceMs?: number; readonly signal?: AbortSignal } = {},
): Promise<Lock | undefined> {
  const open = await nativeDriver();
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const lock = await (open ? tryLock(open, file) : takeSocketLock(file));
    if (lock || signal?.aborted || performance.now() >= deadline) return lock;
    // Never in step with another who waits.
    await wait(LOOK_EVERY_MS + randomInt(LOOK_EVERY_MS));
  }
}

async function tryLock(open: OpenFile, file: string): Promise<Lock | undefined> {
  let database: Database | undefined;
  try {
    database = await open(file);
    // Nothing will be written, so that a full disk is no hindrance.
    database.exec('PRAGMA journal_mode = OFF');
    database.exec('BEGIN EXCLUSIVE');
    const held = database;
    return { release: () => void held.close() };
  } catch (error) {
    database?.close();
    if (systemCode(error)?.startsWith('SQLITE_BUSY')) return undefined;
    throw sqliteError(error, file);
  }
}
