/**
 * SQLite in WebAssembly, where a machine has no other: slower to load, and for one process at a time. Its locks are
 * folders that a killed process leaves behind, so a lock that ends with the process stands before them.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import type { BindValues, Database as WasmDatabase } from 'node-sqlite3-wasm';
import { systemCode } from '../errors.ts';
import { takeSocketLock } from './socket-lock.ts';
import type { Database, OpenFile, Statement } from './sqlite-driver.ts';

/** What SQLite says, and its names of it: the library gives the sentence alone. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^database is locked/, 'SQLITE_BUSY'],
  [/^attempt to write a readonly database/, 'SQLITE_READONLY'],
  [/^unable to open database file|^Could not open the database/, 'SQLITE_CANTOPEN'],
  [/^database disk image is malformed/, 'SQLITE_CORRUPT'],
  [/^file is not a database/, 'SQLITE_NOTADB'],
  [/^database or disk is full/, 'SQLITE_FULL'],
  [/constraint failed/, 'SQLITE_CONSTRAINT'],
];
/** More than any write of SQLite's at once. */
const PROBE_BYTES = 2 ** 16;

export async function wasmDriver(): Promise<OpenFile> {
  const { default: library } = await import('node-sqlite3-wasm');
  return async (file) => {
    const lock = await takeSocketLock(file);
    if (!lock) throw Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
    try {
      removeLeftLock(file);
      const database = named(file, () => new library.Database(file));
      // Before the first access: a log beside the database needs memory that processes share, or one process alone.
      named(file, () => database.exec('PRAGMA locking_mode = EXCLUSIVE'));
      return inWordsOfLibsql(database, file, lock.release);
    } catch (error) {
      lock.release();
      throw error;
    }
  };
}

/** Nobody has it: whoever made it was killed. */
function removeLeftLock(file: string): void {
  try {
    rmdirSync(`${file}.lock`);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

function inWordsOfLibsql(database: WasmDatabase, file: string, release: () => void): Database {
  return {
    get inTransaction() {
      return database.inTransaction;
    },
    exec: (sql) => named(file, () => database.exec(sql)),
    close() {
      if (!database.isOpen) return;
      try {
        named(file, () => database.close());
      } finally {
        release();
      }
    },
    prepare: (sql) => statementOf(database, file, sql),
  };
}

/** Made anew for each use, since the library's own have to be freed. */
function statementOf(database: WasmDatabase, file: string, sql: string): Statement {
  return {
    get: (...values) => named(file, () => database.get(sql, values as BindValues)) ?? undefined,
    all: (...values) => named(file, () => database.all(sql, values as BindValues)),
    run: (...values) => named(file, () => database.run(sql, values as BindValues)),
  };
}

function named<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { message } = error as Error;
    const known = NAMES.find(([sentence]) => sentence.test(message))?.[1];
    const name = known ?? (message === 'disk I/O error' ? refusalOf(file) : undefined);
    throw name === undefined ? error : Object.assign(error as Error, { code: name });
  }
}

/** SQLite's name for why a write beside a file is refused, where that is for lack of room. */
function refusalOf(file: string): string | undefined {
  const probe = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const descriptor = openSync(probe, 'wx');
    try {
      for (let left = PROBE_BYTES; left > 0; ) left -= writeSync(descriptor, Buffer.alloc(left));
    } finally {
      closeSync(descriptor);
    }
    return undefined;
  } catch (error) {
    return ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '') ? 'SQLITE_FULL' : undefined;
  } finally {
    rmSync(probe, { force: true });
  }
}
