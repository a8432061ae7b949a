/** The bot as people start it, driven through its pipe: how soon it sings, and how much memory it takes. */
import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ui } from '../../src/strings/ui.ts';
import { readMemory } from './serve.ts';

const MAIN = fileURLToPath(new URL('../../src/start.js', import.meta.url));
const MODEL = 'measured';
/** For a garbage collection that still goes on. */
const SETTLE_MS = 1000;
const PATIENCE_MS = 60_000;

/** A folder with one model in which the bot is started; its `.env` names the folder. */
export interface Home {
  readonly folder: string;
  remove(): Promise<void>;
}

export async function createHome(checkpoint: string): Promise<Home> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bench-bot-'));
  const models = path.join(folder, 'models');
  await mkdir(models);
  await copyFile(checkpoint, path.join(models, `${MODEL}.safetensors`));
  await writeFile(path.join(folder, '.env'), `MODELS_DIR=${models}\n`);
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

export interface FirstLyric {
  /** Milliseconds from the start of the process. */
  readonly first_character_ms: number;
  readonly lyric_ms: number;
  readonly exit_ms: number;
}

const balladLine = (length: number): string => `/ballad 사랑은 model:${MODEL} length:${length} seed:7\n`;

/** Starts the bot with one line in its pipe. Throws an `Error` with its complaint where no lyric comes. */
export async function firstLyric({ folder }: Home, length: number): Promise<FirstLyric> {
  const start = performance.now();
  const bot = startBot(folder);
  let first = Number.NaN;
  let last = Number.NaN;
  bot.child.stdout.on('data', () => {
    last = performance.now() - start;
    if (Number.isNaN(first)) first = last;
  });
  bot.child.stdin.end(balladLine(length));
  const code = await bot.ended;
  if (code !== 0 || Number.isNaN(first)) throw new Error(`the bot ended with ${code}: ${bot.complaint()}`);
  return { first_character_ms: first, lyric_ms: last, exit_ms: performance.now() - start };
}

export interface IdleMemory {
  /** Resident megabytes after `/status` alone; the checkpoint was not needed yet. */
  readonly before_first_lyric_mb: number;
  /** After a lyric and `/status`: the checkpoint is in memory. */
  readonly after_lyric_mb: number;
}

/** Undefined where the system does not tell. */
export async function idleMemory({ folder }: Home, length: number): Promise<IdleMemory | undefined> {
  const bot = startBot(folder);
  try {
    const ask = async (lines: string, answers: number) => {
      bot.child.stdin.write(lines);
      await bot.statusAnswered(answers);
      await sleep(SETTLE_MS);
      return readMemory(bot.child.pid!).resident;
    };
    const before = await ask('/status\n', 1);
    const after = await ask(`${balladLine(length)}/status\n`, 2);
    if (before === null || after === null) return undefined;
    return { before_first_lyric_mb: before / 1e6, after_lyric_mb: after / 1e6 };
  } finally {
    bot.child.stdin.end();
    await bot.ended;
  }
}

function startBot(folder: string) {
  const child = spawn(process.execPath, [...process.execArgv, MAIN], { cwd: folder });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (piece: string) => {
      output[stream] += piece;
    });
  }
  child.stdin.on('error', () => {}); // heard as its end
  const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(impatience);
      resolve(code);
    });
  });
  const answers = () =>
    (['ko', 'en'] as const).reduce(
      (sum, locale) => sum + output.stdout.split(ui(locale).loadedModels).length - 1,
      0,
    );
  return {
    child,
    ended,
    complaint: () => output.stderr.trim(),
    /** Resolves when `/status` was answered that often. */
    async statusAnswered(wanted: number): Promise<void> {
      while (answers() < wanted) {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`the bot ended: ${output.stderr.trim()}`);
        }
        await sleep(20);
      }
    },
  };
}
