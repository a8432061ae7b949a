/**
 * Messages as Block Kit. All that people or networks wrote stands in plain text objects and is escaped: no
 * markup, no mention, no link comes of it.
 */
import type { Action, Block, Column, Field, ListItem, Message } from '../commands/message.ts';
import { escapedLength, escapeShort, escapeText } from './slack-text.ts';
import { splitText } from './split.ts';

/** Slack's limits, in UTF-16 units and elements. */
const SECTION = 3000;
const FIELD = 2000;
const BLOCKS = 50;
const BUTTON_LABEL = 75;
const BUTTONS_A_BLOCK = 25;
export const BUTTON_VALUE = 2000;
/** Of all blocks together; Slack takes some 13,000. */
const PAGE = 12_000;
/** What is shown where blocks are not: in notifications and to screen readers. */
const FALLBACK = 3000;

const BAR_WIDTH = 20;
/** A text object may not be empty. */
const NOTHING_YET = '…';

/** What one message of Slack's holds. */
export interface Page {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: false;
}

export type SlackBlock =
  | { readonly type: 'section'; readonly text: PlainText }
  | { readonly type: 'section'; readonly fields: readonly PlainText[] }
  | { readonly type: 'context'; readonly elements: readonly PlainText[] }
  | { readonly type: 'divider' }
  | { readonly type: 'actions'; readonly elements: readonly SlackButton[] };

interface SlackButton {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: PlainText;
  readonly value: string;
  readonly style?: 'danger';
}

export interface RenderOptions {
  /** Our own words, as they are said on Slack. */
  readonly words: (text: string) => string;
  /** What comes back from the buttons of a message. */
  readonly encode: (actions: readonly Action[]) => Promise<readonly string[]>;
}

/** A message as one page or more. */
export async function renderPages(message: Message, { words, encode }: RenderOptions): Promise<Page[]> {
  const { blocks, fields = [], actions = [] } = message;
  const rendered = blocks.flatMap((block, i) => [
    ...(block.kind === 'lyric' && blocks[i - 1]?.kind === 'lyric' ? [DIVIDER] : []),
    ...renderBlock(block, words),
  ]);
  if (fields.length > 0) rendered.push(context(factLine(fields)));
  if (actions.length > 0) rendered.push(...buttons(actions, await encode(actions)));
  return paginate(rendered);
}

const DIVIDER: SlackBlock = { type: 'divider' };

function renderBlock(block: Block, words: (text: string) => string): SlackBlock[] {
  switch (block.kind) {
    case 'lyric':
      return sections(`${block.primeText}${block.text}`.trimEnd() || NOTHING_YET);
    case 'text':
      return sections(words(block.text));
    case 'list':
      return sections(words(block.items.map(listItem).join('\n')));
    case 'columns':
      return columnSections(block.columns);
    case 'note':
      return splitText(words(block.text), SECTION, escapedLength).map(context);
    case 'bar':
      return [context(bar(block.fraction))];
    default:
      return block satisfies never;
  }
}

const listItem = ({ title, details }: ListItem): string =>
  [title, ...details.map((detail) => `    ${detail}`)].join('\n');

const factLine = (fields: readonly Field[]): string =>
  fields.map(({ label, value }) => `${label} ${value}`).join(' · ');

function bar(fraction: number): string {
  const done = Math.min(1, Math.max(0, fraction));
  const full = Math.round(done * BAR_WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${Math.floor(100 * done)}%`;
}

function buttons(actions: readonly Action[], values: readonly string[]): SlackBlock[] {
  const elements = actions.map(
    ({ label, danger }, i): SlackButton => ({
      type: 'button',
      action_id: `press-${i}`,
      text: plain(escapeShort(label, BUTTON_LABEL)),
      value: values[i]!,
      ...(danger ? { style: 'danger' } : {}),
    }),
  );
  const rows = Math.ceil(elements.length / BUTTONS_A_BLOCK);
  return Array.from({ length: rows }, (_, row) => ({
    type: 'actions',
    elements: elements.slice(row * BUTTONS_A_BLOCK, (row + 1) * BUTTONS_A_BLOCK),
  }));
}

const sections = (text: string): SlackBlock[] =>
  splitText(text, SECTION, escapedLength).map((piece) => ({
    type: 'section',
    text: plain(escapeText(piece)),
  }));

/** Fields of a section stand two in a row: each pair of columns as one section. */
function columnSections(columns: readonly Column[]): SlackBlock[] {
  const fields = columns.map(({ title, text }) => plain(escapeShort(`${title}\n${text}`.trim(), FIELD)));
  return Array.from({ length: Math.ceil(fields.length / 2) }, (_, row) => ({
    type: 'section',
    fields: fields.slice(2 * row, 2 * row + 2),
  }));
}

const context = (text: string): SlackBlock => ({
  type: 'context',
  elements: [plain(escapeShort(text, SECTION))],
});

/** @param escaped not empty. */
const plain = (escaped: string): PlainText => ({
  type: 'plain_text',
  text: escaped || NOTHING_YET,
  emoji: false,
});

function paginate(blocks: readonly SlackBlock[]): Page[] {
  const pages: SlackBlock[][] = [[]];
  let length = 0;
  for (const block of blocks) {
    const more = textOf(block).length;
    if (pages.at(-1)!.length === BLOCKS || (length > 0 && length + more > PAGE)) {
      pages.push([]);
      length = 0;
    }
    pages.at(-1)!.push(block);
    length += more;
  }
  return pages.map((page) => ({ text: fallback(page), blocks: page }));
}

function fallback(blocks: readonly SlackBlock[]): string {
  const text = blocks
    .map(textOf)
    .filter((one) => one !== '')
    .join('\n');
  if (text.length <= FALLBACK) return text || NOTHING_YET;
  // Not within an entity, nor within a character.
  return `${text.slice(0, FALLBACK - 1).replace(/(&[a-z]*|[\uD800-\uDBFF])$/, '')}…`;
}

/** Escaped, without the buttons. */
function textOf(block: SlackBlock): string {
  if (block.type === 'section') {
    return 'text' in block ? block.text.text : block.fields.map(({ text }) => text).join('\n');
  }
  return block.type === 'context' ? block.elements.map(({ text }) => text).join(' ') : '';
}
