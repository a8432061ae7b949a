/** The bot on a Slack of loopback, in this process, and what people do there. */
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, Services } from '../../src/commands/command.ts';
import { Dispatcher } from '../../src/platforms/dispatch.ts';
import { Slack, type SlackOptions } from '../../src/platforms/slack.ts';
import { readableLog } from '../support/log.ts';
import { createTestServices, type TestServices } from '../support/services.ts';
import { APP_TOKEN, BOT_TOKEN, type Seen, SlackServer, TEAM } from './server.ts';

const PATIENCE_MS = 60_000;

export interface WorkspaceOptions {
  /** Besides the bot's own. */
  readonly commands?: readonly Command[];
  readonly admins?: readonly string[];
  readonly rateLimits?: { readonly perUser: number; readonly perPlace: number };
  readonly connection?: SlackOptions['connection'];
  readonly services?: Partial<Services>;
  /** A bot that runs already, elsewhere too. */
  readonly bot?: TestServices;
}

export class Workspace {
  readonly server = new SlackServer();
  readonly #log = readableLog();
  services!: Services;
  dispatcher!: Dispatcher;
  folder!: string;
  slack!: Slack;
  #options: WorkspaceOptions = {};

  /** Opens a workspace with people: UADMIN, UOWNER, UPLAIN (Korean), UENGLISH. Ends with the test. */
  static async open(
    context: { after(clean: () => Promise<void>): void },
    options: WorkspaceOptions = {},
  ): Promise<Workspace> {
    const workspace = new Workspace();
    workspace.#options = options;
    const { server } = workspace;
    await server.start();
    server.users.set('UADMIN', { team_id: TEAM, locale: 'ko-KR', is_admin: true });
    server.users.set('UOWNER', { team_id: TEAM, locale: 'ko-KR', is_owner: true });
    server.users.set('UPLAIN', { team_id: TEAM, locale: 'ko-KR', is_admin: false });
    server.users.set('UENGLISH', { team_id: TEAM, locale: 'en-US', is_admin: false });
    const cleanings: (() => Promise<void>)[] = [];
    const after = (clean: () => Promise<void>) => void cleanings.unshift(clean);
    const { services, folder } = options.bot ?? (await createTestServices({ after }));
    const commands = [...services.commands, ...(options.commands ?? [])];
    workspace.services = { ...services, commands, ...options.services };
    workspace.folder = folder;
    await workspace.startBot();
    context.after(async () => {
      await workspace.dispatcher.close(0);
      await workspace.slack.stop();
      await server.stop();
      for (const clean of cleanings) await clean();
    });
    return workspace;
  }

  /** Another start over the same folder, as after a restart of the process. */
  async startBot(): Promise<void> {
    const { admins = [], rateLimits = { perUser: 1000, perPlace: 1000 }, connection, bot } = this.#options;
    const { log } = this.#log;
    this.dispatcher = bot?.dispatcher ?? new Dispatcher({ services: this.services, log, rateLimits });
    this.slack = new Slack({
      botToken: BOT_TOKEN,
      connection: connection ?? { kind: 'socket', appToken: APP_TOKEN },
      admins,
      apiUrl: this.server.apiUrl,
    });
    const { dispatcher, services } = this;
    await this.slack.start({ dispatcher, services, log, leave: () => {} });
  }

  get logged() {
    return this.#log.lines;
  }

  /** A slash command. Resolves with the milliseconds to its acknowledgement. */
  command(command: string, text = '', { user = 'UPLAIN', channel = 'C1', ...more } = {}): Promise<number> {
    return this.server.send('slash_commands', this.commandPayload(command, text, { user, channel, ...more }));
  }

  commandPayload(
    command: string,
    text: string,
    { user, channel, ...more }: { readonly user: string; readonly channel: string },
  ): Record<string, unknown> {
    return {
      token: 'old',
      command,
      text,
      user_id: user,
      user_name: 'someone',
      channel_id: channel,
      channel_name: 'somewhere',
      team_id: TEAM,
      team_domain: 'test',
      api_app_id: 'A1',
      is_enterprise_install: 'false',
      response_url: this.server.responseUrl(channel, user),
      trigger_id: this.server.trigger(),
      ...more,
    };
  }

  /** A press of the button with that label on a message. */
  press(message: Seen, label: string, options: { user?: string } = {}): Promise<number> {
    return this.server.send('interactive', this.pressPayload(message, label, options));
  }

  pressPayload(
    message: Seen,
    label: string,
    { user = 'UPLAIN', ...more } = {},
  ): Readonly<Record<string, unknown>> {
    const buttons = message.blocks.flatMap(({ type, elements }) =>
      type === 'actions' ? (elements as readonly Record<string, never>[]) : [],
    );
    const button = buttons.find(({ text }) => (text as { text: string }).text === label);
    if (!button) throw new Error(`no button ${label} on ${JSON.stringify(message.blocks)}`);
    return {
      type: 'block_actions',
      ...this.#who(user, message.channel),
      container: { type: 'message', message_ts: message.ts, channel_id: message.channel },
      message: { type: 'message', ts: message.ts, thread_ts: message.thread, text: message.text },
      actions: [{ ...button, block_id: 'b', action_ts: '1.0' }],
      ...more,
    };
  }

  /** Sends the form that was opened last, with what people filled in: text by option, or files. */
  submit(values: Readonly<Record<string, string | object[]>>, { user = 'UADMIN' } = {}): Promise<number> {
    const view = this.server.views.at(-1)!;
    const blocks = view.blocks as { block_id: string; element: { type: string; action_id: string } }[];
    const states = blocks.map(({ block_id: id, element: { type, action_id: action } }) => {
      const value = values[id];
      const state =
        type === 'file_input'
          ? { type, files: value ?? [] }
          : type === 'static_select'
            ? { type, selected_option: value === undefined ? null : { value } }
            : { type, value: value ?? null };
      return [id, { [action]: state }];
    });
    const { channel: _, response_url: __, ...who } = this.#who(user, 'C1');
    const state = { values: Object.fromEntries(states) };
    return this.server.send('interactive', {
      type: 'view_submission',
      ...who,
      view: { ...view, id: 'V1', hash: 'h', state, app_installed_team_id: TEAM },
      response_urls: [],
    });
  }

  /** The shortcut of a message with files. */
  shortcut(callback: string, files: readonly object[], { user = 'UADMIN' } = {}): Promise<number> {
    return this.server.send('interactive', {
      type: 'message_action',
      callback_id: callback,
      ...this.#who(user, 'C1'),
      message_ts: '1.0',
      message: { type: 'message', ts: '1.0', user: 'UPLAIN', text: 'a file', files },
    });
  }

  #who(user: string, channel: string) {
    return {
      user: { id: user, username: 'someone', team_id: TEAM },
      team: { id: TEAM, domain: 'test' },
      channel: { id: channel, name: 'somewhere' },
      api_app_id: 'A1',
      is_enterprise_install: false,
      enterprise: null,
      trigger_id: this.server.trigger(),
      response_url: this.server.responseUrl(channel, user),
    };
  }

  /** Resolves with the first message that fits, as soon as there is one. */
  async message(fits: (message: Seen) => boolean): Promise<Seen> {
    return this.until(() => this.server.messages.find((message) => !message.deleted && fits(message)));
  }

  /** Resolves with the first answer that is not undefined or false. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = look();
      if (found) return found;
      if (performance.now() > deadline) {
        const seen = this.server.messages.map(({ text, user }) => ({ text, user }));
        throw new Error(
          `not seen: ${look} in ${JSON.stringify(seen)} ${JSON.stringify(this.logged.slice(-5))}`,
        );
      }
      await sleep(10);
    }
  }

  /** Resolves when a message has its buttons: a lyric that has ended. */
  ended(fits: (message: Seen) => boolean = () => true): Promise<Seen> {
    return this.message((message) => hasButtons(message) && fits(message));
  }
}

/** One workspace for all tests of a suite. */
export function sharedWorkspace(options: WorkspaceOptions = {}): () => Workspace {
  let workspace: Workspace;
  const cleanings: (() => Promise<void>)[] = [];
  before(async () => {
    workspace = await Workspace.open({ after: (clean) => void cleanings.unshift(clean) }, options);
  });
  after(async () => {
    for (const clean of cleanings) await clean();
  });
  return () => workspace;
}

const hasButtons = ({ blocks }: Seen): boolean => blocks.some(({ type }) => type === 'actions');

/** The text of all blocks, as people read it. */
export function readable({ blocks }: Seen): string {
  const texts = blocks.flatMap(({ text, elements, fields }) =>
    [text, ...((elements ?? []) as object[]), ...((fields ?? []) as object[])].map((one) => {
      const inner = (one as { text?: string | { text: string } } | undefined)?.text;
      return typeof inner === 'object' ? inner.text : (inner ?? '');
    }),
  );
  return texts.join('\n').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
