/** Where the project's own folders are, wherever the compiled code runs from. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  for (let folder = here; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json'))) return folder;
    if (folder === path.dirname(folder)) {
      throw new Error(`no package.json in ${here} or above it: Balladeer runs from its own folder alone`);
    }
  }
}

export const ROOT = findRoot();
export const MODELS_DIR = path.join(ROOT, 'models');
/** What the bot keeps for itself. */
export const VAR_DIR = path.join(ROOT, 'var');
export const DATA_DIR = path.join(ROOT, 'data');
/** Compiled kernels. */
export const KERNELS_DIR = path.join(ROOT, 'dist', 'kernels');
