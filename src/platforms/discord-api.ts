/**
 * What our messages are on Discord's wire, and the places they go to, as plain types: discord.ts alone knows the
 * client library.
 */
import { systemCode } from '../errors.ts';

export interface EmbedField {
  readonly name: string;
  readonly value: string;
  readonly inline: boolean;
}

export interface Embed {
  readonly description?: string;
  readonly fields?: readonly EmbedField[];
  readonly footer?: { readonly text: string };
  /** A file of the message by its name: `attachment://loss.png`. */
  readonly image?: { readonly url: string };
  readonly color: number;
}

export interface Button {
  readonly type: 2;
  /** 2 is grey, 4 red. */
  readonly style: 2 | 4;
  readonly label: string;
  readonly custom_id: string;
}

export interface ActionRow {
  readonly type: 1;
  readonly components: readonly Button[];
}

/** A whole message: whatever it was before, this is what it becomes. */
export interface Payload {
  readonly content: string;
  readonly embeds: readonly Embed[];
  readonly components: readonly ActionRow[];
  /** Nobody is called, whatever the text says. */
  readonly allowed_mentions: { readonly parse: readonly [] };
}

export interface OutgoingFile {
  readonly name: string;
  readonly data: Uint8Array;
  /** Read to those who cannot see it. */
  readonly alt: string;
}

/** A place where messages of ours stand: a channel, or the answers to an interaction. Throws `DiscordRefusal`. */
export interface Outlet {
  /** The channel, where it is one that outlasts the interaction. */
  readonly channel?: string;
  /** Returns the message's id. */
  create(payload: Payload, files: readonly OutgoingFile[]): Promise<string>;
  /** Files take the place of those that the message had; none leave them as they are. */
  edit(id: string, payload: Payload, files: readonly OutgoingFile[]): Promise<void>;
  remove(id: string): Promise<void>;
}

/** The answers to an interaction: until its token expires they need no permission in the channel. */
export interface AnswerOutlet extends Outlet {
  /** A further answer for the asker alone. */
  createPrivate(payload: Payload): Promise<string>;
}

/** What answers an interaction. */
export interface InteractionKey {
  readonly id: string;
  readonly applicationId: string;
  readonly token: string;
}

/**
 * An error of Discord without what was sent: the library's own errors carry people's text and tokens, and errors
 * are logged.
 */
export class DiscordRefusal extends Error {
  override readonly name = 'DiscordRefusal';
  /** The HTTP status. */
  readonly status: number;
  /** Discord's own code, where there is one. */
  readonly code: number | undefined;

  constructor(message: string, status: number, code?: number) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What happens before anything was sent. */
const NOT_SENT: readonly unknown[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];
const UNAVAILABLE = 503;

/** A failure after which the same call makes sense: nothing was done. */
export const isUndone = (error: unknown): boolean =>
  error instanceof DiscordRefusal
    ? error.status === UNAVAILABLE
    : NOT_SENT.includes(systemCode(error) ?? systemCode((error as { cause?: unknown } | null)?.cause));
/** A failure after which nobody knows whether it was done. */
export const isUncertain = (error: unknown): boolean =>
  error instanceof DiscordRefusal ? error.status >= 500 : !isUndone(error);

const hasCode = (error: unknown, codes: readonly number[]): boolean =>
  error instanceof DiscordRefusal && error.code !== undefined && codes.includes(error.code);

/** The message is not there any more. */
export const isGone = (error: unknown): boolean => hasCode(error, [10008]);
/** The interaction's token is older than 15 minutes. */
export const isExpired = (error: unknown): boolean => hasCode(error, [10015, 50027]);
/** We may not post (or the channel is gone, or the person takes no messages from us). */
export const isForbidden = (error: unknown): boolean => hasCode(error, [10003, 50001, 50007, 50013]);
/** The message is older than an hour and was edited too often. */
export const isTooOld = (error: unknown): boolean => hasCode(error, [30046]);
/** Somebody, or we in an earlier try, answered the interaction already. */
export const isTaken = (error: unknown): boolean => hasCode(error, [40060]);
/** It is taken, or it is too late for an answer. */
export const isAnswered = (error: unknown): boolean => isTaken(error) || hasCode(error, [10062]);
