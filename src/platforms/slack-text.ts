/** Text as Slack takes and gives it: `&`, `<` and `>` are written as entities, or they would mean mentions and links. */
import type { Cost } from './split.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

export const escapeText = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ENTITIES[character]!);

export const unescapeText = (text: string): string =>
  text.replace(/&(?:amp|lt|gt);/g, (entity) => (entity === '&amp;' ? '&' : entity === '&lt;' ? '<' : '>'));

/** What a character counts in Slack's limits: it counts what is sent. */
export const escapedLength: Cost = (character) => ENTITIES[character]?.length ?? character.length;

/** Escaped text of at most `limit` UTF-16 units, ending in `…` where something was cut. */
export function escapeShort(text: string, limit: number): string {
  const escaped = escapeText(text);
  if (escaped.length <= limit) return escaped;
  let short = '';
  for (const character of text) {
    const next = ENTITIES[character] ?? character;
    if (short.length + next.length >= limit) break;
    short += next;
  }
  return `${short}…`;
}
