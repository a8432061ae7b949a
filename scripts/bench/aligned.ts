/** Columns of text on a terminal. */

/** Hangul takes two columns of a terminal. */
const width = (text: string): number =>
  [...text].reduce((sum, character) => sum + (/[ᄀ-ᇿ가-힣]/.test(character) ? 2 : 1), 0);

/** Columns of equal width; all but the first to the right unless told otherwise. */
export function aligned(rows: readonly (readonly string[])[], side: 'left' | 'right' = 'right'): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const room = ' '.repeat(widths[column]! - width(cell));
        return column === 0 || side === 'left' ? cell + room : room + cell;
      })
      .join('  ')
      .trimEnd(),
  );
}
