/**
 * Discord over discord.js: the only file that imports it. Events become plain data for discord-requests.ts, calls
 * go through the library's REST client, which keeps to the rate limits. All shards run in this process, so that
 * they share the models in memory.
 */
import {
  type AutocompleteInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  Client,
  DiscordAPIError,
  DiscordjsError,
  DiscordjsErrorCodes,
  Events,
  GatewayCloseCodes,
  GatewayIntentBits,
  HTTPError,
  type Interaction as JsInteraction,
  Options,
  REST,
  type RESTOptions,
  SimpleShardingStrategy,
} from 'discord.js';
import type { Command } from '../commands/command.ts';
import type { RawOptions } from '../commands/option.ts';
import { systemCode, UserError } from '../errors.ts';
import { Buttons } from './buttons.ts';
import { DiscordRefusal } from './discord-api.ts';
import { commandBodies, isRegistered } from './discord-commands.ts';
import { incomingFile } from './discord-files.ts';
import { stayAway } from './discord-leaving.ts';
import { surviveEarlySending } from './discord-rejections.ts';
import { DiscordRequests, type Happening, type Interaction, MOST_BYTES } from './discord-requests.ts';
import type { Call, Send } from './discord-rest.ts';
import type { Platform, PlatformHost } from './platform.ts';

const API_URL = 'https://discord.com/api';
/** How long a start waits for the guilds: commands that come meanwhile wait too, and have 3 seconds. */
const GUILDS_MS = 1000;
/** Longest wait that a rate limit may impose on a registration: some last a day. */
const REGISTRATION_MS = 60_000;

/** What the library says where the connections of a day are used up; it has no code for it. */
const NO_SESSIONS = /^Not enough sessions remaining.*resets at (\S+)$/;

export interface DiscordOptions {
  readonly token: string;
  readonly adminRoles: readonly string[];
  /** Another address of the API. */
  readonly apiUrl: string | undefined;
  /** Connections that share the guilds; `auto` takes as many as Discord recommends. */
  readonly shards: 'auto' | number;
  /** Whether people's messages may be read: a privileged intent of the application. */
  readonly messageContent?: boolean;
}

export class Discord implements Platform {
  readonly name = 'discord';
  readonly #options: DiscordOptions;
  #left = new AbortController();
  #client: Client | undefined;
  #requests: DiscordRequests | undefined;
  #release: () => void = () => {};

  constructor(options: DiscordOptions) {
    this.#options = options;
  }

  async start(host: PlatformHost): Promise<void> {
    const { adminRoles, apiUrl } = this.#options;
    const log = host.log.child({ platform: 'discord' });
    this.#left = new AbortController();
    const client = createClient(this.#options, this.#left.signal);
    this.#client = client;
    const buttons = new Buttons(host.services.kept);
    const send = sender(client.rest, new REST({ ...restOptions(apiUrl), retries: 0 }));
    const requests = new DiscordRequests({
      host,
      send,
      buttons,
      adminRoles,
      messageContent: this.#options.messageContent ?? false,
    });
    this.#requests = requests;
    const testHost = apiUrl === undefined ? undefined : new URL(apiUrl).hostname;
    client.on(Events.InteractionCreate, (interaction) => {
      const happening = happeningOf(interaction, testHost);
      if (happening) requests.take(plain(interaction), happening);
    });
    this.#release = surviveEarlySending(() => log.warn('a shard sent before it was connected'));
    client.on(Events.Error, (error) => log.error({ err: withoutContent(error) }, 'client error'));
    client.on(Events.ShardError, (error, shard) =>
      log.warn({ shard, reason: reasonOf(error) }, 'connection error'),
    );
    client.on(Events.ShardReconnecting, (shard) => log.info({ shard }, 'reconnecting'));
    client.on(Events.ShardResume, (shard, replayed) => log.info({ shard, replayed }, 'resumed'));
    client.rest.on('rateLimited', ({ route, timeToReset }) =>
      log.debug({ route, timeToReset }, 'rate limit'),
    );
    try {
      await connect(client, this.#options);
    } catch (error) {
      this.#left.abort();
      await client.destroy();
      this.#release();
      throw error;
    }
    client.on(Events.ShardDisconnect, ({ code }, shard) => {
      log.fatal({ shard, code }, 'Discord has closed the connection for good');
      host.leave(1);
    });
    log.info({ guilds: client.guilds.cache.size, shards: client.ws.shards.size }, 'connected');
  }

  async stop(): Promise<void> {
    await this.#requests?.settled();
    this.#left.abort();
    await this.#client?.destroy();
    this.#release();
  }
}

function createClient({ apiUrl, shards }: DiscordOptions, left: AbortSignal): Client {
  return new Client({
    intents: [GatewayIntentBits.Guilds],
    rest: restOptions(apiUrl),
    // Always given: by itself discord.js would read SHARDS from the environment, as JSON.
    ...(shards === 'auto'
      ? { shards }
      : { shards: Array.from({ length: shards }, (_, i) => i), shardCount: shards }),
    ws: { buildStrategy: (manager) => new SimpleShardingStrategy(stayAway(manager, left)) },
    waitGuildTimeout: GUILDS_MS,
    allowedMentions: { parse: [] },
    // Nothing of people and their messages is needed after their interaction.
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      UserManager: { maxSize: 100, keepOverLimit: (user) => user.id === user.client.user.id },
      GuildMemberManager: { maxSize: 100, keepOverLimit: (member) => member.id === member.client.user.id },
    }),
  });
}

const restOptions = (apiUrl: string | undefined): Partial<RESTOptions> =>
  apiUrl === undefined ? {} : { api: apiUrl };

/** Resolves when commands come in. Throws a `UserError` where Discord refuses or cannot be reached. */
async function connect(client: Client, { token, apiUrl }: DiscordOptions): Promise<void> {
  const ready = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
  const refused = new Promise<never>((_, reject) => {
    client.once(Events.ShardDisconnect, ({ code }) => reject(closeError(code)));
  });
  const login = client.login(token).catch((error: unknown) => {
    throw loginError(error, apiUrl);
  });
  await Promise.race([Promise.all([login, ready]), refused]);
}

function closeError(code: number): Error {
  switch (code) {
    case GatewayCloseCodes.AuthenticationFailed:
      return new UserError('discordToken', {});
    case GatewayCloseCodes.InvalidShard:
    case GatewayCloseCodes.ShardingRequired:
      return new UserError('discordShards', {});
    default:
      return new Error(`Discord closed the connection with code ${code}`);
  }
}

function loginError(error: unknown, apiUrl: string | undefined): UserError {
  const isToken = error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid;
  if (isToken || (error instanceof DiscordAPIError && error.status === 401)) {
    return new UserError('discordToken', {}, { cause: error });
  }
  const until = NO_SESSIONS.exec((error as Error).message)?.[1];
  if (until !== undefined) return new UserError('discordSessions', { until }, { cause: error });
  const facts = { address: apiUrl ?? API_URL, reason: reasonOf(error) };
  return new UserError('discordUnreachable', facts, { cause: error });
}

function happeningOf(interaction: JsInteraction, testHost: string | undefined): Happening | undefined {
  if (interaction.isChatInputCommand()) {
    return { kind: 'command', command: interaction.commandName, options: optionsOf(interaction, testHost) };
  }
  if (interaction.isButton()) return { kind: 'button', customId: interaction.customId };
  if (!interaction.isAutocomplete()) return undefined;
  const { name, value } = interaction.options.getFocused(true);
  return { kind: 'typing', command: interaction.commandName, option: name, value };
}

function optionsOf({ options }: ChatInputCommandInteraction, testHost: string | undefined): RawOptions {
  const entries = options.data.map(({ name, value, attachment }): [string, RawOptions[string]] => {
    if (!attachment) return [name, typeof value === 'number' ? value : String(value)];
    return [name, [incomingFile(attachment, testHost)]];
  });
  return Object.fromEntries(entries);
}

type Answerable = ChatInputCommandInteraction | ButtonInteraction | AutocompleteInteraction;

function plain(interaction: JsInteraction): Interaction {
  const { id, applicationId, token, user, guildId, channelId, member, locale, appPermissions } =
    interaction as Answerable;
  const roles = member?.roles;
  return {
    id,
    applicationId,
    token,
    user: user.id,
    guild: guildId ?? undefined,
    channel: channelId ?? undefined,
    member: member
      ? {
          permissions: interaction.memberPermissions?.bitfield,
          roles: Array.isArray(roles) ? roles : [...(roles?.cache.keys() ?? [])],
        }
      : undefined,
    locale,
    ownPermissions: appPermissions.bitfield,
    isThread: interaction.channel?.isThread() ?? false,
    mostBytes: interaction.attachmentSizeLimit ?? MOST_BYTES,
  };
}

/** Calls over a REST client of discord.js, which repeats what fails; `single` repeats nothing, and has no token. */
const sender =
  (rest: REST, single: REST = rest): Send =>
  async ({ method, path, body, files = [], authorized, once }: Call) => {
    try {
      return await (once ? single : rest).request({
        method: method as Parameters<REST['request']>[0]['method'],
        fullRoute: path,
        body,
        files: files.map(({ name, data }) => ({ name, data: Buffer.from(data) })),
        auth: authorized,
      });
    } catch (error) {
      throw withoutContent(error);
    }
  };

function withoutContent(error: unknown): unknown {
  if (error instanceof DiscordAPIError) {
    return new DiscordRefusal(`Discord: ${error.message}`, error.status, Number(error.code));
  }
  if (error instanceof HTTPError) return new DiscordRefusal(`Discord: ${error.message}`, error.status);
  return error;
}

function reasonOf(error: unknown): string {
  if (error instanceof HTTPError) return String(error.status);
  const { cause, message } = error as Error;
  return systemCode(error) ?? systemCode(cause) ?? message;
}

export interface Registration {
  readonly token: string;
  readonly apiUrl: string | undefined;
  readonly applicationId: string | undefined;
  /** Undefined for everywhere. */
  readonly guildId: string | undefined;
}

/**
 * Registers the commands where they differ from what is registered; returns whether they did. Throws a `UserError`
 * where Discord refuses or cannot be reached.
 */
export async function registerCommands(
  commands: readonly Command[],
  registration: Registration,
): Promise<boolean> {
  const { token, apiUrl, guildId } = registration;
  const rest = new REST({
    ...restOptions(apiUrl),
    rejectOnRateLimit: ({ timeToReset }) => timeToReset > REGISTRATION_MS,
  });
  const send = sender(rest.setToken(token));
  try {
    const application = registration.applicationId ?? (await ownApplication(send));
    const path = guildId === undefined ? '/commands' : `/guilds/${guildId}/commands`;
    const url = `/applications/${application}${path}` as const;
    const bodies = commandBodies(commands, guildId === undefined ? 'global' : 'guild');
    if (isRegistered(await registeredAt(send, url), bodies)) return false;
    await send({ method: 'PUT', path: url, body: bodies, authorized: true });
    return true;
  } catch (error) {
    throw registrationError(error, apiUrl);
  }
}

/** What is registered; nothing where that cannot be told (not every stand-in of Discord does): sending decides. */
async function registeredAt(send: Send, url: `/${string}`): Promise<readonly Record<string, unknown>[]> {
  try {
    const path = `${url}?with_localizations=true` as const;
    return (await send({ method: 'GET', path, authorized: true })) as readonly Record<string, unknown>[];
  } catch (error) {
    if (error instanceof DiscordRefusal && error.status === 404) return [];
    throw error;
  }
}

const ownApplication = async (send: Send): Promise<string> => {
  const application = await send({ method: 'GET', path: '/applications/@me', authorized: true });
  return (application as { readonly id: string }).id;
};

function registrationError(error: unknown, apiUrl: string | undefined): UserError {
  if (!(error instanceof DiscordRefusal)) return loginError(error, apiUrl);
  if (error.status === 401) return new UserError('discordToken', {}, { cause: error });
  return new UserError('discordRegistration', { reason: error.message }, { cause: error });
}
