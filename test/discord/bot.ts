/** The bot on a test server, in this process: the real client, commands and models. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Discord, type DiscordOptions } from '../../src/platforms/discord.ts';
import { createTestServices, type TestServices } from '../support/services.ts';
import type { StoredInteraction } from './messages.ts';
import { DiscordServer, type ServerOptions, TOKEN } from './server.ts';

export const ADMIN_ROLE = '222222222222222222';
/** Test machines may be busy. */
const PATIENCE_MS = 60_000;

interface Context {
  after(clean: () => Promise<void>): void;
}

export interface TestBot extends TestServices {
  readonly server: DiscordServer;
  readonly discord: Discord;
  /** Exit codes that the platform has asked for. */
  readonly exits: readonly number[];
}

/** A bot that is connected, to a server of its own. */
export async function startTestBot(context: Context, options: ServerOptions = {}): Promise<TestBot> {
  const server = await startServer(context, options);
  const services = await createTestServices(context);
  return { server, ...services, ...(await connect(server, services)) };
}

/** Bots by the server that they are on: they leave before it does. */
const guests = new WeakMap<DiscordServer, Discord[]>();

export async function startServer(context: Context, options: ServerOptions = {}): Promise<DiscordServer> {
  const server = await DiscordServer.start(options);
  guests.set(server, []);
  context.after(async () => {
    for (const discord of guests.get(server)!) await discord.stop();
    await server.close();
  });
  return server;
}

/** Connects a bot to the server. */
export async function connect(
  server: DiscordServer,
  { services, dispatcher, log }: TestServices,
  options: Partial<DiscordOptions> = {},
): Promise<Pick<TestBot, 'discord' | 'exits'>> {
  const exits: number[] = [];
  const defaults = { token: TOKEN, adminRoles: [ADMIN_ROLE], apiUrl: server.apiUrl, shards: 'auto' } as const;
  const discord = new Discord({ ...defaults, ...options });
  guests.get(server)?.push(discord);
  await discord.start({ dispatcher, services, log, leave: (code) => void exits.push(code) });
  return { discord, exits };
}

/** Whether a lyric is whole: until then it may have been shown in parts. */
export const isWhole = (lyric: StoredInteraction): boolean =>
  lyric.answers.some(({ buttons }) => buttons.length > 0);

/** Resolves when it holds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const impatient = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > impatient) throw new Error(`never: ${what}`);
    await sleep(5);
  }
}
