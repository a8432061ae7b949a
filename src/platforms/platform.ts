/**
 * The platform contract. A platform is an adapter between a chat (or a terminal) and the commands: it turns
 * what happens there into a `CommandRequest`, hands it to the dispatcher, and renders what the `Reply` is told.
 * It acknowledges within its chat's deadline before it calls the dispatcher, and checks neither permissions,
 * rates nor options: the dispatcher does, once for all platforms.
 */
import type { Place, Services } from '../commands/command.ts';
import type { ReadHistory } from '../commands/history.ts';
import type { Reply } from '../commands/message.ts';
import type { IncomingFile, RawOptions } from '../commands/option.ts';
import type { Log } from '../log.ts';
import type { Locale } from '../strings/index.ts';
import type { Dispatcher } from './dispatch.ts';

export interface Platform {
  /** As in `Place.platform`. */
  readonly name: string;
  /** Resolves when commands can come in. Throws a `UserError` where it cannot be started (a wrong token). */
  start(host: PlatformHost): Promise<void>;
  /** Takes no more commands, delivers what is still to be said, and disconnects. */
  stop(): Promise<void>;
}

/** What a platform works with. */
export interface PlatformHost {
  readonly dispatcher: Dispatcher;
  readonly services: Services;
  readonly log: Log;
  /** Asks for the end of the process, which stops every platform first. */
  leave(exitCode: number): void;
}

/** What an event on a platform becomes. */
export interface CommandRequest {
  /** Name of the command, Korean or English, without the slash. */
  readonly command: string;
  /** Typed options by name, or the text after the command. */
  readonly options: RawOptions | string;
  /** The person's id. */
  readonly user: string;
  readonly place: Place;
  readonly locale: Locale;
  readonly reply: Reply;
  /** Whether rate limits apply: in a chat, not at one's own terminal. */
  readonly limited: boolean;
  /** Whether the person may use admin commands here. Asked only where it matters; what throws counts as no. */
  isAdmin(): boolean | Promise<boolean>;
  /** Aborted when the person cancels this request. */
  readonly signal?: AbortSignal;
  /** Reads the messages of the conversation, where the platform has any. */
  readonly readHistory?: ReadHistory;
  /** The files whose paths a text names, where the platform shares its files with the person. */
  openFiles?(paths: string): readonly IncomingFile[];
}
