/**
 * Files that are whole or absent: a write goes to a temporary file beside the target, reaches the disk, and
 * takes the target's name in one step. What the system refuses becomes a `UserError`.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode, UserError } from '../errors.ts';

/** A temporary file this young is left alone: its writer may live where we cannot see it (another container). */
const STALE_AFTER_MS = 60_000;

/** Temporary files that this process is writing. */
const writing = new Set<string>();

/**
 * Writes a file so that, whatever happens, the earlier file or the new one is there in whole. Removes what
 * dead processes left of earlier tries. Throws a `UserError` on a full disk or a folder that is missing or
 * not writable; nothing is left behind then.
 */
export async function writeFileAtomic(file: string, bytes: Uint8Array | string): Promise<void> {
  const folder = path.dirname(file);
  const name = `${temporaryPrefix(file)}${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  const temporary = path.join(folder, name);
  writing.add(name);
  try {
    await removeStale(file);
    await writeToDisk(temporary, bytes);
    await rename(temporary, file);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw writeError(error, file);
  } finally {
    writing.delete(name);
  }
}

/** Makes a folder and those above it. Throws a `UserError` where that is not allowed. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw new UserError('notAFolder', { folder }, { cause: error });
    throw writeError(error, folder);
  }
}

/** Reads a file. Throws a `UserError` where there is none, it may not be read, or it is not a file. */
export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw readError(error, file);
  }
}

/** Length of a file in bytes. Throws as `readBytes` does. */
export async function fileLength(file: string): Promise<number> {
  try {
    const status = await stat(file);
    if (status.isFile()) return status.size;
  } catch (error) {
    throw readError(error, file);
  }
  throw new UserError('notAFile', { file });
}

/**
 * Opens a file for reading its beginning: `use` gets a reader of the first so many bytes, and the length of
 * the whole. All reads see the same file, even when another takes its name meanwhile. Throws as `readBytes`
 * does.
 */
export async function readStart<T>(
  file: string,
  use: (read: (length: number) => Promise<Uint8Array>, fileLength: number) => Promise<T>,
): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    const { size } = await handle.stat();
    const reader = handle;
    const read = async (length: number) => {
      const { buffer, bytesRead } = await reader.read(Buffer.alloc(Math.min(length, size)), 0, undefined, 0);
      return buffer.subarray(0, bytesRead);
    };
    return await use(read, size);
  } catch (error) {
    throw readError(error, file);
  } finally {
    await handle?.close();
  }
}

async function writeToDisk(file: string, bytes: Uint8Array | string): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a rename or removal in a folder durable. Windows has no such call for folders. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const temporaryPrefix = (file: string): string => `.${path.basename(file)}.`;

/** Removes temporary files for `file` whose process is gone (or had our id before us). */
async function removeStale(file: string): Promise<void> {
  const folder = path.dirname(file);
  const prefix = temporaryPrefix(file);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || writing.has(name)) continue;
    const [, pid] = /^(\d+)\.[0-9a-f]{12}\.tmp$/.exec(name.slice(prefix.length)) ?? [];
    if (pid === undefined || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue;
    const stale = path.join(folder, name);
    const age = Date.now() - (await stat(stale).catch(() => ({ mtimeMs: Infinity }))).mtimeMs;
    if (age > STALE_AFTER_MS) await rm(stale, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

/** What the system says against writing a file, as a `UserError` where people can do something about it. */
export function writeError(error: unknown, file: string): unknown {
  const folder = path.dirname(file);
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new UserError('diskFull', { file }, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new UserError('folderNotWritable', { file, folder }, { cause: error });
    case 'ENOENT':
    case 'ENOTDIR':
      return new UserError('folderMissing', { file, folder }, { cause: error });
    case 'EISDIR':
      return new UserError('notAFile', { file }, { cause: error });
    default:
      return error;
  }
}

function readError(error: unknown, file: string): unknown {
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
    case 'ELOOP':
    case 'ERR_INVALID_ARG_VALUE':
      return new UserError('fileMissing', { file }, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new UserError('fileNotReadable', { file }, { cause: error });
    case 'EISDIR':
      return new UserError('notAFile', { file }, { cause: error });
    default:
      return error;
  }
}
