/** The answer to an interaction that was acknowledged: "thinking" until the first words are there. */
import type { LiveMessage, Message, Reply } from '../commands/message.ts';
import type { Log } from '../log.ts';
import type { Buttons } from './buttons.ts';
import type { AnswerOutlet, Outlet } from './discord-api.ts';
import { ChatMessage } from './discord-message.ts';
import { renderText } from './discord-render.ts';

/** Of an interaction's first answer. */
const ORIGINAL = '@original';
/** A lyric of the usual length is whole before this: it is sent once. */
const FIRST_AFTER_MS = 500;
/** Discord takes about 5 edits of a message in 5 seconds. */
const EDIT_MS = 1500;
/** Of what goes on long after its request. */
const PROGRESS_MS = 5000;

export interface DiscordReplyOptions {
  readonly answers: AnswerOutlet;
  /** Where it was asked, if we may post there. */
  readonly channel: Outlet | undefined;
  /** Whether the acknowledgement promised an answer to the asker alone. */
  readonly isPrivate: boolean;
  readonly buttons: Buttons;
  readonly mostBytes: number;
  readonly log: Log;
}

export class DiscordReply implements Reply {
  readonly #options: DiscordReplyOptions;
  readonly #answer: ChatMessage;

  constructor(options: DiscordReplyOptions) {
    const { answers, channel, isPrivate } = options;
    this.#options = options;
    this.#answer = this.#message({
      outlets: channel && !isPrivate ? [answers, channel] : [answers],
      waiting: ORIGINAL,
      intervalMs: EDIT_MS,
      firstAfterMs: FIRST_AFTER_MS,
    });
  }

  update(message: Message): void {
    this.#answer.update(message);
  }

  finish(message: Message): Promise<void> {
    return this.#answer.finish(message);
  }

  /**
   * To the asker alone. An acknowledged answer cannot become private, and the first further one would take its
   * place: it is removed first, unless there is something of a lyric in it.
   */
  async fail(text: string): Promise<void> {
    const { answers, isPrivate } = this.#options;
    if (isPrivate && !this.#answer.isSeen) return this.#answer.fail(text);
    await this.#answer.abandon();
    for (const payload of renderText(text)) await answers.createPrivate(payload);
  }

  async post(message: Message): Promise<LiveMessage> {
    const { answers, channel } = this.#options;
    const post = this.#message({
      outlets: channel ? [channel, answers] : [answers],
      intervalMs: PROGRESS_MS,
      firstAfterMs: PROGRESS_MS,
    });
    await post.begin(message);
    return post;
  }

  #message(
    options: Pick<
      ConstructorParameters<typeof ChatMessage>[0],
      'outlets' | 'waiting' | 'intervalMs' | 'firstAfterMs'
    >,
  ): ChatMessage {
    const { buttons, mostBytes, log } = this.#options;
    return new ChatMessage({ ...options, buttons, mostBytes, log });
  }
}
