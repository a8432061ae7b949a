/** What a model may be called: a name that is a file's in any system and a word in any chat. */
import path from 'node:path';
import { UserError } from '../errors.ts';

/** What stands for no model where a model is named. */
export const NO_MODEL = 'none';
const MODEL_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u;
const LONGEST_GUESS = 40;

/** Throws a `UserError` that says what a name is made of. */
export function assertModelName(name: string): void {
  if (!MODEL_NAME.test(name) || name === NO_MODEL) throw new UserError('modelName', {});
}

/** The wanted name, if it is free; else one after a file that is. Throws a `UserError` on a wanted one that is not. */
export function freeModelName(taken: readonly string[], wanted: string | undefined, file: string): string {
  if (wanted !== undefined) {
    assertModelName(wanted);
    if (taken.includes(wanted)) throw new UserError('modelExists', { model: wanted });
    return wanted;
  }
  const stem = path
    .parse(file)
    .name.normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[._-]+/, '');
  const free = [...stem].slice(0, LONGEST_GUESS).join('') || 'model';
  if (!taken.includes(free) && free !== NO_MODEL) return free;
  let number = 2;
  while (taken.includes(`${free}-${number}`)) number++;
  return `${free}-${number}`;
}
