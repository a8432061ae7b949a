/** Jobs as they are written down, while a bot may be at work on them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { systemCode } from '../../src/errors.ts';
import { type JobRow, JobStore } from '../../src/store/jobs.ts';

/** Some libraries of SQLite give a database to one process at a time: then a copy is read. */
export async function readJobRows(file: string): Promise<JobRow[]> {
  try {
    return await rowsIn(file);
  } catch (error) {
    if (!systemCode(error)?.startsWith('SQLITE_BUSY')) throw error;
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'balladeer-rows-'));
  try {
    const copy = path.join(folder, 'jobs.db');
    const [database, log] = await readBoth(file);
    await writeFile(copy, database);
    await writeFile(`${copy}-wal`, log);
    return await rowsIn(copy);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A database and its log, of one moment. */
async function readBoth(file: string): Promise<[Buffer, Buffer]> {
  const read = () => Promise.all([readFile(file), readFile(`${file}-wal`)]);
  let before = await read();
  for (;;) {
    const now = await read();
    if (now.every((bytes, i) => bytes.equals(before[i]!))) return now;
    before = now;
  }
}

async function rowsIn(file: string): Promise<JobRow[]> {
  const store = await JobStore.open(file);
  try {
    return store.list();
  } finally {
    store.close();
  }
}
