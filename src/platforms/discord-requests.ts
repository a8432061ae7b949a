/** What happens on Discord, as plain data, becomes requests to the dispatcher: acknowledged first, each once. */
import { findCommand, type Place } from '../commands/command.ts';
import type { LiveMessage, MessageRef } from '../commands/message.ts';
import type { RawOptions } from '../commands/option.ts';
import { UserError } from '../errors.ts';
import type { Locale } from '../strings/index.ts';
import type { Buttons, Pressed } from './buttons.ts';
import { completeValue } from './complete.ts';
import { type InteractionKey, isAnswered } from './discord-api.ts';
import { gatherOptions } from './discord-commands.ts';
import { historyOf } from './discord-history.ts';
import { canPost, isAdmin, type Member } from './discord-permissions.ts';
import { DiscordReply, reopenMessage } from './discord-reply.ts';
import { acknowledge, answersTo, channelOutlet, complete, personOutlet, type Send } from './discord-rest.ts';
import type { PlatformHost } from './platform.ts';

/** Interactions whose ids are remembered: none is answered twice, whatever a gateway repeats. */
const MOST_SEEN = 1000;
const MOST_COMPLETIONS = 25;
/** Of an upload, where Discord does not say. */
export const MOST_BYTES = 10 * 1024 * 1024;
const SNOWFLAKE = /^\d{15,20}$/;
const LONGEST_COMPLETION = 100;

/** What every interaction says. */
export interface Interaction extends InteractionKey {
  readonly user: string;
  /** Undefined outside guilds. */
  readonly guild: string | undefined;
  readonly channel: string | undefined;
  readonly member: Member | undefined;
  /** The person's, as Discord names it: `ko`, `en-US`, ... */
  readonly locale: string;
  /** Ours in this channel. */
  readonly ownPermissions: bigint;
  readonly isThread: boolean;
  /** Bytes of a file that we may upload. */
  readonly mostBytes: number;
}

export type Happening =
  | { readonly kind: 'command'; readonly command: string; readonly options: RawOptions }
  | { readonly kind: 'button'; readonly customId: string }
  | { readonly kind: 'typing'; readonly command: string; readonly option: string; readonly value: string };

export interface DiscordRequestsOptions {
  readonly host: PlatformHost;
  readonly send: Send;
  readonly buttons: Buttons;
  readonly adminRoles: readonly string[];
  /** Whether we may see what people write. */
  readonly messageContent: boolean;
}

export class DiscordRequests {
  readonly #options: DiscordRequestsOptions;
  readonly #seen = new Set<string>();
  readonly #unfinished = new Set<Promise<void>>();

  constructor(options: DiscordRequestsOptions) {
    this.#options = options;
    options.host.services.messages.register('discord', (ref, locale) => this.#reopen(ref, locale));
  }

  /** Answers what happened. Returns at once and never throws. */
  take(interaction: Interaction, happening: Happening): void {
    if (this.#seen.has(interaction.id)) return;
    this.#seen.add(interaction.id);
    if (this.#seen.size > MOST_SEEN) this.#seen.delete(this.#seen.values().next().value!);
    const { log } = this.#options.host;
    const answer = this.#answer(interaction, happening).catch((error: unknown) => {
      const message = isAnswered(error) ? 'an interaction was not ours to answer any more' : 'no answer';
      log.warn({ platform: 'discord', kind: happening.kind, err: error }, message);
    });
    this.#unfinished.add(answer);
    void answer.then(() => this.#unfinished.delete(answer));
  }

  /** Resolves when all that was taken is answered. */
  async settled(): Promise<void> {
    while (this.#unfinished.size > 0) await Promise.all(this.#unfinished);
  }

  async #answer(interaction: Interaction, happening: Happening): Promise<void> {
    switch (happening.kind) {
      case 'command':
        return this.#run(interaction, happening);
      case 'button':
        return this.#press(interaction, happening.customId);
      case 'typing':
        return this.#complete(interaction, happening);
      default:
        return happening satisfies never;
    }
  }

  async #press(interaction: Interaction, customId: string): Promise<void> {
    let pressed: Pressed;
    try {
      pressed = await this.#options.buttons.decode(customId);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      await acknowledge(this.#options.send, interaction, true);
      return this.#reply(interaction, true).fail(error.chatText(localeOf(interaction)));
    }
    return this.#run(interaction, pressed);
  }

  async #run(
    interaction: Interaction,
    { command, options }: { command: string; options: RawOptions },
  ): Promise<void> {
    const { host, send, adminRoles, messageContent } = this.#options;
    const { channel } = interaction;
    const found = findCommand(host.services.commands, command);
    // An answer that something is wrong is for the asker alone.
    const isPrivate = found?.private ?? found === undefined;
    await acknowledge(send, interaction, isPrivate);
    await host.dispatcher.dispatch({
      command,
      options: gatherOptions(found, options),
      user: interaction.user,
      place: placeOf(interaction),
      locale: localeOf(interaction),
      reply: this.#reply(interaction, isPrivate),
      limited: true,
      isAdmin: () => isAdmin(interaction.member, adminRoles),
      ...(channel === undefined ? {} : { readHistory: historyOf(send, channel, messageContent) }),
    });
  }

  async #complete(
    interaction: Interaction,
    { command, option, value }: Extract<Happening, { kind: 'typing' }>,
  ): Promise<void> {
    const { host, send } = this.#options;
    const definition = findCommand(host.services.commands, command)?.options[option];
    const values = definition
      ? await completeValue(definition, value, placeOf(interaction), host.services)
      : [];
    const fitting = values.filter((one) => one.length <= LONGEST_COMPLETION).slice(0, MOST_COMPLETIONS);
    await complete(send, interaction, fitting);
  }

  #reopen(ref: MessageRef, locale: Locale): LiveMessage | undefined {
    const { host, send, buttons } = this.#options;
    if (!SNOWFLAKE.test(ref.channel ?? '') || !SNOWFLAKE.test(ref.user ?? '')) return undefined;
    return reopenMessage(ref, {
      channel: channelOutlet(send, ref.channel!),
      person: personOutlet(send, ref.user!),
      locale,
      buttons,
      log: host.log.child({ platform: 'discord' }),
      mostBytes: MOST_BYTES,
    });
  }

  #reply(interaction: Interaction, isPrivate: boolean): DiscordReply {
    const { host, send, buttons } = this.#options;
    const { channel, ownPermissions, isThread, mostBytes, guild } = interaction;
    const mayPost = guild !== undefined && channel !== undefined && canPost(ownPermissions, isThread);
    return new DiscordReply({
      answers: answersTo(send, interaction),
      channel: mayPost ? channelOutlet(send, channel) : undefined,
      here: { user: interaction.user, ...(channel === undefined ? {} : { channel }) },
      person: personOutlet(send, interaction.user),
      isPrivate,
      locale: host.services.settings.of(placeOf(interaction)).locale ?? localeOf(interaction),
      buttons,
      mostBytes,
      log: host.log.child({ platform: 'discord', place: placeOf(interaction).id }),
    });
  }
}

const placeOf = ({ guild, channel, user }: Interaction): Place => ({
  platform: 'discord',
  id: guild ?? channel ?? user,
});

const localeOf = ({ locale }: Interaction): Locale => (locale === 'ko' ? 'ko' : 'en');
