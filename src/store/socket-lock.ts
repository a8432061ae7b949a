/**
 * A lock that ends with its process, without any native code: whoever has it listens on a socket in the file system,
 * which nobody can connect to any more once that process is gone, however it went.
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import { systemCode, UserError } from '../errors.ts';
import { writeError } from './files.ts';
import type { Lock } from './lock.ts';

/**
 * Takes the lock named by a file, whose folder must be there; undefined while another has it, or tries at this moment.
 * The file itself is not touched: sockets stand beside it. Throws a `UserError` where none can be made there.
 */
export async function takeSocketLock(file: string): Promise<Lock | undefined> {
  try {
    return await (process.platform === 'win32' ? takePipe(file) : takeSocket(file));
  } catch (error) {
    const known = writeError(error, file);
    // A file system without sockets.
    throw known instanceof UserError
      ? known
      : new UserError('databaseMissing', { node: process.version }, { cause: error });
  }
}

/**
 * Everybody listens on a socket of their own first, and looks at the others' then: of two, the later to look sees the
 * earlier one listen. So never do two have it, though both may go away.
 */
async function takeSocket(file: string): Promise<Lock | undefined> {
  const folder = path.dirname(file);
  const prefix = `${path.basename(file)}-owner.`;
  const own = `${prefix}${randomBytes(6).toString('hex')}`;
  const server = await inFolder(folder, (short) => listen(path.join(short, own)));
  const release = () => {
    rmSync(path.join(folder, own), { force: true });
    server.close();
  };
  try {
    for (const name of await readdir(folder)) {
      if (!name.startsWith(prefix) || name === own) continue;
      if (await inFolder(folder, (short) => answers(path.join(short, name)))) {
        release();
        return undefined;
      }
      await rm(path.join(folder, name), { force: true });
    }
  } catch (error) {
    release();
    throw error;
  }
  return { release };
}

/** Windows lets one process make a pipe of a name, and forgets it with that process. */
async function takePipe(file: string): Promise<Lock | undefined> {
  const name = createHash('sha256').update(path.resolve(file).toLowerCase()).digest('hex');
  try {
    const server = await listen(`\\\\.\\pipe\\balladeer-${name}`);
    return { release: () => void server.close() };
  } catch (error) {
    if (systemCode(error) === 'EADDRINUSE') return undefined;
    throw error;
  }
}

/** An address may have no more than some hundred bytes, the path of a folder more: Linux knows shorter ones. */
async function inFolder<T>(folder: string, use: (short: string) => Promise<T>): Promise<T> {
  if (process.platform !== 'linux') return use(folder);
  const descriptor = openSync(folder, 'r');
  try {
    return await use(`/proc/self/fd/${descriptor}`);
  } finally {
    closeSync(descriptor);
  }
}

/** Keeps no process alive. */
function listen(address: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((asker) => asker.destroy());
    server.once('error', reject);
    server.listen(address, () => resolve(server.unref()));
  });
}

/** Whether somebody listens; in doubt, yes. */
function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asker = connect(address);
    const hear = (heard: boolean) => {
      asker.destroy();
      resolve(heard);
    };
    asker.once('connect', () => hear(true));
    asker.once('error', (error) => hear(!['ECONNREFUSED', 'ENOENT'].includes(systemCode(error) ?? '')));
  });
}
