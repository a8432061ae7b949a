/** Messages as lines of text: the answer, and what is said beside it. Lyrics are printed as they come, elsewhere. */
import type { Action, Column, Field, Message } from '../commands/message.ts';

const BAR_WIDTH = 20;

/** What was asked for: prose and lists. */
export function answerLines({ blocks }: Message): string[] {
  return blocks.flatMap((block) => {
    if (block.kind === 'text') return [block.text];
    if (block.kind === 'list') {
      return block.items.flatMap(({ title, details }) => [title, ...details.map((detail) => `  ${detail}`)]);
    }
    if (block.kind === 'columns') return columnLines(block.columns);
    return [];
  });
}

/** Notes, then facts in one line. Buttons are left out: in a terminal one types. */
export function remarkLines({ blocks, fields = [] }: Message): string[] {
  const notes = blocks.flatMap((block) => {
    if (block.kind === 'note') return [block.text];
    return block.kind === 'bar' ? [bar(block.fraction)] : [];
  });
  const facts = fields.length > 0 ? [factLine(fields)] : [];
  return [...notes, ...facts];
}

/** Side by side, each as wide as its longest line. */
function columnLines(columns: readonly Column[]): string[] {
  const all = columns.map(({ title, text }) => [title, ...text.trim().split('\n')]);
  const widths = all.map((lines) => Math.max(...lines.map(widthOf)));
  const height = Math.max(...all.map(({ length }) => length));
  return Array.from({ length: height }, (_, row) =>
    all
      .map((lines, i) => (lines[row] ?? '') + ' '.repeat(widths[i]! - widthOf(lines[row] ?? '')))
      .join('   ')
      .trimEnd(),
  );
}

/** Columns of a terminal: Hangul and its neighbours are two wide. */
const widthOf = (line: string): number =>
  [...line].reduce(
    (sum, character) =>
      sum +
      (/[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(character)
        ? 2
        : 1),
    0,
  );

/** What a message asks for, as commands to type. */
export const questionLines = ({ actions = [] }: Message, print: (action: Action) => string): string[] =>
  actions.filter(({ asks }) => asks).map((action) => `${action.label}: ${print(action)}`);

const factLine = (fields: readonly Field[]): string =>
  fields.map(({ label, value }) => `${label} ${value}`).join(' · ');

function bar(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * BAR_WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${Math.floor(fraction * 100)}%`;
}
