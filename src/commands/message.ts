/**
 * What a command says, as plain data that knows no platform, and the reply through which it is said.
 * A platform renders a message its own way: an embed, Block Kit, lines of text.
 */

export type Block =
  /** An answer in prose. */
  | { readonly kind: 'text'; readonly text: string }
  /** A remark beside the answer: shown smaller, never part of it. */
  | { readonly kind: 'note'; readonly text: string }
  /** A lyric, whole or so far: the prime text and what was sampled after it. */
  | { readonly kind: 'lyric'; readonly primeText: string; readonly text: string; readonly complete: boolean }
  | { readonly kind: 'list'; readonly items: readonly ListItem[] }
  /** Texts side by side, each under its title: two or three, for comparison. */
  | { readonly kind: 'columns'; readonly columns: readonly Column[] }
  /** How much of some work is done: 0 to 1. */
  | { readonly kind: 'bar'; readonly fraction: number };

export interface ListItem {
  readonly title: string;
  /** Lines below the title. */
  readonly details: readonly string[];
}

export interface Column {
  readonly title: string;
  readonly text: string;
}

/** A short fact: a model's name, a temperature. */
export interface Field {
  readonly label: string;
  readonly value: string;
}

/** A button: pressing it is the same as giving this command with these options. JSON, so that it can be kept. */
export interface Action {
  readonly label: string;
  readonly command: string;
  readonly options: Readonly<Record<string, string | number>>;
  /** What cannot be undone looks different. */
  readonly danger?: boolean;
  /** The message asks for it: where nothing can be pressed, it is shown as the command to type. */
  readonly asks?: true;
}

/** A file that goes with a message. Pictures (`.png`) are shown, where a platform can. */
export interface MessageFile {
  /** The name that people see and save: letters, digits, `._-`, with its ending. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What is in it, in words: for those who cannot see it, and where it is not shown. */
  readonly alt: string;
}

export const isPicture = ({ name }: MessageFile): boolean => name.endsWith('.png');

export interface Message {
  readonly blocks: readonly Block[];
  readonly fields?: readonly Field[];
  readonly actions?: readonly Action[];
  /** A later state of a message with the same object does not send it again. */
  readonly files?: readonly MessageFile[];
}

/** Where a message stands, in the words of its platform: JSON, so that it can be kept. */
export type MessageRef = Readonly<Record<string, string>>;

/** A message that changes until `finish` or `fail` ends it. */
export interface LiveMessage {
  /** Where it stands by now, for `OpenMessages.reopen`; undefined while it can only be changed from here. */
  readonly ref?: MessageRef | undefined;
  /**
   * What the message says by now, from its beginning. Returns at once: the platform shows the newest state at
   * its own pace, and may skip those between. Never throws.
   */
  update(message: Message): void;
  /** What the message says in the end: always delivered. */
  finish(message: Message): Promise<void>;
  /** Says what went wrong: to the person who asked alone, where this answers a request and the platform can. */
  fail(text: string): Promise<void>;
}

/** The answer to a request. */
export interface Reply extends LiveMessage {
  /** The place of the request: what is reopened by it is posted there anew. */
  readonly here?: MessageRef | undefined;
  /** Nothing can be pressed here: what only buttons need is not prepared. */
  readonly withoutActions?: true;
  /** A message of its own at the same place, which may go on changing after the request has ended. */
  post(message: Message): Promise<LiveMessage>;
}
