/**
 * A Discord for tests on this machine, stricter than the real one: gateway, REST, uploads. It refuses what
 * Discord refuses, and lists in `faults` what a bot should not have done, refused or not.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { commandFaults } from './command-faults.ts';
import { Gateway } from './gateway.ts';
import { ChannelHistory } from './history.ts';
import { type Json, Refusal, type Request, readBody, send } from './http.ts';
import { EPHEMERAL, messageFaults, RESPONSES, responseFaults, type Upload } from './message-faults.ts';
import { type MessageBody, StoredInteraction, StoredMessage } from './messages.ts';
import { RateLimits } from './rate-limits.ts';
import { snowflake } from './snowflake.ts';

export const TOKEN = 'MTIz.token-for.tests_only';
/** What may happen to a bot that does nothing wrong: somebody removed the message, or it is old. */
const BLAMELESS = [10008, 30046];

export interface ServerOptions {
  /** Milliseconds of an interaction's first response, and of its token. */
  readonly deadlineMs?: number;
  readonly tokenMs?: number;
  readonly heartbeatMs?: number;
  readonly shards?: number;
  /** Connections that are left for today, and how many may be begun in 5 seconds. */
  readonly sessions?: number;
  readonly concurrency?: number;
}

export class DiscordServer {
  readonly faults: string[] = [];
  /** Method and path of every request, ids and tokens included. */
  readonly requests: string[] = [];
  readonly applicationId = snowflake();
  readonly guild = snowflake();
  readonly channel = snowflake();
  readonly messages: StoredMessage[] = [];
  /** What people wrote in the channel. */
  readonly history = new ChannelHistory();
  readonly interactions: StoredInteraction[] = [];
  readonly limits = new RateLimits((text) => this.faults.push(text));
  /** Registered commands by scope: a guild's id, or `global`. */
  readonly commands = new Map<string, Json[]>();
  /** Whether the bot may write in the channel, and to people. */
  mayPost = true;
  mayDirect = true;
  /** Conversations of the bot with people: whose, by channel. */
  readonly conversations = new Map<string, string>();
  /** Answers the next requests with this status and leaves what they do undone, or does it all the same. */
  failNext: { pattern: RegExp; status: number; times: number; isDone?: boolean } | undefined;
  readonly gateway: Gateway;
  readonly #http: Server;
  readonly #options: Required<ServerOptions>;
  readonly #nonces = new Map<string, StoredMessage>();
  readonly #uploads = new Map<string, { readonly bytes: Uint8Array; isExpired: boolean }>();

  private constructor(http: Server, options: Required<ServerOptions>) {
    this.#http = http;
    this.#options = options;
    this.gateway = new Gateway(http, {
      token: TOKEN,
      heartbeatMs: options.heartbeatMs,
      concurrency: options.concurrency,
      ready: () => ({
        v: 10,
        user: { id: this.applicationId, username: 'balladeer', discriminator: '0', avatar: null, bot: true },
        guilds: [{ id: this.guild, unavailable: true }],
        resume_gateway_url: this.gatewayUrl,
        application: { id: this.applicationId, flags: 0 },
      }),
      guilds: ([shard, count]) =>
        Number((BigInt(this.guild) >> 22n) % BigInt(count)) === shard ? [this.#guild()] : [],
      fault: (text) => this.faults.push(text),
    });
    http.on('request', (request, response) => void this.#serve(request, response));
  }

  static async start(options: ServerOptions = {}): Promise<DiscordServer> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const defaults = {
      deadlineMs: 3000,
      tokenMs: 15 * 60_000,
      heartbeatMs: 41_250,
      shards: 1,
      sessions: 1000,
      concurrency: 16,
    };
    return new DiscordServer(http, { ...defaults, ...options });
  }

  async close(): Promise<void> {
    this.gateway.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get apiUrl(): string {
    return `${this.origin}/api`;
  }

  get gatewayUrl(): string {
    return this.origin.replace('http', 'ws');
  }

  /** What the bot has said to a person in their own conversation. */
  directTo(person: string): StoredMessage[] {
    return this.messages.filter(({ channel }) => this.conversations.get(channel) === person);
  }

  /** An interaction that happens now. */
  interact(
    makeEvent: (interaction: StoredInteraction) => Json,
    guild: string | undefined,
  ): StoredInteraction {
    const interaction = new StoredInteraction(this.channel);
    this.interactions.push(interaction);
    this.gateway.dispatch('INTERACTION_CREATE', makeEvent(interaction), guild);
    return interaction;
  }

  /** A file that somebody gave with a command. `size` is what Discord says it has. */
  upload(name: string, bytes: Uint8Array, { size = bytes.length, isExpired = false, url = '' } = {}): Json {
    const id = snowflake();
    this.#uploads.set(id, { bytes, isExpired });
    const own = `${this.origin}/attachments/${this.channel}/${id}/${encodeURIComponent(name)}?ex=1&is=1&hm=1`;
    return { id, filename: name, size, url: url || own, proxy_url: url || own, content_type: 'text/plain' };
  }

  #guild(): Json {
    return {
      id: this.guild,
      name: 'guild',
      owner_id: snowflake(),
      preferred_locale: 'ko',
      features: [],
      emojis: [],
      stickers: [],
      roles: [{ id: this.guild, name: '@everyone', permissions: '0', position: 0, color: 0, flags: 0 }],
      channels: [{ id: this.channel, type: 0, name: 'songs', position: 0, permission_overwrites: [] }],
      members: [],
      threads: [],
      voice_states: [],
      presences: [],
      stage_instances: [],
      guild_scheduled_events: [],
      member_count: 2,
    };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      // Its sender was killed meanwhile: it was never asked.
      return;
    }
    if (url.pathname.startsWith('/attachments/')) return this.#download(url, response);
    const method = request.method ?? 'GET';
    const path = url.pathname.replace(/^\/api\/v10/, '');
    this.requests.push(`${method} ${path}`);
    const isOwnToken = /^\/(webhooks|interactions)\//.test(path);
    let headers: Readonly<Record<string, string>> = {};
    try {
      if (!url.pathname.startsWith('/api/v10/')) throw new Refusal(404, 0, 'not found');
      if (!isOwnToken && request.headers.authorization !== `Bot ${TOKEN}`) {
        throw new Refusal(401, 0, '401: Unauthorized');
      }
      const failure = this.#failure(`${method} ${path}`);
      if (failure && !failure.isDone) throw new Refusal(failure.status, 0, 'a failure');
      if (!path.endsWith('/callback')) {
        const verdict = this.limits.count(`${method} ${path.replace(/\/messages\/.*/, '/messages/:id')}`);
        headers = verdict.headers;
        if (verdict.retryAfter !== undefined) {
          const body = {
            message: 'You are being rate limited.',
            retry_after: verdict.retryAfter,
            global: false,
          };
          return send(response, 429, body, headers);
        }
      }
      if (!/^DiscordBot \(/.test(request.headers['user-agent'] ?? '')) {
        this.faults.push(`${method} ${path}: a User-Agent that Discord may block`);
      }
      const { body, uploads } = await readBody(request, Buffer.concat(chunks));
      const result = this.#route({ method, path, query: url.searchParams, body, uploads });
      if (failure) throw new Refusal(failure.status, 0, 'its answer is lost');
      send(response, result === undefined ? 204 : 200, result, headers);
    } catch (error) {
      if (!(error instanceof Refusal)) this.faults.push(String((error as Error).stack));
      const { status = 500, code = 0, message } = error as Refusal;
      const isFault = (status === 400 || status === 404) && !BLAMELESS.includes(code);
      if (isFault) this.faults.push(`${method} ${path}: ${message}`);
      send(response, status, { message, code }, headers);
    }
  }

  #failure(route: string): DiscordServer['failNext'] {
    const { failNext } = this;
    if (!failNext || failNext.times === 0 || !failNext.pattern.test(route)) return undefined;
    failNext.times--;
    return failNext;
  }

  #download(url: URL, response: ServerResponse): void {
    const file = this.#uploads.get(url.pathname.split('/')[3]!);
    if (!file || file.isExpired) {
      response.writeHead(404).end('This content is no longer available.');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.on('error', () => {});
    response.end(file.bytes);
  }

  #route(request: Request): unknown {
    const { method, path } = request;
    const [, room, first, second, third, fourth] = path.split('/');
    if (method === 'GET' && path === '/gateway/bot') {
      const { shards, sessions: left, concurrency: max_concurrency } = this.#options;
      const remaining = Math.max(0, left - this.gateway.counts.identified);
      const session_start_limit = { total: 1000, remaining, reset_after: 14_400_000, max_concurrency };
      return { url: this.gatewayUrl, shards, session_start_limit };
    }
    if (method === 'GET' && path === '/applications/@me')
      return { id: this.applicationId, name: 'balladeer' };
    if (room === 'applications' && path.endsWith('/commands')) return this.#commands(request);
    if (room === 'interactions' && path.endsWith('/callback')) return this.#respond(request, first!, second!);
    if (room === 'webhooks' && first === this.applicationId) return this.#webhook(request, second!, fourth);
    if (method === 'POST' && path === '/users/@me/channels') return this.#converse(request.body);
    if (room === 'channels' && second === 'messages' && method === 'GET') return this.#readHistory(request);
    if (room === 'channels' && second === 'messages') return this.#channelMessage(request, first!, third);
    throw new Refusal(404, 0, `no route ${method} ${path}`);
  }

  #commands({ method, path, query, body }: Request): unknown {
    const guild = /\/guilds\/(\d+)\//.exec(path)?.[1];
    const scope = guild ?? 'global';
    if (guild !== undefined && guild !== this.guild) throw new Refusal(403, 50001, 'Missing Access');
    if (method === 'GET') {
      if (query.get('with_localizations') !== 'true')
        this.faults.push('commands without their localizations');
      return this.commands.get(scope) ?? [];
    }
    const faults = commandFaults(body, scope === 'global' ? 'global' : 'guild');
    if (faults.length > 0) throw new Refusal(400, 50035, faults.join('; '));
    // What Discord adds, and what it leaves out.
    const registered = (body as unknown as Json[]).map((command) => ({
      id: snowflake(),
      application_id: this.applicationId,
      version: snowflake(),
      nsfw: false,
      dm_permission: true,
      ...(guild === undefined ? {} : { guild_id: guild, contexts: null, integration_types: [0] }),
      ...command,
      options: ((command.options ?? []) as Json[]).map(({ required, ...option }) =>
        required ? { required, ...option } : option,
      ),
    }));
    this.commands.set(scope, registered);
    return registered;
  }

  #respond({ body }: Request, id: string, token: string): undefined {
    const interaction = this.interactions.find((one) => one.id === id && one.token === token);
    const afterMs = interaction ? performance.now() - interaction.begunAt : Number.POSITIVE_INFINITY;
    if (!interaction || afterMs > this.#options.deadlineMs)
      throw new Refusal(404, 10062, 'Unknown interaction');
    if (interaction.response) throw new Refusal(400, 40060, 'Interaction has already been acknowledged.');
    const faults = responseFaults(body);
    if (faults.length > 0) throw new Refusal(400, 50035, faults.join('; '));
    const { type, data = {} } = body as { type: number; data?: Json };
    const isPrivate = data.flags === EPHEMERAL;
    if (type === RESPONSES.completions) interaction.choices = data.choices as StoredInteraction['choices'];
    else {
      interaction.original = new StoredMessage(interaction.channel, isPrivate);
      this.messages.push(interaction.original);
      if (type === RESPONSES.message) this.#change(interaction.original, data, [], ['flags']);
    }
    interaction.response = { type, isPrivate, afterMs };
    return undefined;
  }

  #webhook(request: Request, token: string, id: string | undefined): unknown {
    const interaction = this.interactions.find((one) => one.token === token);
    if (!interaction?.response) throw new Refusal(404, 10015, 'Unknown Webhook');
    if (performance.now() - interaction.begunAt > this.#options.tokenMs) {
      throw new Refusal(401, 50027, 'Invalid Webhook Token');
    }
    if (request.method === 'POST') return this.#followUp(interaction, request);
    const all = [...(interaction.original ? [interaction.original] : []), ...interaction.followUps];
    return this.#existing(
      request,
      id === '@original' ? interaction.original : all.find((one) => one.id === id),
    );
  }

  /** The first one after "thinking" takes its place, with who may read it. */
  #followUp(interaction: StoredInteraction, { body, uploads, query }: Request): Json {
    if (query.get('wait') !== 'true') this.faults.push('a follow-up whose id nobody waits for');
    const isPrivate = body.flags === EPHEMERAL;
    const message = interaction.isThinking
      ? interaction.original!
      : new StoredMessage(interaction.channel, isPrivate);
    this.#change(message, body, uploads, ['flags']);
    if (message !== interaction.original) {
      interaction.followUps.push(message);
      this.messages.push(message);
    }
    return { id: message.id, ...message.body };
  }

  #converse({ recipient_id: person, ...others }: Json): Json {
    if (typeof person !== 'string' || !/^\d{15,20}$/.test(person) || Object.keys(others).length > 0)
      throw new Refusal(400, 50035, 'recipient_id');
    const [known] = [...this.conversations].find(([, user]) => user === person) ?? [];
    const id = known ?? snowflake();
    this.conversations.set(id, person);
    return { id, type: 1, recipients: [{ id: person }] };
  }

  #readHistory({ path, query }: Request): unknown {
    if (!path.includes(this.channel) || !this.history.mayRead)
      throw new Refusal(403, 50001, 'Missing Access');
    const { fault, page } = this.history.read(query);
    if (fault) throw new Refusal(400, 50035, fault);
    return page;
  }

  #channelMessage(request: Request, channel: string, id: string | undefined): unknown {
    const isDirect = this.conversations.has(channel);
    if (channel !== this.channel && !isDirect) throw new Refusal(404, 10003, 'Unknown Channel');
    if (isDirect && !this.mayDirect) throw new Refusal(403, 50007, 'Cannot send messages to this user');
    if (!isDirect && !this.mayPost) throw new Refusal(403, 50013, 'Missing Permissions');
    if (id !== undefined)
      return this.#existing(
        request,
        this.messages.find((one) => one.id === id),
      );
    const { nonce, enforce_nonce: isUnique } = request.body as { nonce?: string; enforce_nonce?: boolean };
    const known = isUnique && nonce ? this.#nonces.get(nonce) : undefined;
    if (known) return { id: known.id };
    const message = new StoredMessage(channel, false);
    this.#change(message, request.body, request.uploads, ['nonce', 'enforce_nonce']);
    this.messages.push(message);
    if (nonce) this.#nonces.set(nonce, message);
    return { id: message.id };
  }

  #existing({ method, body, uploads }: Request, message: StoredMessage | undefined): unknown {
    if (!message || message.isDeleted) throw new Refusal(404, 10008, 'Unknown Message');
    if (method === 'DELETE') {
      message.isDeleted = true;
      return undefined;
    }
    if (method !== 'PATCH') throw new Refusal(405, 0, method);
    if (message.isOld)
      throw new Refusal(400, 30046, 'Maximum number of edits to messages older than 1 hour reached.');
    this.#change(message, body, uploads);
    return { id: message.id, ...message.body };
  }

  #change(
    message: StoredMessage,
    body: Json,
    uploads: readonly Upload[],
    keys: readonly string[] = [],
  ): void {
    const faults = messageFaults(body, { keys, uploads, files: message.files });
    if (faults.length > 0) throw new Refusal(400, 50035, faults.join('; '));
    // A list of files names all that the message has from now on.
    if (body.attachments) message.files = [];
    message.change(
      body as MessageBody,
      uploads.map(({ name }) => name),
    );
  }
}
