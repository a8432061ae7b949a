/** Answers on Slack: a message that is posted once there is something to read, changes at Slack's pace, and ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveMessage, Message, MessageRef, Reply } from '../commands/message.ts';
import type { Log } from '../log.ts';
import { Pacer } from './pacing.ts';
import { rateLimitMs } from './slack-api.ts';
import type { EditBudget } from './slack-budget.ts';
import type { Conversation } from './slack-conversation.ts';
import { type Page, type RenderOptions, renderPages } from './slack-message.ts';

/** Slack takes 50 edits a minute, and one a second of a message. */
const LYRIC_PACE = { firstAfterMs: 700, intervalMs: 1500 };
/** What goes on for long leaves room for lyrics. */
const PROGRESS_PACE = { firstAfterMs: 2000, intervalMs: 6000 };
/** Between two states of a message, the first and the last too. */
const LEAST_GAP_MS = 1200;

export interface ReplyOptions extends RenderOptions {
  readonly conversation: Conversation;
  readonly budget: EditBudget;
  readonly log: Log;
  /** To be read by the person who asked alone. */
  readonly isPrivate: boolean;
}

export class SlackReply implements Reply {
  readonly #options: ReplyOptions;
  readonly #answer: Streamed;

  constructor(options: ReplyOptions) {
    this.#options = options;
    this.#answer = new Streamed(options, LYRIC_PACE);
  }

  get here(): MessageRef {
    return this.#options.conversation.ref();
  }

  update(message: Message): void {
    if (!this.#options.isPrivate) this.#answer.update(message);
  }

  finish(message: Message): Promise<void> {
    return this.#options.isPrivate ? this.#whisper(message) : this.#answer.finish(message);
  }

  async fail(text: string): Promise<void> {
    await this.#answer.withdraw();
    await this.#whisper(asMessage(text));
  }

  async post(message: Message): Promise<LiveMessage> {
    const posted = new Posted(this.#options);
    await posted.begin(message);
    return posted;
  }

  async #whisper(message: Message): Promise<void> {
    const { conversation } = this.#options;
    for (const page of await renderPages(message, this.#options)) await conversation.whisper(page);
    if (message.files && message.files.length > 0) await conversation.share(message.files, true);
  }
}

/** A message of its own: what goes wrong is said in it, for everyone who has read it. */
export class Posted implements LiveMessage {
  readonly #message: Streamed;

  /** @param timestamp of a message that is there already. */
  constructor(options: ReplyOptions, timestamp?: string) {
    this.#message = new Streamed(options, PROGRESS_PACE, timestamp);
  }

  get ref(): MessageRef {
    return this.#message.ref;
  }

  begin(message: Message): Promise<void> {
    return this.#message.begin(message);
  }

  update(message: Message): void {
    this.#message.update(message);
  }

  finish(message: Message): Promise<void> {
    return this.#message.finish(message);
  }

  fail(text: string): Promise<void> {
    return this.#message.finish(asMessage(text));
  }
}

const asMessage = (text: string): Message => ({ blocks: [{ kind: 'text', text }] });

interface Pace {
  readonly firstAfterMs: number;
  readonly intervalMs: number;
}

interface State {
  readonly message: Message;
  readonly isLast: boolean;
}

/** One message that changes. While it stands and has not ended it holds a place in the budget of edits. */
class Streamed {
  readonly #options: ReplyOptions;
  readonly #pacer: Pacer<State>;
  /** Of the message, once it is posted and while it can be changed. */
  #timestamp: string | undefined;
  /** Of the message as it was last seen, also when it has ended. */
  #lastTimestamp: string | undefined;
  /** Whether it holds a place for its last edit. */
  #holds = false;
  /** When it was posted or changed, by `performance.now()`. */
  #changedAt = 0;
  /** Only the end can be delivered: nothing that is posted there can be changed. */
  #isFixed = false;

  constructor(options: ReplyOptions, pace: Pace, timestamp?: string) {
    this.#options = options;
    this.#timestamp = timestamp;
    this.#lastTimestamp = timestamp;
    if (timestamp !== undefined) {
      this.#holds = options.budget.hold();
      // Whoever held it before may have changed it a moment ago.
      this.#changedAt = performance.now();
    }
    this.#pacer = new Pacer<State>({
      ...pace,
      deliver: (state) => this.#deliver(state),
      onError: (error) => options.log.warn({ err: error }, 'a message was not updated'),
    });
  }

  get ref(): MessageRef {
    return this.#options.conversation.ref(this.#lastTimestamp);
  }

  /** Posts it at once. */
  async begin(message: Message): Promise<void> {
    await this.#postFirst((await this.#render(message))[0]!);
  }

  update(message: Message): void {
    if (!this.#isFixed) this.#pacer.show({ message, isLast: false });
  }

  finish(message: Message): Promise<void> {
    return this.#pacer.finish({ message, isLast: true });
  }

  /** Takes back what was shown, where that can be done. */
  async withdraw(): Promise<void> {
    const { conversation, log } = this.#options;
    await this.#pacer.stop();
    if (this.#timestamp === undefined) return;
    this.#release();
    await conversation
      .remove(this.#timestamp)
      .catch((error: unknown) => log.warn({ err: error }, 'an unfinished message was not removed'));
    this.#timestamp = undefined;
  }

  #render(message: Message): Promise<Page[]> {
    return renderPages(message, this.#options);
  }

  async #deliver({ message, isLast }: State): Promise<void> {
    const [first, ...further] = await this.#render(message);
    if (!isLast) return this.#show(first!);
    const { conversation } = this.#options;
    for (const page of (await this.#end(first!)) ? further : [first!, ...further]) {
      await conversation.post(page);
    }
    if (message.files && message.files.length > 0) await conversation.share(message.files);
  }

  /** Gives back the place for its last edit. */
  #release(): void {
    if (this.#holds) this.#options.budget.release();
    this.#holds = false;
  }

  /** What there is so far; skipped where Slack would not take it now. */
  async #show(page: Page): Promise<void> {
    const { conversation, budget } = this.#options;
    if (this.#isFixed) return;
    if (this.#timestamp === undefined) return this.#postFirst(page);
    if (!budget.take()) return;
    try {
      const changed = await conversation.change(this.#timestamp, page, false);
      this.#changedAt = performance.now();
      if (changed) return;
      // Somebody has deleted it: the end is posted anew.
      this.#release();
      this.#timestamp = undefined;
      this.#isFixed = true;
    } catch (error) {
      const pause = rateLimitMs(error);
      if (pause === undefined) throw error;
      budget.pause(pause);
    }
  }

  async #postFirst(page: Page): Promise<void> {
    const { conversation, budget } = this.#options;
    // Without room for its last edit it had better be posted whole, in the end.
    if (!budget.hold()) return;
    this.#holds = true;
    try {
      this.#timestamp = await conversation.post(page, true);
      this.#lastTimestamp = this.#timestamp;
      this.#changedAt = performance.now();
    } finally {
      if (this.#timestamp === undefined) {
        this.#release();
        this.#isFixed = true;
      }
    }
  }

  /** Changes the message to what it says in the end; false where there is none to change. */
  async #end(page: Page): Promise<boolean> {
    const { conversation, budget } = this.#options;
    if (this.#timestamp === undefined) return false;
    await sleep(Math.max(0, this.#changedAt + LEAST_GAP_MS - performance.now()));
    const changed = await conversation.change(this.#timestamp, page, true);
    if (this.#holds) budget.settle();
    this.#holds = false;
    this.#timestamp = undefined;
    return changed;
  }
}
