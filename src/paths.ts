/** Where the project's own folders are, wherever the compiled code runs from. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
}

export const ROOT = findRoot();
export const MODELS_DIR = path.join(ROOT, 'models');
/** What the bot keeps for itself. */
export const VAR_DIR = path.join(ROOT, 'var');
export const DATA_DIR = path.join(ROOT, 'data');
/** Compiled kernels. */
export const KERNELS_DIR = path.join(ROOT, 'dist', 'kernels');
