/**
 * Keeps a Socket Mode client connected. The client's own reconnecting waits for seconds after each of Slack's
 * routine disconnections, gives up where the network fails, and rejects promises that nobody holds.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { rateLimitMs } from './slack-api.ts';

/** What is used of the client, made with `autoReconnectEnabled: false`. */
export interface SocketClient {
  /** Rejects where no connection comes about. */
  start(): Promise<unknown>;
  disconnect(): Promise<void>;
  on(event: 'disconnected', listener: () => void): unknown;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** How long Slack may take to close a connection. */
const FAREWELL_MS = 2000;

export class SlackSocket {
  readonly #client: SocketClient;
  readonly #log: Log;
  readonly #closing = new AbortController();
  #connecting = false;

  constructor(client: SocketClient, log: Log) {
    this.#client = client;
    this.#log = log;
    client.on('disconnected', () => {
      if (!this.#connecting && !this.#closing.signal.aborted) void this.#reconnect();
    });
  }

  /** Connects for the first time. Rejects with the client's error. */
  async open(): Promise<void> {
    this.#connecting = true;
    try {
      await this.#client.start();
    } finally {
      this.#connecting = false;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.race([this.#client.disconnect(), sleep(FAREWELL_MS, undefined, { ref: false })]);
  }

  async #reconnect(): Promise<void> {
    const { signal } = this.#closing;
    this.#connecting = true;
    for (let wait = FIRST_WAIT_MS; !signal.aborted; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      try {
        await this.#client.start();
        break;
      } catch (error) {
        if (signal.aborted) break;
        this.#log.warn({ err: error }, 'Slack is not connected');
        await sleep(rateLimitMs(error) ?? wait, undefined, { signal }).catch(() => {});
      }
    }
    this.#connecting = false;
    if (!signal.aborted) this.#log.info('connected to Slack again');
  }
}
