/** A gateway: identifies, keeps sessions, repeats what a client has missed, and closes when it is told to. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

const OP = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  resume: 6,
  reconnect: 7,
  invalidSession: 9,
  hello: 10,
  acknowledged: 11,
} as const;
/** Guilds alone: none that needs a permission of Discord's. */
const INTENTS = 1;
const BETWEEN_SESSIONS_MS = 5000;

export interface GatewayOptions {
  readonly token: string;
  readonly heartbeatMs: number;
  /** Sessions that may begin in 5 seconds: one of each remainder of the shards' numbers. */
  readonly concurrency: number;
  readonly ready: (shard: readonly [number, number]) => Record<string, unknown>;
  /** What follows READY. */
  readonly guilds: (shard: readonly [number, number]) => readonly Record<string, unknown>[];
  readonly fault: (text: string) => void;
}

interface Session {
  readonly id: string;
  readonly shard: readonly [number, number];
  readonly events: { readonly t: string; readonly d: unknown; readonly s: number }[];
  socket: WebSocket | undefined;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #sessions = new Map<string, Session>();
  /** When a session of each bucket began. That of a client which has left is not held against the next one. */
  readonly #begun = new Map<number, { readonly session: Session; readonly at: number }>();
  readonly counts = { identified: 0, resumed: 0, heartbeats: 0 };
  /** Closes who identifies with this code. */
  refuseWith: number | undefined;
  /** Whether heartbeats are answered. */
  acknowledges = true;

  constructor(http: Server, options: GatewayOptions) {
    this.#options = options;
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#server.handleUpgrade(request, socket, head, (client) => this.#accept(client, request));
    });
  }

  get connected(): number {
    return [...this.#sessions.values()].filter(({ socket }) => socket).length;
  }

  /** Sends an event to the session that serves the guild; those that are away get it when they resume. */
  dispatch(t: string, d: unknown, guild?: string): void {
    for (const session of this.#sessions.values()) {
      const [shard, count] = session.shard;
      const wanted = guild === undefined ? 0 : Number((BigInt(guild) >> 22n) % BigInt(count));
      if (shard === wanted) this.#send(session, t, d);
    }
  }

  /** Closes every connection. */
  disconnect(code: number): void {
    for (const session of this.#sessions.values()) {
      session.socket?.close(code);
      session.socket = undefined;
    }
  }

  /** Sends the last event of each session again, as a new one. */
  repeatLast(): void {
    for (const session of this.#sessions.values()) {
      const { t, d } = session.events.at(-1)!;
      this.#send(session, t, d);
    }
  }

  /** Asks every client to connect again, as Discord does a few times a day. */
  askToReconnect(): void {
    for (const { socket } of this.#sessions.values())
      socket?.send(JSON.stringify({ op: OP.reconnect, d: null }));
  }

  forgetSessions(): void {
    this.#sessions.clear();
    this.#begun.clear();
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  #send(session: Session, t: string, d: unknown): void {
    const event = { t, d, s: session.events.length + 1 };
    session.events.push(event);
    session.socket?.send(JSON.stringify({ op: OP.dispatch, ...event }));
  }

  #accept(client: WebSocket, request: IncomingMessage): void {
    const query = new URL(request.url ?? '', 'http://here').searchParams;
    if (query.get('v') !== '10' || query.get('encoding') !== 'json')
      this.#options.fault(`gateway ${request.url}`);
    let session: Session | undefined;
    client.send(
      JSON.stringify({
        op: OP.hello,
        d: { heartbeat_interval: this.#options.heartbeatMs },
        s: null,
        t: null,
      }),
    );
    client.on('message', (data) => {
      const { op, d } = JSON.parse(String(data));
      if (op === OP.heartbeat) {
        this.counts.heartbeats++;
        if (this.acknowledges) client.send(JSON.stringify({ op: OP.acknowledged }));
      } else if (op === OP.identify) session = this.#identify(client, d);
      else if (op === OP.resume) session = this.#resume(client, d);
    });
    client.on('close', () => {
      if (session?.socket === client) session.socket = undefined;
    });
  }

  #identify(
    client: WebSocket,
    d: { token: string; intents: number; shard?: [number, number] },
  ): Session | undefined {
    const { token, ready, guilds, fault } = this.#options;
    if (d.token !== token) return void client.close(4004);
    if (this.refuseWith !== undefined) return void client.close(this.refuseWith);
    if (d.intents !== INTENTS) fault(`intents ${d.intents}`);
    const bucket = (d.shard?.[0] ?? 0) % this.#options.concurrency;
    const last = this.#begun.get(bucket);
    const since = last?.session.socket ? performance.now() - last.at : Number.POSITIVE_INFINITY;
    // What was sent on time may come a little early, after one that was held up.
    if (since < BETWEEN_SESSIONS_MS - 500) {
      fault(`shard ${d.shard?.[0]} identified ${Math.round(since)} ms after another`);
      return void client.send(JSON.stringify({ op: OP.invalidSession, d: false }));
    }
    this.counts.identified++;
    const id = `session-${this.counts.identified}`;
    const session: Session = { id, shard: d.shard ?? [0, 1], events: [], socket: client };
    this.#sessions.set(id, session);
    this.#begun.set(bucket, { session, at: performance.now() });
    this.#send(session, 'READY', { ...ready(session.shard), session_id: id, shard: session.shard });
    for (const guild of guilds(session.shard)) this.#send(session, 'GUILD_CREATE', guild);
    return session;
  }

  #resume(client: WebSocket, d: { token: string; session_id: string; seq: number }): Session | undefined {
    const session = this.#sessions.get(d.session_id);
    if (d.token !== this.#options.token) return void client.close(4004);
    if (!session) return void client.send(JSON.stringify({ op: OP.invalidSession, d: false }));
    this.counts.resumed++;
    session.socket = client;
    for (const event of session.events.slice(d.seq))
      client.send(JSON.stringify({ op: OP.dispatch, ...event }));
    this.#send(session, 'RESUMED', {});
    return session;
  }
}
