/**
 * Slack on loopback: the Web API, Socket Mode, response addresses and files, as strict as Slack says it is.
 * What a bot does wrong (a late acknowledgement, a payload against the reference, too many calls) is listed in
 * `violations`; most of it is refused as Slack would.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { checkCall, checkResponse } from './checks.ts';
import { SlackFiles } from './files.ts';

export const BOT_TOKEN = 'xoxb-1-test';
export const APP_TOKEN = 'xapp-1-test';
export const TEAM = 'T1';
const TRIGGER_MS = 3000;
const UPDATES_A_MINUTE = 50;
const MOST_SENT = 50_000_000;

type Json = Readonly<Record<string, unknown>>;

/** A message as people in its channel see it. */
export interface Seen {
  readonly channel: string;
  readonly ts: string;
  text: string;
  blocks: readonly Json[];
  /** To whom alone; undefined for everyone. */
  readonly user?: string | undefined;
  readonly thread?: string | undefined;
  readonly by: 'chat.postMessage' | 'chat.postEphemeral' | 'response';
  /** When it was posted and changed, by `performance.now()`. */
  readonly times: number[];
  /** What it said, one after the other: its text alone. */
  readonly states: string[];
  deleted: boolean;
}

export interface Call {
  readonly method: string;
  readonly args: Json;
  readonly at: number;
}

interface Delivery {
  readonly envelope: string;
  readonly sentAt: number;
  readonly acknowledged: (ms: number) => void;
}

export interface StoredFile {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly contentType?: string;
  /** Sent on to another address. */
  readonly location?: string;
  /** Comes again and again; it ends after 50 MB, so that a reader which never has enough does not hang. */
  readonly endless?: boolean;
}

export class SlackServer {
  readonly violations: string[] = [];
  readonly calls: Call[] = [];
  readonly messages: Seen[] = [];
  readonly views: Json[] = [];
  /** Channels where the bot may post. */
  readonly channels = new Set(['C1']);
  readonly users = new Map<string, Json>();
  readonly files = new Map<string, StoredFile>();
  /** What the bot sends, and what it may read. */
  readonly uploads = new SlackFiles();
  readonly downloads: { readonly id: string; readonly authorization: string | undefined }[] = [];
  /** The next answers of a method, before it works again. */
  readonly faults = new Map<string, (string | { readonly status: number; readonly retryAfter?: number })[]>();
  connections = 0;
  /** Answers of apps.connections.open that name an address where nobody listens. */
  deadAddresses = 0;
  #socket: WebSocket | undefined;
  #server: Server | undefined;
  #next = 1;
  readonly #tickets = new Set<string>();
  readonly #triggers = new Map<string, number>();
  readonly #responses = new Map<string, { left: number; until: number; channel: string; user: string }>();
  /** Milliseconds to an acknowledgement. */
  ackMs = 3000;
  /** How long an address for responses works. */
  responseMs = 30 * 60_000;
  readonly #deliveries = new Map<string, Delivery>();

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#handle(request, response).catch((error) => {
        this.violations.push(`the test server failed: ${error}`);
        response.writeHead(500).end();
      });
    });
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket, { url }) => this.#welcome(socket, url ?? ''));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#server = server;
  }

  async stop(): Promise<void> {
    this.#socket?.terminate();
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server!.close(resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server!.address() as AddressInfo).port}`;
  }

  get apiUrl(): string {
    return `${this.origin}/api/`;
  }

  get isConnected(): boolean {
    return this.#socket?.readyState === 1;
  }

  id(prefix: string): string {
    return `${prefix}${this.#next++}`;
  }

  trigger(): string {
    const id = this.id('trigger.');
    this.#triggers.set(id, performance.now());
    return id;
  }

  /** @param uses how often it may be used. */
  responseUrl(channel: string, user: string, uses = 5): string {
    const id = this.id('response');
    this.#responses.set(id, { left: uses, until: performance.now() + this.responseMs, channel, user });
    return `${this.origin}/${id}`;
  }

  /** Sends an envelope; resolves with the milliseconds that its acknowledgement took. */
  send(type: string, payload: Json, envelope = this.id('envelope-')): Promise<number> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#deliveries.delete(envelope);
        this.violations.push(`${type} was not acknowledged within ${this.ackMs} ms`);
        reject(new Error('not acknowledged'));
      }, this.ackMs);
      const acknowledged = (ms: number) => {
        clearTimeout(late);
        resolve(ms);
      };
      this.#deliveries.set(envelope, { envelope, sentAt: performance.now(), acknowledged });
      const accepts = type === 'slash_commands' || type === 'interactive';
      this.#socket!.send(
        JSON.stringify({ envelope_id: envelope, type, payload, accepts_response_payload: accepts }),
      );
    });
  }

  /** What Slack says before it closes a connection that has been open for long. */
  refresh(): void {
    this.#socket!.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
  }

  /** The connection breaks. */
  drop(): void {
    this.#socket!.terminate();
  }

  /** Faults that the next calls of a method meet. */
  fail(
    method: string,
    ...faults: (string | { readonly status: number; readonly retryAfter?: number })[]
  ): void {
    this.faults.set(method, faults);
  }

  #welcome(socket: WebSocket, url: string): void {
    const ticket = new URL(url, this.origin).searchParams.get('ticket') ?? '';
    if (!this.#tickets.delete(ticket)) {
      this.violations.push('a connection with a used or unknown ticket');
      socket.close(4001);
      return;
    }
    this.#socket = socket;
    this.connections++;
    socket.on('message', (data) => {
      const { envelope_id: envelope } = JSON.parse(String(data));
      const delivery = this.#deliveries.get(envelope);
      this.#deliveries.delete(envelope);
      if (delivery) delivery.acknowledged(performance.now() - delivery.sentAt);
      else this.violations.push('an acknowledgement of nothing');
    });
    socket.send(JSON.stringify({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A1' } }));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.origin);
    const [, first = '', second = ''] = pathname.split('/');
    if (first === 'files') {
      this.#download(second, request, response);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (first === 'upload') {
      const ok = this.uploads.receive(second, Buffer.concat(chunks));
      response.writeHead(ok ? 200 : 400).end();
      return;
    }
    const body = Buffer.concat(chunks).toString();
    if (first === 'api') this.#api(second, body, request, response);
    else this.#respond(first, body, response);
  }

  #api(method: string, body: string, { headers }: IncomingMessage, response: ServerResponse): void {
    const args = readArgs(body, headers['content-type'] ?? '');
    const fault = this.faults.get(method)?.shift();
    if (typeof fault === 'object') {
      const { status, retryAfter } = fault;
      response.writeHead(status, retryAfter === undefined ? {} : { 'Retry-After': retryAfter }).end();
      return;
    }
    this.calls.push({ method, args, at: performance.now() });
    const token = method === 'apps.connections.open' ? APP_TOKEN : BOT_TOKEN;
    const isAuthorized = headers.authorization === `Bearer ${token}`;
    const error = fault ?? (isAuthorized ? undefined : 'invalid_auth');
    const answer = error ? { ok: false, error } : this.#answer(method, args);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  }

  #answer(method: string, args: Json): Json {
    const wrong = checkCall(method, args);
    this.violations.push(...wrong);
    if (wrong.length > 0) return { ok: false, error: 'invalid_arguments' };
    switch (method) {
      case 'auth.test':
        return { ok: true, team_id: TEAM, user_id: 'UBOT', bot_id: 'B1' };
      case 'apps.connections.open':
        return { ok: true, url: this.#address() };
      case 'users.info': {
        const user = this.users.get(String(args.user));
        return user ? { ok: true, user: { id: args.user, ...user } } : { ok: false, error: 'user_not_found' };
      }
      case 'files.getUploadURLExternal':
      case 'files.completeUploadExternal':
      case 'conversations.history':
        return this.uploads.answer(method, args, this.origin);
      case 'files.info':
        return { ok: true, file: this.describeFile(String(args.file)) };
      case 'views.open':
        return this.#open(args);
      case 'chat.update':
      case 'chat.delete':
        return this.#change(method, args);
      default:
        return this.#post(method as 'chat.postMessage', args);
    }
  }

  #address(): string {
    if (this.deadAddresses > 0) {
      this.deadAddresses--;
      return 'ws://127.0.0.1:9/';
    }
    const ticket = this.id('ticket');
    this.#tickets.add(ticket);
    return `${this.origin.replace('http', 'ws')}/socket?ticket=${ticket}`;
  }

  #open({ trigger_id: trigger, view }: Json): Json {
    const since = this.#triggers.get(String(trigger));
    this.#triggers.delete(String(trigger));
    if (since === undefined) return { ok: false, error: 'invalid_trigger_id' };
    if (performance.now() - since > TRIGGER_MS) return { ok: false, error: 'expired_trigger_id' };
    this.views.push(view as Json);
    return { ok: true, view: { id: this.id('V') } };
  }

  #post(method: 'chat.postMessage' | 'chat.postEphemeral', args: Json): Json {
    const { channel, text, blocks, user, thread_ts: thread } = args as Record<string, never>;
    const isPerson = method === 'chat.postMessage' && this.users.has(channel);
    if (!this.channels.has(channel) && !isPerson) return { ok: false, error: 'channel_not_found' };
    const message = this.#store({ channel, text, blocks: blocks ?? [], user, thread, by: method });
    // A message to a person stands in the bot's conversation with them.
    const where = isPerson ? `D${channel}` : channel;
    return { ok: true, channel: where, ts: message.ts, message_ts: message.ts };
  }

  #store(message: Omit<Seen, 'ts' | 'times' | 'states' | 'deleted'>): Seen {
    const ts = `${1_700_000_000 + this.#next++}.000100`;
    const stored = { ...message, ts, times: [performance.now()], states: [message.text], deleted: false };
    this.messages.push(stored);
    return stored;
  }

  #change(method: string, { channel, ts, text, blocks }: Json): Json {
    const message = this.messages.find((one) => one.ts === ts && one.channel === channel && !one.deleted);
    if (message?.by !== 'chat.postMessage') return { ok: false, error: 'message_not_found' };
    if (method === 'chat.delete') message.deleted = true;
    else {
      const now = performance.now();
      if (now - message.times.at(-1)! < 1000) this.violations.push('a message changed twice in a second');
      const recent = this.calls.filter((call) => call.method === method && now - call.at < 60_000).length;
      if (recent > UPDATES_A_MINUTE) this.violations.push('more than 50 updates in a minute');
      message.times.push(now);
      message.states.push(String(text));
      message.text = String(text);
      message.blocks = (blocks ?? []) as Json[];
    }
    return { ok: true, channel, ts, text };
  }

  #respond(id: string, body: string, response: ServerResponse): void {
    const address = this.#responses.get(id);
    if (address && performance.now() > address.until) {
      response.writeHead(404).end('expired_url');
      return;
    }
    if (!address || address.left === 0) {
      this.violations.push('an address for responses used too often');
      response.writeHead(404).end('used_url');
      return;
    }
    address.left--;
    const args: Json = JSON.parse(body);
    this.violations.push(...checkResponse(args));
    const { response_type: type, text, blocks = [], thread_ts: thread } = args as Record<string, never>;
    const user = type === 'ephemeral' ? address.user : undefined;
    this.#store({ channel: address.channel, text, blocks, user, thread, by: 'response' });
    response.writeHead(200).end('ok');
  }

  /** A file as events describe it. */
  describeFile(id: string): Json {
    const { name, bytes } = this.files.get(id)!;
    const url = `${this.origin}/files/${id}`;
    return { id, name, size: bytes.length, filetype: 'text', url_private: url, url_private_download: url };
  }

  #download(id: string, request: IncomingMessage, response: ServerResponse): void {
    this.downloads.push({ id, authorization: request.headers.authorization });
    const file = this.files.get(id);
    if (!file || request.headers.authorization !== `Bearer ${BOT_TOKEN}`) {
      response.writeHead(404).end();
      return;
    }
    if (file.location) {
      response.writeHead(302, { Location: file.location }).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': file.contentType ?? 'text/plain' });
    if (file.endless) void repeat(file.bytes, response);
    else response.end(file.bytes);
  }
}

async function repeat(bytes: Uint8Array, response: ServerResponse): Promise<void> {
  for (let sent = 0; !response.destroyed && sent < MOST_SENT; sent += bytes.length) {
    response.write(bytes);
    await new Promise(setImmediate);
  }
  response.end();
}

function readArgs(body: string, contentType: string): Json {
  if (contentType.startsWith('application/json')) return JSON.parse(body);
  const args: Record<string, unknown> = Object.fromEntries(new URLSearchParams(body));
  for (const name of ['blocks', 'view', 'files']) {
    if (typeof args[name] === 'string') args[name] = JSON.parse(args[name]);
  }
  return args;
}
