/** Files of messages, in a folder on the machine at whose terminal they are read. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { MessageFile } from '../commands/message.ts';
import { systemCode } from '../errors.ts';
import { makeFolder, writeError } from '../store/files.ts';

/** Of one name, before something must be wrong. */
const MOST_OF_A_NAME = 10_000;

/**
 * Writes a file under its name, or with a number behind it where there is one already; returns its path. Throws a
 * `UserError` where it cannot be written.
 */
export async function saveMessageFile(folder: string, { name, bytes }: MessageFile): Promise<string> {
  await makeFolder(folder);
  // Whatever the name says, it is one of a file in this folder.
  const { name: stem, ext } = path.parse(name.normalize('NFC').replace(/[^\p{L}\p{N}._-]+/gu, '-'));
  const plain = stem.replace(/^\.+/, '') || 'file';
  for (let number = 1; number <= MOST_OF_A_NAME; number++) {
    const file = path.join(folder, `${plain}${number === 1 ? '' : `-${number}`}${ext}`);
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(bytes).finally(() => handle.close());
      return file;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw writeError(error, file);
    }
  }
  throw new Error('too many files of one name');
}
