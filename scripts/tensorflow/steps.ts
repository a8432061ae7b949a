/** Printing of steps, and running of the tools that they need. */
import { spawnSync } from 'node:child_process';
import { localeOf } from '../../src/config.ts';
import { UserError } from '../../src/errors.ts';
import type { Localized } from '../../src/strings/index.ts';

export function say(text: Localized): void {
  console.log(text[localeOf()]);
}

/** Whether a tool is there and answers. */
export function answers(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/**
 * Runs a tool; its output goes to the terminal.
 * Throws a `UserError` with the step's name when it fails.
 */
export function run(step: string, command: string, args: readonly string[], folder?: string): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', cwd: folder });
  if (status === 0) return;
  const reason = error?.message ?? `${command} ended with ${status}`;
  throw new UserError('tensorflowSetup', { step, reason });
}

/** Throws a `UserError` that says what is missing and how to get it. */
export function requireTool(there: boolean, tool: string, hint: string): void {
  if (!there) throw new UserError('tensorflowSetup', { step: tool, reason: hint });
}
