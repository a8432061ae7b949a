/**
 * Errors that are meant for people. Only a `UserError` reaches a chat or a terminal as text; anything else
 * is a defect or an accident, gets an id in the log, and people see a generic reply with that id.
 */
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
}

/** The system's error code (`ENOENT`, `ENOSPC`, ...) of an unknown error, or undefined. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
