/** Where the text lies that is learnt to a loss. It is not ours, so it is not in the repository. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { dataOf } from '../../src/cli/data.ts';
import { DATA_DIR, ROOT } from '../../src/paths.ts';

/** Looked for in turn where no text is named: as char-rnn lays it, and beside the checkout. */
export const TEXT_PLACES = [
  path.join(DATA_DIR, 'tinyshakespeare', 'input.txt'),
  path.join(ROOT, '..', 'shared', 'data', 'tinyshakespeare.txt'),
] as const;

/** Where char-rnn has it. */
export const TEXT_SOURCE =
  'https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt';

/**
 * The file of the text; undefined where none was named and none is there.
 * @param dataDir as `--data-dir` names it: a folder with `input.txt`, or a file.
 */
export async function findText(dataDir: string | undefined): Promise<string | undefined> {
  if (dataDir !== undefined) return (await dataOf(dataDir)).data;
  return TEXT_PLACES.find((file) => existsSync(file));
}
