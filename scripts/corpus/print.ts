/** Figures as lines of text. */
import type { Frequent } from './frequencies.ts';

/** Columns of the widest terminal that a list is broken for. */
const WIDTH = 110;

export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

export const grouped = (value: number): string =>
  Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(1);

/** Columns as wide as they need to be; those of numbers to the right, under a heading too. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => columnsOf(row[column]))));
  const isNumber = rows[0].map((_, column) => /^[-\d]/.test(rows.at(-1)![column]));
  const pad = (cell: string, column: number): string => {
    const padding = ' '.repeat(widths[column] - columnsOf(cell));
    return isNumber[column] ? padding + cell : cell + padding;
  };
  return rows.map((row) => `  ${row.map(pad).join('  ')}`.trimEnd()).join('\n');
}

/** `text 12.3 %, text 4.5 %`, in lines. */
export const listOf = (frequent: readonly Pick<Frequent, 'text' | 'share'>[], limit: number): string =>
  wrap(frequent.slice(0, limit).map(({ text, share }) => `${text} ${percent(share)}`));

function wrap(items: readonly string[]): string {
  const lines: string[] = [];
  let line = '';
  for (const item of items) {
    if (line !== '' && columnsOf(line) + columnsOf(item) > WIDTH) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? `  ${item}` : `, ${item}`;
  }
  return [...lines, line].join(',\n');
}

/** A terminal shows Hangul two columns wide. */
const columnsOf = (text: string): number =>
  [...text].reduce((sum, character) => sum + (/[\u1100-\u115f\u3000-\ud7a3]/.test(character) ? 2 : 1), 0);
