/**
 * SQLite by whichever library is there: `libsql`, whose native part a light install (`npm ci --omit=optional`) leaves
 * out, else the one that Node has had since 22.13, else one in WebAssembly. All are used in the words of `libsql`,
 * which are better-sqlite3's, and read and write the same files.
 */
import { UserError } from '../errors.ts';

/** Values are text, numbers, bytes and null. */
export interface Statement {
  get(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[];
  run(...values: unknown[]): unknown;
}

/** Throws errors whose `code` is SQLite's name of it: `SQLITE_FULL`, `SQLITE_BUSY`, ... */
export interface Database {
  readonly inTransaction: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

/** Makes the file where there is none. */
export type OpenFile = (file: string) => Promise<Database>;

/** How a database is opened. Throws a `UserError` where there is no SQLite at all. */
export async function sqliteDriver(): Promise<OpenFile> {
  const native = await nativeDriver();
  if (native) return native;
  try {
    const { wasmDriver } = await import('./sqlite-wasm.ts');
    return await wasmDriver();
  } catch (error) {
    throw new UserError('databaseMissing', { node: process.version }, { cause: error });
  }
}

/** One whose locks are the kernel's; undefined where there is none. */
export async function nativeDriver(): Promise<OpenFile | undefined> {
  return (await libsqlDriver().catch(() => undefined)) ?? (await nodeDriver());
}

/** Throws where its native part was not installed, or does not load. */
export async function libsqlDriver(): Promise<OpenFile> {
  const { default: Constructor } = await import('libsql');
  return async (file) => {
    try {
      return new Constructor(file) as Database;
    } catch (error) {
      // Of an opening that fails it has the number alone, at the end of a sentence.
      const [, errcode] = /: (\d+)\W*$/.exec((error as Error).message) ?? [];
      throw withName(error as Error, Number(errcode));
    }
  };
}

/** What is used of `node:sqlite`; the types of the oldest Node that we support do not have it. */
interface NodeDatabase {
  readonly isTransaction?: boolean;
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** Undefined where Node has none. */
export async function nodeDriver(): Promise<OpenFile | undefined> {
  const name = 'node:sqlite';
  try {
    const { DatabaseSync } = (await import(name)) as { DatabaseSync: new (file: string) => NodeDatabase };
    return async (file) => inWordsOfLibsql(named(() => new DatabaseSync(file)));
  } catch {
    return undefined;
  }
}

function inWordsOfLibsql(database: NodeDatabase): Database {
  let isOpen = true;
  return {
    get inTransaction() {
      return database.isTransaction ?? true;
    },
    exec: (sql) => named(() => database.exec(sql)),
    close() {
      if (isOpen) named(() => database.close());
      isOpen = false;
    },
    prepare(sql) {
      const statement = named(() => database.prepare(sql));
      return {
        get: (...values) => plain(named(() => statement.get(...values))),
        all: (...values) => named(() => statement.all(...values)).map(plain),
        run: (...values) => named(() => statement.run(...values)),
      };
    },
  };
}

/** A row without a prototype is no equal of one with the same values that has one. */
const plain = (row: unknown): unknown => (row === undefined ? undefined : { ...(row as object) });

/** SQLite's primary result codes that are told apart. */
const NAMES: Readonly<Record<number, string>> = {
  3: 'SQLITE_PERM',
  5: 'SQLITE_BUSY',
  8: 'SQLITE_READONLY',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  19: 'SQLITE_CONSTRAINT',
  26: 'SQLITE_NOTADB',
};

/** Node has the number alone. */
function named<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw withName(error as Error, (error as { errcode?: number }).errcode);
  }
}

function withName(error: Error, errcode: number | undefined): Error {
  const name = errcode === undefined ? undefined : NAMES[errcode & 0xff];
  return name === undefined ? error : Object.assign(error, { code: name });
}
