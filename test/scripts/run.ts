/** Runs a compiled script as people do, as a process of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** @param file a compiled script, by default of this project's `scripts` folder. */
export function runNode(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const file = fileURLToPath(new URL(script, new URL('../../scripts/', import.meta.url)));
  // Without the runner's own variable a script may run tests itself; English whatever the machine speaks.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...env, LOCALE: 'en', LC_ALL: 'en_US.UTF-8', ...environment },
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (piece) => {
      output[stream] += piece;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ ...output, code }));
  });
}
