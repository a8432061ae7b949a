/** How `npm run copies` shows its figures. */
import type { Compared } from './copies.ts';
import { percent, table } from './print.ts';

/** @param columns by their headings. */
export function tableOf(columns: Readonly<Record<string, Compared>>): string {
  const row = (name: string, cell: (column: Compared) => string) => [
    name,
    ...Object.values(columns).map(cell),
  ];
  return table([
    ['', ...Object.keys(columns)],
    row('lines', ({ lines }) => lines.toLocaleString('en')),
    row('stand in the training text', ({ verbatim }) => percent(verbatim, 2)),
    row('are a line of it', ({ whole_lines }) => percent(whole_lines, 2)),
    ...(['median', 'p90', 'p99', 'max'] as const).flatMap((key) => [
      row(`longest overlap, ${key}`, ({ longest_overlap }) => String(longest_overlap[key])),
      row(`  as a share of its line, ${key}`, (copies) => percent(copies.longest_overlap_share[key])),
    ]),
    row('return within their own song', ({ returning_lines }) => percent(returning_lines)),
    ...(['median', 'p90', 'max'] as const).map((key) =>
      row(`characters of a song, ${key}`, ({ song_length }) => song_length[key].toLocaleString('en')),
    ),
  ]);
}
