/**
 * A message of ours that changes, in as many chat messages as it takes. It is edited at its own pace, moves to
 * another place where the first one does not take it (any more), and begins anew when it has become too old to
 * be edited.
 */
import type { LiveMessage, Message, MessageFile, MessageRef } from '../commands/message.ts';
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Buttons } from './buttons.ts';
import {
  isExpired,
  isForbidden,
  isGone,
  isTooOld,
  type OutgoingFile,
  type Outlet,
  type Payload,
} from './discord-api.ts';
import { isBlank, renderMessage, renderText } from './discord-render.ts';
import { Pacer } from './pacing.ts';

/** Of a button's `custom_id`. */
const LONGEST_CUSTOM_ID = 100;
/** Messages over an hour old take few edits. */
const OLD_MS = 55 * 60_000;
/** Places and new beginnings that one state may take. */
const MOST_TRIES = 5;

export interface ChatMessageOptions {
  /** Where it may stand, the best place first. */
  readonly outlets: readonly Outlet[];
  /** A chat message in the first outlet that is there already, waiting to be filled. */
  readonly waiting?: string;
  /** The chat messages that it is already, in the first outlet, and how long they have been there. */
  readonly standing?: { readonly ids: readonly string[]; readonly ageMs: number };
  /** What its reference holds besides where it stands; without it there is none. */
  readonly here?: MessageRef;
  readonly intervalMs: number;
  readonly firstAfterMs: number;
  readonly buttons: Buttons;
  /** What people must know of a message in that place, while it changes or in the end. */
  readonly remark?: (outlet: Outlet, isLast: boolean) => string | undefined;
  /** Bytes of a file that may be sent. */
  readonly mostBytes: number;
  readonly log: Log;
  /** Milliseconds, of a clock that only goes forward. */
  readonly now?: () => number;
}

type State =
  | { readonly message: Message; readonly last: boolean }
  | { readonly text: string; readonly last: true };

interface Sent {
  readonly outlet: Outlet;
  readonly id: string;
  /** The payload's JSON; empty for one that waits to be filled. */
  readonly json: string;
  /** The files that it has. */
  readonly files: readonly MessageFile[];
}

export class ChatMessage implements LiveMessage {
  readonly #options: ChatMessageOptions;
  readonly #pacer: Pacer<State>;
  readonly #now: () => number;
  readonly #outlets: Outlet[];
  #sent: Sent[];
  #begunAt: number;
  /** Somebody has removed it: only its end is still told. */
  #gone = false;

  constructor(options: ChatMessageOptions) {
    const { outlets, waiting, standing, intervalMs, firstAfterMs, log } = options;
    const { now = () => performance.now() } = options;
    this.#options = options;
    this.#outlets = [...outlets];
    const ids = standing?.ids ?? (waiting === undefined ? [] : [waiting]);
    this.#sent = ids.map((id) => ({ outlet: outlets[0]!, id, json: '', files: [] }));
    this.#now = now;
    this.#begunAt = now() - (standing?.ageMs ?? 0);
    this.#pacer = new Pacer({
      intervalMs,
      firstAfterMs,
      deliver: (state) => this.#deliver(state),
      onError: (error) => log.warn({ err: error }, 'a message could not be changed'),
    });
  }

  /** Whether people have seen something of it. */
  get isSeen(): boolean {
    return this.#sent.some(({ json }) => json !== '');
  }

  /** Where it stands; the place alone while it stands where only its interaction reaches it. */
  get ref(): MessageRef | undefined {
    const { here } = this.#options;
    const channel = this.#sent[0]?.outlet.channel;
    if (!here || channel === undefined) return here;
    return { ...here, channel, ids: this.#sent.map(({ id }) => id).join(' ') };
  }

  update(message: Message): void {
    if (!isBlank(message)) this.#pacer.show({ message, last: false });
  }

  finish(message: Message): Promise<void> {
    return this.#pacer.finish({ message, last: true });
  }

  fail(text: string): Promise<void> {
    return this.#pacer.finish({ text, last: true });
  }

  /** Delivers a first state now. Rejects where no outlet takes it. */
  begin(message: Message): Promise<void> {
    return this.#deliver({ message, last: false });
  }

  /** Ends it without a last word; what waited to be filled is removed. */
  async abandon(): Promise<void> {
    await this.#pacer.stop();
    if (this.isSeen) return;
    await this.#removeFrom(0);
  }

  async #deliver(state: State): Promise<void> {
    if (this.#gone && !state.last) return;
    let shown = state;
    this.#checkSizes(filesOf(state));
    if (this.#now() - this.#begunAt > OLD_MS) await this.#beginAnew();
    for (let tries = 1; ; tries++) {
      try {
        return await this.#show(await this.#render(shown), filesOf(shown));
      } catch (error) {
        if (isGone(error) && !state.last) {
          this.#gone = true;
          return;
        }
        // To send files in a channel takes a permission of its own.
        if (isForbidden(error) && filesOf(shown).length > 0) {
          this.#options.log.warn({ err: error }, 'a message goes without its files');
          shown = withoutFiles(shown);
          continue;
        }
        if (tries === MOST_TRIES || !(await this.#canGoOn(error))) throw error;
      }
    }
  }

  /** Finds another way after a refusal, if there is one. */
  async #canGoOn(error: unknown): Promise<boolean> {
    if (isGone(error)) this.#forget();
    else if (isTooOld(error)) await this.#beginAnew();
    else if ((isExpired(error) || isForbidden(error)) && this.#outlets.length > 1) this.#outlets.shift();
    else return false;
    return true;
  }

  async #render(state: State): Promise<Payload[]> {
    const { buttons, log, remark } = this.#options;
    const beside = remark?.(this.#outlets[0]!, state.last);
    if ('text' in state) return renderText(beside === undefined ? state.text : `${state.text}\n\n${beside}`);
    const message = beside === undefined ? state.message : withNote(state.message, beside);
    const ids = await buttons.encode(message.actions ?? [], LONGEST_CUSTOM_ID).catch((error: unknown) => {
      log.warn({ err: error }, 'buttons could not be kept');
      return [];
    });
    return renderMessage(message, ids);
  }

  /** Makes the chat messages what they should be: those that are so already are left alone. */
  async #show(payloads: readonly Payload[], files: readonly MessageFile[]): Promise<void> {
    const outlet = this.#outlets[0]!;
    for (const [i, payload] of payloads.entries()) {
      const json = JSON.stringify(payload);
      const sent = this.#sent[i];
      const own = i === payloads.length - 1 ? files : [];
      // What stands in a place that does not take it any more stays there.
      const stays = sent?.outlet === outlet;
      const isSent = stays && own.every((file) => sent.files.includes(file));
      if (sent?.json === json && isSent) continue;
      const uploads = isSent ? [] : own.map(outgoing);
      if (stays) await outlet.edit(sent.id, payload, uploads);
      const id = stays ? sent.id : await outlet.create(payload, uploads);
      this.#sent[i] = { outlet, id, json, files: own };
    }
    await this.#removeFrom(payloads.length);
  }

  async #removeFrom(index: number): Promise<void> {
    for (const { outlet, id } of this.#sent.splice(index)) {
      await outlet.remove(id).catch((error: unknown) => {
        // In a place that is closed by now it stays.
        if (!isGone(error) && !isExpired(error)) throw error;
      });
    }
  }

  #forget(): void {
    this.#sent = [];
    this.#begunAt = this.#now();
  }

  /** The old message goes, so that the channel holds one. */
  async #beginAnew(): Promise<void> {
    await this.#removeFrom(0).catch((error: unknown) =>
      this.#options.log.warn({ err: error }, 'an old message could not be removed'),
    );
    this.#forget();
  }

  #checkSizes(files: readonly MessageFile[]): void {
    const { mostBytes: limit } = this.#options;
    for (const { name: file, bytes } of files) {
      if (bytes.length > limit)
        throw new UserError('fileTooLargeToSend', { file, bytes: bytes.length, limit });
    }
  }
}

const filesOf = (state: State): readonly MessageFile[] =>
  'text' in state ? [] : (state.message.files ?? []);

function withoutFiles(state: State): State {
  if ('text' in state) return state;
  const { files: _, ...message } = state.message;
  return { ...state, message };
}

const outgoing = ({ name, bytes, alt }: MessageFile): OutgoingFile => ({ name, data: bytes, alt });

const withNote = (message: Message, text: string): Message => ({
  ...message,
  blocks: [...message.blocks, { kind: 'note', text }],
});
