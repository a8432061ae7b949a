/** Messages of a chat as a text to train on. How they are read only their platform knows. */

export interface ChatLine {
  /** The person's id. */
  readonly author: string;
  /** What they wrote, as they see it: no markup of the platform. */
  readonly text: string;
}

export interface ChatHistory {
  /** Of people, with text, oldest first. */
  readonly lines: readonly ChatLine[];
  /** Messages that were looked at: those of bots and those without text are among them. */
  readonly read: number;
}

/**
 * Reads the last so many messages of the conversation in which a command was given. Throws a `UserError` where the
 * bot may not.
 */
export type ReadHistory = (count: number, signal: AbortSignal) => Promise<ChatHistory>;
