/**
 * Errors that are meant for people. Only a `UserError` reaches a chat or a terminal as text; anything else
 * is a defect or an accident, gets an id in the log, and people see a generic reply with that id.
 */
import path from 'node:path';
import { type ErrorCode, type ErrorFacts, errorText } from './strings/errors.ts';

export class UserError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'UserError';
  readonly code: C;
  readonly facts: ErrorFacts<C>;

  constructor(code: C, facts: ErrorFacts<C>, options?: ErrorOptions) {
    super(errorText('en', code, facts), options);
    this.code = code;
    this.facts = facts;
  }

  /** The message in a person's language. */
  text(locale: 'ko' | 'en'): string {
    return errorText(locale, this.code, this.facts);
  }

  /** The same to somebody who gives commands, in a chat or at the prompt: names their options, not a script's. */
  chatText(locale: 'ko' | 'en'): string {
    return errorText(locale, this.code, this.facts, 'chat');
  }

  /** The same with the names of files and folders alone: what people in a chat need not know of the machine. */
  withoutFolders(): UserError<C> {
    const facts = Object.entries(this.facts).map(([name, fact]) => [
      name,
      typeof fact === 'string' && path.isAbsolute(fact) ? path.basename(fact) : fact,
    ]);
    return new UserError(this.code, Object.fromEntries(facts) as ErrorFacts<C>, { cause: this.cause });
  }
}

/** The system's error code (`ENOENT`, `ENOSPC`, ...) of an unknown error, or undefined. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
