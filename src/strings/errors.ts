/**
 * What a `UserError` says, Korean and English. Each message says what is wrong and what to do.
 * The English text is the error's `message`. Keys are grouped by the room that throws them.
 */
type Message = {
  readonly ko: (facts: never) => string;
  readonly en: (facts: never) => string;
};

const messages = {
  // model
  networkField: {
    ko: (f: { field: string; value: string; expected: string }) =>
      `네트워크 설정 ${f.field}=${f.value}은(는) 쓸 수 없습니다. 가능한 값: ${f.expected}`,
    en: (f: { field: string; value: string; expected: string }) =>
      `network setting ${f.field}=${f.value} cannot be used; expected ${f.expected}`,
  },
} satisfies Record<string, Message>;

export type ErrorCode = keyof typeof messages;
export type ErrorFacts<C extends ErrorCode> = Parameters<(typeof messages)[C]['en']>[0];

export function errorText<C extends ErrorCode>(locale: 'ko' | 'en', code: C, facts: ErrorFacts<C>): string {
  return (messages[code][locale] as (f: ErrorFacts<C>) => string)(facts);
}
