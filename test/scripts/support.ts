/** The scripts as people run them: processes, in English, with nothing of the developer's configuration. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Script {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves when standard output matches, or the script has ended. */
  saw(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Closes our end of its standard output. */
  leave(): void;
}

const SCRIPTS = fileURLToPath(new URL('../../scripts', import.meta.url));

/** Starts `scripts/<name>.js` in `cwd`. @param shell commands before it in the same shell, such as limits. */
export function startScript(name: string, args: readonly string[], cwd: string, shell?: string): Script {
  const command = [process.execPath, path.join(SCRIPTS, `${name}.js`), ...args];
  const { PATH = '' } = process.env;
  const options = { cwd, env: { PATH, LOCALE: 'en', MODELS_DIR: cwd } };
  const child = shell
    ? spawn('sh', ['-c', `${shell}; exec "$@"`, 'sh', ...command], options)
    : spawn(command[0]!, command.slice(1), options);
  let [stdout, stderr] = ['', ''];
  let changed = () => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    changed();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ stdout, stderr, code, signal }));
  });
  return {
    pid: child.pid!,
    ended,
    async saw(pattern) {
      const seen = new Promise<void>((resolve) => {
        changed = () => pattern.test(stdout) && resolve();
        changed();
      });
      await Promise.race([seen, ended]);
    },
    kill: (signal) => void child.kill(signal),
    leave: () => void child.stdout.destroy(),
  };
}

export const runScript = (
  name: string,
  args: readonly string[],
  cwd: string,
  shell?: string,
): Promise<Ended> => startScript(name, args, cwd, shell).ended;
