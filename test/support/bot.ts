/** The bot as people start it: a process with pipes. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const PATIENCE_MS = 60_000;

export interface Ending {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

export interface Bot {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  send(line: string): void;
  /** Resolves when both outputs together match; throws after a minute. */
  saw(pattern: RegExp): Promise<void>;
  /** Ends its input. */
  end(): Promise<Ending>;
  kill(signal: NodeJS.Signals): Promise<Ending>;
}

/** Starts the bot in an environment of its own: nothing of the developer's configuration reaches it. */
export function startBot(
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
  patienceMs = PATIENCE_MS,
): Bot {
  const { PATH = '' } = process.env;
  // Replaying the project's own corpus would take small trainings minutes.
  const own = { MODELS_DIR: cwd, VAR_DIR: path.join(cwd, 'var'), REPLAY: '0' };
  const child = spawn(process.execPath, [MAIN], { cwd, env: { PATH, ...own, ...environment } });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const watch of watchers) watch();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const watch of watchers) watch();
  });
  const ending = new Promise<Ending>((resolve) => {
    child.on('close', (code) => {
      for (const watch of watchers) watch();
      resolve({ stdout, stderr, code });
    });
  });
  const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  void ending.then(() => clearTimeout(impatience));
  return {
    pid: child.pid!,
    stdout: () => stdout,
    stderr: () => stderr,
    send: (line) => void child.stdin.write(`${line}\n`),
    saw: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = () => {
          if (pattern.test(stdout + stderr)) resolve();
          else if (child.exitCode !== null || child.signalCode !== null)
            reject(new Error(`ended before ${pattern}: ${stdout}${stderr}`));
          else return;
          watchers.delete(watch);
        };
        watchers.add(watch);
        watch();
      }),
    end: () => {
      child.stdin.end();
      return ending;
    },
    kill: (signal) => {
      child.kill(signal);
      return ending;
    },
  };
}

/** Runs the bot on piped lines to its end. */
export function runBot(
  cwd: string,
  input: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ending> {
  const bot = startBot(cwd, environment);
  if (input !== '') bot.send(input.replace(/\n$/, ''));
  return bot.end();
}
