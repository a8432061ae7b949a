/** Messages as Discord shows them: embeds, as many chat messages as it takes, and rows of buttons. */
import {
  type Action,
  type Block,
  type Field,
  isPicture,
  type ListItem,
  type Message,
} from '../commands/message.ts';
import type { ActionRow, Button, Embed, EmbedField, Payload } from './discord-api.ts';
import { splitText } from './split.ts';

// Discord's limits, in UTF-16 units.
const LONGEST_CONTENT = 2000;
const LONGEST_DESCRIPTION = 4096;
/** Of all embeds of a message together. */
const LONGEST_EMBEDS = 6000;
const MOST_EMBEDS = 10;
const LONGEST_LABEL = 80;
const BUTTONS_IN_A_ROW = 5;
const MOST_BUTTONS = 25;
// Below Discord's, so that all fields and the footer fit into one embed.
const MOST_FIELDS = 12;
const LONGEST_NAME = 50;
/** Before it is escaped. */
const LONGEST_VALUE = 120;
const LONGEST_FOOTER = 1500;
/** Escaped, with room for an ellipsis: a field takes 1,024. */
const LONGEST_COLUMN = 1000;

const COLOR = 0x8a6fb0;
const BAR_WIDTH = 20;
/** An embed, and a field, must not be empty. */
const NOTHING = '…';
/** A field that ends a row of fields. Its text must not be empty, nor blank. */
const ROW_END: EmbedField = { name: '\u200b', value: '\u200b', inline: false };

/** A message as one chat message or more: the buttons are below the last. `buttonIds` belong to its actions. */
export function renderMessage(message: Message, buttonIds: readonly string[]): Payload[] {
  const embeds = embedsOf(message);
  const rows = rowsOf(message.actions ?? [], buttonIds);
  const groups = groupEmbeds(embeds);
  return groups.map((group, i) =>
    payload({ embeds: group, components: i === groups.length - 1 ? rows : [] }),
  );
}

/** Plain words, such as an error's. */
export const renderText = (text: string): Payload[] =>
  splitText(text, LONGEST_CONTENT, costOf).map((piece) =>
    payload({ content: escapeMarkdown(piece.trim()) || NOTHING }),
  );

/** Whether there is anything to be seen yet. */
export const isBlank = ({ blocks }: Message): boolean =>
  blocks.every((block) => block.kind === 'lyric' && (block.primeText + block.text).trim() === '');

const payload = (parts: Partial<Payload>): Payload => ({
  content: '',
  embeds: [],
  components: [],
  allowed_mentions: { parse: [] },
  ...parts,
});

/** What is said, and below it the pictures: the first in the last embed of the text, others in their own. */
function embedsOf(message: Message): Embed[] {
  const embeds = textEmbeds(message);
  for (const [i, { name }] of (message.files ?? []).filter(isPicture).entries()) {
    const image = { image: { url: `attachment://${name}` } };
    if (i === 0) embeds.push({ ...embeds.pop()!, ...image });
    else embeds.push({ ...image, color: COLOR });
  }
  return embeds;
}

function textEmbeds({ blocks, fields = [] }: Message): Embed[] {
  const lyrics = blocks.filter((block) => block.kind === 'lyric');
  const columns = blocks.filter((block) => block.kind === 'columns');
  const others = blocks.filter((block) => block.kind !== 'lyric' && block.kind !== 'columns');
  // Beside a lyric a note is a footer; without one it is the answer.
  const isFooter = ({ kind }: Block) => kind === 'note' && lyrics.length > 0;
  const prose = others.filter((block) => !isFooter(block));
  const notes = others.flatMap((block) => (block.kind === 'note' && isFooter(block) ? [block.text] : []));
  const pieces = [
    ...(prose.length > 0 ? splitText(prose.map(proseOf).join('\n'), LONGEST_DESCRIPTION) : []),
    ...lyrics.flatMap(({ primeText, text }) => splitLyric(primeText + text)),
  ];
  const embeds = [
    ...pieces.map((piece): Embed => ({ description: piece.trim() === '' ? NOTHING : piece, color: COLOR })),
    ...columns.map(columnsEmbed),
  ];
  const facts = factsOf(fields, notes);
  const last = embeds.pop();
  const together = { ...last, ...facts, ...fieldsOf(last, facts), color: COLOR };
  if (sizeOf(together) === 0) return [{ description: NOTHING, color: COLOR }];
  if (!last || sizeOf(together) <= LONGEST_EMBEDS) return [...embeds, together];
  return [...embeds, last, { ...facts, color: COLOR }];
}

/** Fields in a row stand side by side. */
const columnsEmbed = ({ columns }: Extract<Block, { kind: 'columns' }>): Embed => ({
  fields: columns.map(({ title, text }) => {
    const [piece, ...further] = splitText(text.trim(), LONGEST_COLUMN, costOf);
    const value = escapeMarkdown(piece!) || NOTHING;
    return {
      name: cut(title, LONGEST_NAME).trim() || NOTHING,
      value: further.length > 0 ? `${value}\n…` : value,
      inline: true,
    };
  }),
  color: COLOR,
});

const splitLyric = (text: string): string[] =>
  splitText(text, LONGEST_DESCRIPTION, costOf).map(escapeMarkdown);

/** What stands side by side comes before the facts; each kind has its own row. */
const fieldsOf = (last: Embed | undefined, facts: Omit<Embed, 'color'>): Pick<Embed, 'fields'> =>
  last?.fields && facts.fields ? { fields: [...last.fields, ROW_END, ...facts.fields] } : {};

function factsOf(fields: readonly Field[], notes: readonly string[]): Omit<Embed, 'color'> {
  const shown = fields.slice(0, MOST_FIELDS).map(
    ({ label, value }): EmbedField => ({
      name: cut(label, LONGEST_NAME).trim() || NOTHING,
      value: escapeMarkdown(cut(value, LONGEST_VALUE).trim()) || NOTHING,
      inline: true,
    }),
  );
  const footer = cut(notes.join('\n').trim(), LONGEST_FOOTER);
  return {
    ...(shown.length > 0 ? { fields: shown } : {}),
    ...(footer === '' ? {} : { footer: { text: footer } }),
  };
}

function proseOf(block: Exclude<Block, { kind: 'lyric' | 'columns' }>): string {
  switch (block.kind) {
    case 'text':
    case 'note':
      return escapeMarkdown(block.text);
    case 'list':
      return block.items.map(itemOf).join('\n');
    case 'bar':
      return bar(block.fraction);
    default:
      return block satisfies never;
  }
}

const itemOf = ({ title, details }: ListItem): string =>
  [`**${escapeMarkdown(title)}**`, ...details.map((detail) => `- ${escapeMarkdown(detail)}`)].join('\n');

function bar(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * BAR_WIDTH);
  return `\`${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}\` ${Math.floor(fraction * 100)}%`;
}

function groupEmbeds(embeds: readonly Embed[]): Embed[][] {
  const groups: Embed[][] = [];
  let size = 0;
  for (const embed of embeds) {
    const group = groups.at(-1);
    size += sizeOf(embed);
    if (group && group.length < MOST_EMBEDS && size <= LONGEST_EMBEDS) group.push(embed);
    else {
      groups.push([embed]);
      size = sizeOf(embed);
    }
  }
  return groups;
}

const sizeOf = ({ description = '', fields = [], footer }: Embed): number =>
  fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0) +
  description.length +
  (footer?.text.length ?? 0);

function rowsOf(actions: readonly Action[], ids: readonly string[]): ActionRow[] {
  const buttons = actions.slice(0, Math.min(MOST_BUTTONS, ids.length)).map(
    ({ label, danger }, i): Button => ({
      type: 2,
      style: danger ? 4 : 2,
      label: cut(label, LONGEST_LABEL),
      custom_id: ids[i]!,
    }),
  );
  const rows: ActionRow[] = [];
  for (let i = 0; i < buttons.length; i += BUTTONS_IN_A_ROW) {
    rows.push({ type: 1, components: buttons.slice(i, i + BUTTONS_IN_A_ROW) });
  }
  return rows;
}

/** Lyrics are no markup: what would format, quote, link or call stands as it was written. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\*_~`|[\]<>]/g, '\\$&').replace(/^(\s*)([#+-])/gm, '$1\\$2');
}

const costOf = (character: string): number => (/[\\*_~`|[\]<>#+-]/.test(character) ? 2 : character.length);

/** At most `most` UTF-16 units. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
