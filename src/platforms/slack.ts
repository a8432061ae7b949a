/**
 * Slack as a platform, on @slack/bolt: by Socket Mode, or by HTTP with a signing secret. Every event is
 * acknowledged before anything else is done with it; what it means is left to slack-events.ts, which does not
 * know the library.
 */
import {
  App,
  HTTPReceiver,
  type Logger,
  LogLevel,
  type Receiver,
  SocketModeReceiver,
  webApi,
} from '@slack/bolt';
import { systemCode, UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import { Buttons } from './buttons.ts';
import type { Platform, PlatformHost } from './platform.ts';
import { isUnreachable, SlackApi, slackFault } from './slack-api.ts';
import { type SlackCommand, SlackEvents } from './slack-events.ts';
import { People } from './slack-people.ts';
import { Seen } from './slack-seen.ts';
import { SlackSocket } from './slack-socket.ts';

export interface SlackOptions {
  readonly botToken: string;
  readonly connection:
    | { readonly kind: 'socket'; readonly appToken: string }
    | { readonly kind: 'http'; readonly signingSecret: string; readonly port: number };
  /** Ids of people who are admins besides those of the workspace. */
  readonly admins: readonly string[];
  /** Of the Web API, if not Slack's own. */
  readonly apiUrl: string | undefined;
}

const SLACK_API_URL = 'https://slack.com/api/';
const CALL_TIMEOUT_MS = 15_000;
const START_PATIENCE_MS = 5000;
/** Faults that say that a token is not what it should be. */
const BAD_TOKEN =
  /^(invalid_auth|not_authed|account_inactive|token_revoked|token_expired|not_allowed_token_type|no_permission|missing_scope|org_login_required|user_removed_from_team|team_disabled)$/;

/** How events come in. */
interface Connection {
  readonly receiver: Receiver;
  open(): Promise<void>;
  close(): Promise<void>;
}

export class Slack implements Platform {
  readonly name = 'slack';
  readonly #options: SlackOptions;
  readonly #seen = new Seen();
  readonly #unfinished = new Set<Promise<void>>();
  #connection: Connection | undefined;

  constructor(options: SlackOptions) {
    this.#options = options;
  }

  async start(host: PlatformHost): Promise<void> {
    const { botToken, admins, apiUrl } = this.#options;
    const log = host.log.child({ platform: this.name });
    const client = new webApi.WebClient(botToken, clientOptions(apiUrl, log));
    const api = new SlackApi(async (method, args) => ({ ...(await client.apiCall(method, args)) }));
    const identity = await this.#explained('SLACK_BOT_TOKEN', () =>
      api.call('auth.test', {}, START_PATIENCE_MS),
    );
    const events = new SlackEvents({
      host,
      api,
      people: new People(api, admins),
      buttons: new Buttons(host.services.kept),
      files: { api, token: botToken, apiUrl },
      team: String(identity.team_id),
    });
    const connection = this.#connect(log);
    const app = new App({
      receiver: connection.receiver,
      // Who we are is known: the library would ask again, and leave a rejection to nobody.
      authorize: async () => ({
        botToken,
        botId: String(identity.bot_id),
        botUserId: String(identity.user_id),
      }),
      logger: boltLogger(log),
      convoStore: false,
      clientOptions: clientOptions(apiUrl, log),
    });
    this.#listen(app, events, log);
    await this.#explained('SLACK_APP_TOKEN', () => connection.open());
    this.#connection = connection;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#unfinished);
    await this.#connection?.close();
  }

  #connect(log: Log): Connection {
    const { connection, apiUrl } = this.#options;
    if (connection.kind === 'http') {
      const { signingSecret, port } = connection;
      return httpConnection(new HTTPReceiver({ signingSecret, port, logger: boltLogger(log) }), port);
    }
    const receiver = new SocketModeReceiver({
      appToken: connection.appToken,
      autoReconnectEnabled: false,
      logger: boltLogger(log),
      // Options of its own: the library writes 100 retries into those that it is given.
      installerOptions: { clientOptions: clientOptions(apiUrl, log) },
      customPropertiesExtractor: ({ envelope_id: envelopeId }) => ({ envelopeId }),
    });
    const socket = new SlackSocket(receiver.client, log);
    return { receiver, open: () => socket.open(), close: () => socket.close() };
  }

  #listen(app: App, events: SlackEvents, log: Log): void {
    const any = /.*/;
    const run = (context: object, body: object, work: () => Promise<void>) =>
      this.#once(context, body, work, log);
    app.command(any, async ({ ack, context, body }) => {
      await acknowledged(() => ack(), log);
      run(context, body, () => events.onCommand(body));
    });
    app.action(any, async ({ ack, context, body }) => {
      await acknowledged(() => ack(), log);
      if (body.type === 'block_actions') run(context, body, () => events.onAction(body as never));
    });
    app.view(any, async ({ ack, context, body }) => {
      await acknowledged(() => ack(), log);
      run(context, body, () => events.onSubmission(body as never));
    });
    app.shortcut(any, async ({ ack, context, body }) => {
      await acknowledged(() => ack(), log);
      run(context, body, () => events.onShortcut(body as never));
    });
    app.error(async (error) => log.error({ err: error }, 'an event from Slack was not handled'));
  }

  /** Does what an event asks for, unless it was delivered before. */
  #once(context: object, body: object, work: () => Promise<void>, log: Log): void {
    if (this.#seen.check(identities(context, body))) return;
    const done = work()
      .catch((error: unknown) => log.error({ err: error }, 'an event from Slack was not handled'))
      .finally(() => this.#unfinished.delete(done));
    this.#unfinished.add(done);
  }

  /** What keeps us from starting, in words for who starts us. */
  async #explained<T>(variable: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const fault = slackFault(error);
      if (fault !== undefined && BAD_TOKEN.test(fault)) {
        throw new UserError('slackToken', { variable, fault }, { cause: error });
      }
      if (isUnreachable(error)) {
        const address = this.#options.apiUrl ?? SLACK_API_URL;
        throw new UserError('slackUnreachable', { address }, { cause: error });
      }
      throw error;
    }
  }
}

const clientOptions = (apiUrl: string | undefined, log: Log): webApi.WebClientOptions => ({
  ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
  logger: boltLogger(log),
  timeout: CALL_TIMEOUT_MS,
  // Waiting and repeating is ours: the library would stop all calls, and repeat what was said already.
  rejectRateLimitedCalls: true,
  retryConfig: { retries: 0 },
});

/** Where an acknowledgement fails the connection is gone; the event is here all the same. */
async function acknowledged(ack: () => Promise<void>, log: Log): Promise<void> {
  await ack().catch((error: unknown) => log.warn({ err: error }, 'an event was not acknowledged'));
}

/** By what an event is known again when it is delivered again. */
function identities(context: object, body: object): string[] {
  const { envelopeId } = context as { envelopeId?: unknown };
  const { trigger_id: trigger, command, text } = body as Partial<SlackCommand>;
  const keys = typeof envelopeId === 'string' ? [`envelope ${envelopeId}`] : [];
  if (typeof trigger === 'string') keys.push(`trigger ${trigger} ${command ?? ''} ${text ?? ''}`);
  return keys;
}

function httpConnection(receiver: HTTPReceiver, port: number): Connection {
  let close = async () => {};
  return {
    receiver,
    async open() {
      try {
        const server = await receiver.start(port);
        close = async () => {
          const stopped = receiver.stop();
          server.closeIdleConnections();
          await stopped;
        };
      } catch (error) {
        if (!['EADDRINUSE', 'EACCES'].includes(systemCode(error) ?? '')) throw error;
        throw new UserError('slackPort', { port }, { cause: error });
      }
    },
    close: () => close(),
  };
}

/** The library's warnings and errors in our log, without secrets; what it would debug holds people's text. */
function boltLogger(log: Log): Logger {
  const told = (message: readonly unknown[]) => ({
    detail: String(message[0]).replace(/\bx(ox[a-z]|app)-[\w-]+/g, '[redacted]'),
  });
  return {
    debug() {},
    info() {},
    warn: (...message) => log.warn(told(message), 'warning of the Slack client'),
    error: (...message) => log.error(told(message), 'error of the Slack client'),
    setLevel() {},
    setName() {},
    getLevel: () => LogLevel.WARN,
  };
}
