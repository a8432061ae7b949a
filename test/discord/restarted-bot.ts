/** The bot as a process that is killed and started again over the same files, on one server. */
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { JobRow } from '../../src/store/jobs.ts';
import { type Bot, startBot } from '../support/bot.ts';
import { readJobRows } from '../support/job-rows.ts';
import { modelsFolder, varFolder } from '../training/fixtures/jobs.ts';
import { type DiscordServer, TOKEN } from './server.ts';

/** Of one life. */
const MOST_MS = 240_000;
/** What a killed process has sent arrives, and is in the channel, before it is looked at. */
const ARRIVAL_MS = 150;

export type Victim = 'bot' | 'child' | 'both';

export class RestartedBot {
  readonly server: DiscordServer;
  readonly folder: string;
  #bot: Bot | undefined;
  #earlier = '';

  constructor(server: DiscordServer, folder: string) {
    this.server = server;
    this.folder = folder;
  }

  /** Of the process that lives now. */
  get log(): string {
    return this.#bot?.stderr() ?? '';
  }

  /** Of all its lives. */
  get wholeLog(): string {
    return this.#earlier + this.log;
  }

  /** Resolves when it is connected. */
  async begin(): Promise<void> {
    const { server, folder } = this;
    const environment = {
      DISCORD_TOKEN: TOKEN,
      DISCORD_API_URL: server.apiUrl,
      MODELS_DIR: modelsFolder(folder),
      VAR_DIR: varFolder(folder),
      ENGINE: 'wasm',
      THREADS: '1',
      LOCALE: 'ko',
    };
    this.#earlier = this.wholeLog;
    this.#bot = startBot(folder, environment, MOST_MS);
    await this.#bot.saw(/"started"/);
  }

  /** Kills at once; resolves when what was sent before has arrived. */
  async kill(victim: Victim): Promise<void> {
    const child = [...this.log.matchAll(/"child":(\d+)/g)].at(-1)?.[1];
    if (victim !== 'bot' && child !== undefined) killIfThere(Number(child));
    if (victim === 'child') return;
    await this.#bot?.kill('SIGKILL');
    await wait(ARRIVAL_MS);
  }

  /** What is written down of a job. */
  async row(id: number): Promise<JobRow> {
    const rows = await readJobRows(path.join(varFolder(this.folder), 'jobs.db'));
    return rows.find((row) => row.id === id)!;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
