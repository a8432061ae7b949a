/**
 * What a `UserError` says, Korean and English. Each message says what is wrong and what to do.
 * The English text is the error's `message`. A file of messages for each room that throws them.
 */
import { chatErrors } from './chat-errors.ts';
import { checkpointErrors } from './checkpoint-errors.ts';
import { engineErrors } from './engine-errors.ts';
import type { Localized } from './index.ts';
import { jobErrors } from './job-errors.ts';
import { libraryErrors } from './library-errors.ts';
import { trainingErrors } from './training-errors.ts';

interface Words {
  readonly ko: (facts: never) => string;
  readonly en: (facts: never) => string;
}

/** `chat`: what those are told who give commands, where that is not the same. */
interface Message extends Words {
  readonly chat?: Words;
}

/** Where a message is read: commands and scripts have their own options. */
export type Surface = 'chat' | 'script';

const messages = {
  ...checkpointErrors,
  ...trainingErrors,
  ...engineErrors,
  ...chatErrors,
  ...libraryErrors,
  ...jobErrors,
  configFaults: {
    ko: (f: { faults: readonly { variable: string; allowed: Localized }[] }) =>
      `설정(.env 또는 환경 변수)을 고치십시오.\n${f.faults.map(({ variable, allowed }) => `  ${variable}: ${allowed.ko}`).join('\n')}`,
    en: (f: { faults: readonly { variable: string; allowed: Localized }[] }) =>
      `correct the settings (.env or environment variables)\n${f.faults.map(({ variable, allowed }) => `  ${variable}: ${allowed.en}`).join('\n')}`,
  },
} satisfies Record<string, Message>;

export type ErrorCode = keyof typeof messages;
export type ErrorFacts<C extends ErrorCode> = Parameters<(typeof messages)[C]['en']>[0];

export function errorText<C extends ErrorCode>(
  locale: 'ko' | 'en',
  code: C,
  facts: ErrorFacts<C>,
  surface: Surface = 'script',
): string {
  const message: Message = messages[code];
  const words = (surface === 'chat' && message.chat) || message;
  return (words[locale] as (f: ErrorFacts<C>) => string)(facts);
}
