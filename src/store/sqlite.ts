/** A SQLite database that is whole after any kind of end, with its schema brought up to date. */
import path from 'node:path';
import { systemCode, UserError } from '../errors.ts';
import { makeFolder, writeError } from './files.ts';
import type { Database, OpenFile } from './sqlite-driver.ts';

export type { Database, OpenFile } from './sqlite-driver.ts';

/**
 * Opens a database, or makes it. `migrations` are SQL, one for each version of the schema; those not yet made are
 * made, each in whole or not at all; by `driver`, where one is given. Throws a `UserError` where the file cannot be
 * used.
 */
export async function openDatabase(
  file: string,
  migrations: readonly string[],
  driver?: OpenFile,
): Promise<Database> {
  // Loaded here, so that answering the first lyric does not wait for it.
  const { sqliteDriver } = await import('./sqlite-driver.ts');
  const open = driver ?? (await sqliteDriver());
  await makeFolder(path.dirname(file));
  let database: Database | undefined;
  try {
    database = await open(file);
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    migrate(database, migrations, file);
    return database;
  } catch (error) {
    database?.close();
    throw sqliteError(error, file);
  }
}

function migrate(database: Database, migrations: readonly string[], file: string): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > migrations.length) throw new UserError('databaseNewer', { file });
  for (const [index, sql] of migrations.entries()) {
    if (index >= version)
      inTransaction(database, () => database.exec(`${sql}; PRAGMA user_version = ${index + 1}`));
  }
}

/** All of `work` or nothing. */
export function inTransaction<T>(database: Database, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** What SQLite says, as a `UserError` where people can do something about it. */
export function sqliteError(error: unknown, file: string): unknown {
  const code = systemCode(error) ?? '';
  if (code.startsWith('SQLITE_FULL')) return writeError(withCode(error, 'ENOSPC'), file);
  // The constructor's errors have no code, only SQLite's number.
  if (
    /^SQLITE_(CANTOPEN|READONLY|PERM)/.test(code) ||
    /^ConnectionFailed\(.*: 14"\)$/.test(String((error as Error)?.message))
  )
    return writeError(withCode(error, 'EACCES'), file);
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code))
    return new UserError('databaseDamaged', { file }, { cause: error });
  return error;
}

const withCode = (cause: unknown, code: string) => Object.assign(new Error(code, { cause }), { code });
