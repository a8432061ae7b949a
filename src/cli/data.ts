/** The text that `--data-dir` names. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { corpusFile } from '../training/corpus.ts';

/** `input.txt` in a folder, or a text file itself; and its name. Whether it is there, the reader will see. */
export async function dataOf(folder: string): Promise<{ readonly data: string; readonly name: string }> {
  const isFile = await stat(folder).then(
    (status) => status.isFile(),
    () => false,
  );
  return {
    data: path.resolve(isFile ? folder : corpusFile(folder)),
    name: path.parse(path.resolve(folder)).name,
  };
}
