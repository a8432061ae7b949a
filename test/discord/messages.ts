/** The messages that a test server holds, and the interactions that they answer. */
import { snowflake } from './snowflake.ts';

export interface Embed {
  readonly description?: string;
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
  readonly footer?: { readonly text: string };
}

export interface Button {
  readonly label: string;
  readonly style: number;
  readonly custom_id: string;
}

export interface MessageBody {
  readonly content?: string;
  readonly embeds?: readonly Embed[];
  readonly components?: readonly { readonly components: readonly Button[] }[];
}

export class StoredMessage {
  readonly id = snowflake();
  readonly channel: string;
  readonly isPrivate: boolean;
  /** Times of creation and edits, by `performance.now()`. */
  readonly times: number[] = [];
  /** What it said, one after the other. */
  readonly states: MessageBody[] = [];
  files: string[] = [];
  isDeleted = false;
  /** Older than an hour, and edited too often for that. */
  isOld = false;

  constructor(channel: string, isPrivate: boolean) {
    this.channel = channel;
    this.isPrivate = isPrivate;
  }

  change(body: MessageBody, files: readonly string[]): void {
    this.states.push({ ...this.states.at(-1), ...body });
    this.times.push(performance.now());
    this.files.push(...files);
  }

  get body(): MessageBody {
    return this.states.at(-1) ?? {};
  }

  /** Everything that can be read in it. */
  get text(): string {
    const { content = '', embeds = [] } = this.body;
    const parts = embeds.flatMap(({ description = '', fields = [], footer }) => [
      description,
      ...fields.map(({ name, value }) => `${name}: ${value}`),
      footer?.text ?? '',
    ]);
    return [content, ...parts].filter((part) => part !== '').join('\n');
  }

  get buttons(): Button[] {
    return (this.body.components ?? []).flatMap(({ components }) => components);
  }

  /** Milliseconds between two changes. */
  get gaps(): number[] {
    return this.times.slice(1).map((time, i) => time - this.times[i]!);
  }
}

/** An interaction as the server sees it. */
export class StoredInteraction {
  readonly id = snowflake();
  readonly token: string;
  readonly channel: string;
  readonly begunAt = performance.now();
  /** The response: its type, and how long it took. */
  response: { readonly type: number; readonly isPrivate: boolean; readonly afterMs: number } | undefined;
  /** The completions that were offered. */
  choices: readonly { readonly name: string; readonly value: string }[] | undefined;
  /** What stands where "thinking" stood. */
  original: StoredMessage | undefined;
  readonly followUps: StoredMessage[] = [];

  constructor(channel: string) {
    this.channel = channel;
    this.token = Buffer.from(`interaction:${this.id}:${snowflake()}`).toString('base64url');
  }

  /** All that it was answered with and is still there. */
  get answers(): StoredMessage[] {
    const messages = [...(this.original ? [this.original] : []), ...this.followUps];
    return messages.filter((message) => !message.isDeleted && message.states.length > 0);
  }

  get isThinking(): boolean {
    return this.original !== undefined && !this.original.isDeleted && this.original.states.length === 0;
  }

  get text(): string {
    return this.answers.map(({ text }) => text).join('\n');
  }
}
