/**
 * Messages that were posted before, perhaps by an earlier process: found again by the reference that their
 * platform gave, and changed on. What a reference holds only its platform knows.
 */
import type { Locale } from '../strings/index.ts';
import type { LiveMessage, MessageRef } from './message.ts';

/** Opens a message of a platform; undefined where a reference is none of its own. Nothing is sent before it changes. */
export type Opener = (ref: MessageRef, locale: Locale) => LiveMessage | undefined;

export class OpenMessages {
  readonly #openers = new Map<string, Opener>();

  /** Called by a platform when it has started. */
  register(platform: string, open: Opener): void {
    this.#openers.set(platform, open);
  }

  /** The message, ready to change; undefined where its platform does not run. */
  reopen(platform: string, ref: MessageRef, locale: Locale): LiveMessage | undefined {
    return this.#openers.get(platform)?.(ref, locale);
  }
}
