/**
 * Where an answer goes on Slack: into the channel, where the bot may post; elsewhere by the address that came
 * with the request, which takes a few messages within half an hour and changes none.
 */
import type { MessageFile, MessageRef } from '../commands/message.ts';
import { UserError } from '../errors.ts';
import { respond, type SlackApi, slackFault } from './slack-api.ts';
import type { FileAccess } from './slack-files.ts';
import type { Page } from './slack-message.ts';
import { escapeText } from './slack-text.ts';
import { share, type Uploaded, upload } from './slack-upload.ts';

/** Where and from whom a request came. */
export interface Origin {
  readonly team: string;
  readonly channel: string;
  readonly user: string;
  /** The thread's first message, where the request came from within one. */
  readonly thread?: string | undefined;
  readonly responseUrl?: string | undefined;
}

/** How often the address that comes with a request may be used. */
const RESPONSES = 5;
/** Milliseconds that a change of a message may wait, where another is to follow. */
const NO_PATIENCE = 0;

/** Faults that say that the bot may not post there. */
const CLOSED_TO_US =
  /^(not_in_channel|channel_not_found|is_archived|restricted_action.*|no_permission|missing_scope|ekm_access_denied|org_login_required|team_access_not_granted|access_denied)$/;
/** Faults that say that a message cannot be changed any more. */
const MESSAGE_LOST = /^(message_not_found|cant_update_message|edit_window_closed|channel_not_found)$/;

/** So that no text becomes a mention or a link with a preview. */
const PLAIN = { parse: 'none', link_names: false } as const;
const PLAIN_POST = { ...PLAIN, mrkdwn: false, unfurl_links: false, unfurl_media: false } as const;

export class Conversation {
  readonly #origin: Origin;
  readonly #files: FileAccess;
  readonly #api: SlackApi;
  readonly #turns: Turns;
  #responses = RESPONSES;
  #closed = false;

  constructor(origin: Origin, files: FileAccess, turns: Turns) {
    this.#origin = origin;
    this.#files = files;
    this.#api = files.api;
    this.#turns = turns;
  }

  /**
   * Posts for everyone, or to the person who asked where nothing else is possible. Returns the message's time
   * stamp, by which it can be changed; undefined where it cannot be. With `changing` posts only what can be.
   */
  async post(page: Page, changing = false): Promise<string | undefined> {
    if (!this.#closed) {
      try {
        return await this.#postToChannel(page);
      } catch (error) {
        if (!CLOSED_TO_US.test(slackFault(error) ?? '')) throw error;
        this.#closed = true;
      }
    }
    if (!changing && !(await this.#respond('in_channel', page))) await this.#postToPerson(page);
    return undefined;
  }

  /** Changes a message; false where there is no such message any more. */
  async change(timestamp: string, page: Page, isLast: boolean): Promise<boolean> {
    const args = { channel: this.#origin.channel, ts: timestamp, ...PLAIN, ...page };
    try {
      await (isLast ? this.#api.call('chat.update', args) : this.#api.call('chat.update', args, NO_PATIENCE));
      return true;
    } catch (error) {
      if (MESSAGE_LOST.test(slackFault(error) ?? '')) return false;
      throw error;
    }
  }

  /** Where this is, to be opened again; of a message there by its time stamp. */
  ref(timestamp?: string): MessageRef {
    const { team, channel, user, thread } = this.#origin;
    return { team, channel, user, ...(thread ? { thread } : {}), ...(timestamp ? { ts: timestamp } : {}) };
  }

  /**
   * Shows files: in the channel, or to the person who asked alone, also where the bot is no member. Throws a
   * `UserError` where Slack does not take them.
   */
  async share(files: readonly MessageFile[], isPrivate = false): Promise<void> {
    try {
      const uploaded = await Promise.all(files.map((file) => upload(file, this.#files)));
      if (isPrivate || !(await this.#shareInChannel(uploaded))) {
        const text = escapeText(uploaded.map(({ title }) => title).join(', '));
        const channel = await this.#postToPerson({ text, blocks: [] });
        await share(uploaded, { channel }, this.#api);
      }
    } catch (error) {
      throw new UserError('slackUpload', { file: files[0]!.name }, { cause: error });
    }
  }

  async #shareInChannel(files: readonly Uploaded[]): Promise<boolean> {
    try {
      await share(files, this.#origin, this.#api);
      return true;
    } catch (error) {
      if (CLOSED_TO_US.test(slackFault(error) ?? '')) return false;
      throw error;
    }
  }

  async remove(timestamp: string): Promise<void> {
    await this.#api.call('chat.delete', { channel: this.#origin.channel, ts: timestamp });
  }

  /** Says something to the person who asked alone. */
  async whisper(page: Page): Promise<void> {
    if (await this.#respond('ephemeral', page)) return;
    const { channel, user, thread } = this.#origin;
    try {
      await this.#api.call('chat.postEphemeral', { channel, user, ...inThread(thread), ...PLAIN, ...page });
    } catch (error) {
      if (slackFault(error) === undefined) throw error;
      await this.#postToPerson(page);
    }
  }

  async #postToChannel(page: Page): Promise<string> {
    const { channel, thread } = this.#origin;
    const args = { channel, ...inThread(thread), ...PLAIN_POST, ...page };
    const { ts } = await this.#turns.take(channel, () => this.#api.call('chat.postMessage', args));
    return String(ts);
  }

  /** In the person's conversation with the bot, whose id it returns. */
  async #postToPerson(page: Page): Promise<string> {
    const args = { channel: this.#origin.user, ...PLAIN_POST, ...page };
    const { channel } = await this.#api.call('chat.postMessage', args);
    return String(channel);
  }

  /** By the address that came with the request; false where there is none, or it has expired. */
  async #respond(type: 'in_channel' | 'ephemeral', page: Page): Promise<boolean> {
    const { responseUrl, thread } = this.#origin;
    if (responseUrl === undefined || this.#responses === 0) return false;
    this.#responses--;
    try {
      await respond(responseUrl, {
        response_type: type,
        replace_original: false,
        ...inThread(thread),
        ...page,
      });
      return true;
    } catch {
      this.#responses = 0;
      return false;
    }
  }
}

/** One at a time for each key, in order: Slack takes about one message a second in a channel, or says how long to wait. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work, work);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}

const inThread = (thread: string | undefined) => (thread === undefined ? {} : { thread_ts: thread });
