/** The answer to an interaction that was acknowledged: "thinking" until the first words are there. */
import type { LiveMessage, Message, MessageRef, Reply } from '../commands/message.ts';
import type { Log } from '../log.ts';
import type { Locale } from '../strings/index.ts';
import { ui } from '../strings/ui.ts';
import type { Buttons } from './buttons.ts';
import { type AnswerOutlet, isExpired, type Outlet, type Payload } from './discord-api.ts';
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
  /** The conversation and the person, by which what is posted can be opened again. */
  readonly here: MessageRef;
  /** The asker's own conversation with us: for answers that came too late for the interaction. */
  readonly person: Outlet;
  /** Whether the acknowledgement promised an answer to the asker alone. */
  readonly isPrivate: boolean;
  readonly locale: Locale;
  readonly buttons: Buttons;
  readonly mostBytes: number;
  readonly log: Log;
}

export class DiscordReply implements Reply {
  readonly #options: DiscordReplyOptions;
  readonly #answer: ChatMessage;

  constructor(options: DiscordReplyOptions) {
    const { answers, channel, person, isPrivate } = options;
    this.#options = options;
    this.#answer = this.#message({
      outlets: channel && !isPrivate ? [answers, channel, person] : [answers, person],
      remark: (outlet) => this.#personRemark(outlet),
      waiting: ORIGINAL,
      intervalMs: EDIT_MS,
      firstAfterMs: FIRST_AFTER_MS,
    });
  }

  get here(): MessageRef {
    return this.#options.here;
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
    if (this.#options.isPrivate && !this.#answer.isSeen) return this.#answer.fail(text);
    await this.#answer.abandon();
    try {
      await this.#whisper(renderText(text));
    } catch (error) {
      if (!isExpired(error)) throw error;
      const { person, locale } = this.#options;
      for (const payload of renderText(`${text}\n\n${ui(locale).answerLate}`))
        await person.create(payload, []);
    }
  }

  async #whisper(payloads: readonly Payload[]): Promise<void> {
    for (const payload of payloads) await this.#options.answers.createPrivate(payload);
  }

  async post(message: Message): Promise<LiveMessage> {
    const { answers, channel, person, here, locale } = this.#options;
    const post = this.#message({
      here,
      outlets: channel ? [channel, answers, person] : [answers, person],
      // Said from the beginning: when the interaction ends it is too late to say anything there.
      remark: (outlet, isLast) =>
        outlet === answers && !isLast ? ui(locale).changesForAWhile : this.#personRemark(outlet),
      intervalMs: PROGRESS_MS,
      firstAfterMs: PROGRESS_MS,
    });
    await post.begin(message);
    return post;
  }

  #personRemark(outlet: Outlet): string | undefined {
    const { person, locale } = this.#options;
    return outlet === person ? ui(locale).answerLate : undefined;
  }

  #message(
    options: Pick<
      ConstructorParameters<typeof ChatMessage>[0],
      'outlets' | 'waiting' | 'here' | 'remark' | 'intervalMs' | 'firstAfterMs'
    >,
  ): ChatMessage {
    const { buttons, mostBytes, log } = this.#options;
    return new ChatMessage({ ...options, buttons, mostBytes, log });
  }
}

/** 2015, from which Discord's ids count milliseconds. */
const EPOCH = 1_420_070_400_000n;

export interface ReopenOptions {
  readonly channel: Outlet;
  readonly person: Outlet;
  readonly locale: Locale;
  readonly buttons: Buttons;
  readonly log: Log;
  /** Bytes of a file that may be sent. */
  readonly mostBytes: number;
}

/** A message that was posted earlier, or a new one where the reference names none; to the person where we may not post. */
export function reopenMessage(ref: MessageRef, options: ReopenOptions): LiveMessage {
  const { channel, person, locale, ...rest } = options;
  const ids = ref.ids?.split(' ').filter((id) => /^\d+$/.test(id)) ?? [];
  const [first] = ids;
  const here = { channel: ref.channel!, user: ref.user! };
  return new ChatMessage({
    ...rest,
    outlets: [channel, person],
    here,
    ...(first === undefined
      ? {}
      : { standing: { ids, ageMs: Date.now() - Number((BigInt(first) >> 22n) + EPOCH) } }),
    remark: (outlet) => (outlet === person ? ui(locale).movedHere : undefined),
    intervalMs: PROGRESS_MS,
    firstAfterMs: 0,
  });
}
