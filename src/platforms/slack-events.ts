/**
 * What happens on Slack, as requests to the dispatcher: slash commands, buttons, forms and message shortcuts.
 * Events come in acknowledged, and each once.
 */
import { type Command, findCommand, type Place } from '../commands/command.ts';
import type { LiveMessage, MessageRef } from '../commands/message.ts';
import type { RawOptions } from '../commands/option.ts';
import { parseOptions } from '../commands/text.ts';
import { UserError } from '../errors.ts';
import type { Locale } from '../strings/index.ts';
import type { Buttons } from './buttons.ts';
import type { CommandRequest, PlatformHost } from './platform.ts';
import type { SlackApi } from './slack-api.ts';
import { EditBudget } from './slack-budget.ts';
import { Conversation, type Origin, Turns } from './slack-conversation.ts';
import { type FileAccess, type SlackFile, slackFile } from './slack-files.ts';
import { FORM_ID, formView, needsForm, readForm, type SubmittedView } from './slack-form.ts';
import { historyOf } from './slack-history.ts';
import { BUTTON_VALUE } from './slack-message.ts';
import { commandName, inSlackNames } from './slack-names.ts';
import type { People } from './slack-people.ts';
import { Posted, type ReplyOptions, SlackReply } from './slack-reply.ts';
import { unescapeText } from './slack-text.ts';

const EDITS_A_MINUTE = 50;
/** A form can be opened within three seconds of its event. */
const FORM_PATIENCE_MS = 1500;

/** Events as Slack sends them, as far as they are read. */
export interface SlackCommand {
  readonly command: string;
  readonly text?: string;
  readonly user_id: string;
  readonly channel_id: string;
  readonly team_id?: string;
  readonly response_url?: string;
  readonly trigger_id: string;
}

interface Interaction {
  readonly user: { readonly id: string; readonly team_id?: string };
  /** Null where the app is installed for an organisation. */
  readonly team?: { readonly id: string } | null;
  readonly channel?: { readonly id: string };
  readonly message?: { readonly thread_ts?: string; readonly files?: readonly SlackFile[] };
  readonly response_url?: string;
}

export interface SlackAction extends Interaction {
  readonly container?: { readonly channel_id?: string; readonly thread_ts?: string };
  readonly actions: readonly { readonly value?: string }[];
}

export interface SlackShortcut extends Interaction {
  readonly callback_id: string;
}

export interface SlackSubmission extends Interaction {
  readonly view: SubmittedView & { readonly callback_id: string };
}

export interface SlackEventsOptions {
  readonly host: PlatformHost;
  readonly api: SlackApi;
  readonly people: People;
  readonly buttons: Buttons;
  readonly files: FileAccess;
  /** The workspace that the token is of: of events that name none. */
  readonly team: string;
}

export class SlackEvents {
  readonly #options: SlackEventsOptions;
  readonly #budget = new EditBudget({ perMinute: EDITS_A_MINUTE });
  readonly #turns = new Turns();

  constructor(options: SlackEventsOptions) {
    this.#options = options;
    options.host.services.messages.register('slack', (ref) => this.reopen(ref));
  }

  async onCommand(event: SlackCommand): Promise<void> {
    const { commands } = this.#options.host.services;
    const name = commandName(commands, event.command);
    const text = unescapeText(event.text ?? '');
    const origin: Origin = {
      team: event.team_id ?? this.#options.team,
      channel: event.channel_id,
      user: event.user_id,
      responseUrl: event.response_url,
    };
    const command = findCommand(commands, name);
    const given = command && needsForm(command) ? formOptions(command, text) : undefined;
    if (command && given && (await this.#mayOpen(command, origin))) {
      await this.#openForm(command, given, origin, event.trigger_id);
    } else {
      // What the command would refuse is refused by the dispatcher, as everywhere.
      await this.#dispatch(origin, name, given ?? text);
    }
  }

  async onAction(event: SlackAction): Promise<void> {
    const value = event.actions[0]?.value;
    const origin = this.#origin(event, event.container);
    if (value === undefined || !origin) return;
    try {
      const { command, options } = await this.#options.buttons.decode(value);
      await this.#dispatch(origin, command, options);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      await this.#tell(origin, error);
    }
  }

  /** A shortcut of a message is a command with the files of that message. */
  async onShortcut(event: SlackShortcut): Promise<void> {
    const command = findCommand(this.#options.host.services.commands, event.callback_id);
    const origin = this.#origin(event);
    const [option] = Object.entries(command?.options ?? {}).find(([, { type }]) => type === 'files') ?? [];
    if (!command || !origin || option === undefined) return;
    await this.#dispatch(origin, command.name, this.#incoming({ [option]: event.message?.files ?? [] }));
  }

  async onSubmission(event: SlackSubmission): Promise<void> {
    if (event.view.callback_id !== FORM_ID) return;
    const { command, channel, thread, responseUrl, values, files } = readForm(event.view);
    const origin: Origin = { team: this.#team(event), user: event.user.id, channel, thread, responseUrl };
    await this.#dispatch(origin, command, { ...values, ...this.#incoming(files) });
  }

  async #dispatch(origin: Origin, command: string, options: CommandRequest['options']): Promise<void> {
    const { host, people, api } = this.#options;
    const isPrivate = findCommand(host.services.commands, command)?.private ?? false;
    await host.dispatcher.dispatch({
      command,
      options,
      user: origin.user,
      place: placeOf(origin),
      locale: await people.locale(origin.user),
      reply: this.#reply(origin, isPrivate),
      limited: true,
      isAdmin: () => people.isAdmin(origin.user, origin.team),
      readHistory: historyOf(api, origin.channel),
    });
  }

  /** A message that was posted earlier, or a new one where the reference names none. */
  reopen({ team, channel, user, thread, ts }: MessageRef): LiveMessage | undefined {
    if (!team || !channel || !user) return undefined;
    return new Posted(this.#replyOptions({ team, channel, user, thread }, false), ts);
  }

  #reply(origin: Origin, isPrivate = false): SlackReply {
    return new SlackReply(this.#replyOptions(origin, isPrivate));
  }

  #replyOptions(origin: Origin, isPrivate: boolean): ReplyOptions {
    const { files, buttons, host } = this.#options;
    return {
      conversation: new Conversation(origin, files, this.#turns),
      budget: this.#budget,
      log: host.log,
      isPrivate,
      words: (text) => inSlackNames(host.services.commands, text),
      encode: (actions) => buttons.encode(actions, BUTTON_VALUE),
    };
  }

  async #tell(origin: Origin, error: UserError): Promise<void> {
    await this.#reply(origin).fail(error.chatText(await this.#locale(origin)));
  }

  /** Of what is said before the dispatcher is asked. */
  async #locale(origin: Origin): Promise<Locale> {
    const { host, people } = this.#options;
    return host.services.settings.of(placeOf(origin)).locale ?? people.locale(origin.user);
  }

  async #mayOpen({ admin }: Command, { user, team }: Origin): Promise<boolean> {
    const { host, people } = this.#options;
    if (!host.dispatcher.accepting) return false;
    return !admin || (await people.isAdmin(user, team).catch(() => false));
  }

  async #openForm(command: Command, given: RawOptions, origin: Origin, trigger: string): Promise<void> {
    const { api, host } = this.#options;
    const view = formView(command, given, origin, await this.#locale(origin));
    try {
      await api.call('views.open', { trigger_id: trigger, view }, FORM_PATIENCE_MS);
    } catch (error) {
      host.log.warn({ err: error }, 'a form was not opened');
      await this.#tell(origin, new UserError('slackForm', {}));
    }
  }

  #incoming(files: Readonly<Record<string, readonly SlackFile[]>>): RawOptions {
    const access = this.#options.files;
    return Object.fromEntries(
      Object.entries(files).map(([name, given]) => [name, given.map((file) => slackFile(file, access))]),
    );
  }

  #team({ team, user }: Interaction): string {
    return team?.id ?? user.team_id ?? this.#options.team;
  }

  #origin(event: Interaction, container: SlackAction['container'] = {}): Origin | undefined {
    const channel = event.channel?.id ?? container.channel_id;
    if (channel === undefined) return undefined;
    return {
      team: this.#team(event),
      channel,
      user: event.user.id,
      thread: event.message?.thread_ts ?? container.thread_ts,
      responseUrl: event.response_url,
    };
  }
}

const placeOf = ({ team }: Origin): Place => ({ platform: 'slack', id: team });

/**
 * What the form begins with; undefined where the text is not right, or says what only buttons say. Files are not
 * named in text on Slack.
 */
function formOptions(command: Command, text: string): RawOptions | undefined {
  try {
    const options = Object.entries(parseOptions(command, text));
    if (options.some(([name]) => command.options[name]?.hidden)) return undefined;
    return Object.fromEntries(options.filter(([name]) => command.options[name]?.type !== 'files'));
  } catch {
    return undefined;
  }
}
