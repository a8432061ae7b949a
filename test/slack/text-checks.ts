/** Keys and text objects of Slack's payloads: each check returns the faults that it finds. */

export type Args = Readonly<Record<string, unknown>>;

export function unknownKeys(where: string, object: Args, known: readonly string[]): string[] {
  return Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => `${where} has ${key}`);
}

export function checkPlain(text: Args | undefined, limit: number): string[] {
  if (text?.type !== 'plain_text') return [`text of type ${text?.type}`];
  return [
    ...unknownKeys('text object', text, ['type', 'text', 'emoji']),
    ...checkLength('text object', text.text, limit),
    ...checkMarkup('text object', text.text),
  ];
}

export function checkLength(where: string, text: unknown, limit: number): string[] {
  if (typeof text !== 'string' || text.length < 1) return [`${where} is empty`];
  return text.length > limit ? [`${where} has ${text.length} of ${limit} characters`] : [];
}

/** Anything that Slack would not show as it stands. */
export function checkMarkup(where: string, text: unknown): string[] {
  return /[<>]|&(?!(?:amp|lt|gt);)/.test(String(text)) ? [`${where} is not escaped`] : [];
}

/** A `block_id` or `action_id`: 255 characters; no two alike where they stand together. */
export const checkIds = (where: string, ids: readonly unknown[]): string[] => [
  ...ids.flatMap((id) => (id === undefined ? [] : checkLength(where, id, 255))),
  ...(new Set(ids).size < ids.length ? [`${where}s must differ`] : []),
];
