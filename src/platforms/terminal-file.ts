/** Files of the person at the terminal, by their paths. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { IncomingFile } from '../commands/option.ts';
import { UserError } from '../errors.ts';
import { fileLength, readBytes } from '../store/files.ts';

/** `input.txt` says nothing: a folder in char-rnn's convention, `data/<name>/input.txt`, gives its own name. */
const USUAL_NAME = 'input.txt';

/** One path, spaces and all, where there is such a file; else the paths between the spaces. */
export function openLocalFiles(given: string): readonly IncomingFile[] {
  const words = given.split(/\s+/);
  return existsSync(pathOf(given)) || !words.every((word) => existsSync(pathOf(word)))
    ? [openLocalFile(given)]
    : words.map(openLocalFile);
}

const pathOf = (given: string): string => path.resolve(given.replace(/^~(?=\/)/, homedir()));

export function openLocalFile(given: string): IncomingFile {
  const file = pathOf(given);
  const isUsual = path.basename(file) === USUAL_NAME;
  return {
    name: isUsual ? `${path.basename(path.dirname(file))}.txt` : path.basename(file),
    async read(limit) {
      const isFolder = await stat(file).then(
        (status) => status.isDirectory(),
        () => false,
      );
      const source = isFolder ? path.join(file, USUAL_NAME) : file;
      const bytes = await fileLength(source);
      if (bytes > limit) throw new UserError('dataTooLarge', { file: given, bytes, limit });
      return readBytes(source);
    },
  };
}
