/** Tables in a Markdown document, each between two comments that name it; the words around them stay. */

/** A table with its columns; numbers stand to the right. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : cell)));
  const isNumeric = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  const line = (columns: readonly string[]) => `| ${columns.join(' | ')} |`;
  return [line(head), line(isNumeric.map((right) => (right ? '---:' : '---'))), ...cells.map(line)].join(
    '\n',
  );
}

/** Three significant digits, whole from 100 on. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '?';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

/**
 * Puts each table where the document names it. Throws an `Error` where it does not, or names another one that is not
 * among those `kept` as they are.
 */
export function replaceTables(
  document: string,
  tables: Readonly<Record<string, string>>,
  kept: readonly string[] = [],
): string {
  const found = new Set<string>();
  const written = document.replace(
    /(<!-- table: (\S+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (place, start: string, name: string, end: string) => {
      if (kept.includes(name)) return place;
      const table = tables[name];
      if (table === undefined) throw new Error(`nothing makes the table ${name}`);
      found.add(name);
      return `${start}\n${table}\n\n${end}`;
    },
  );
  for (const name of Object.keys(tables)) {
    if (!found.has(name)) throw new Error(`the document has no place for the table ${name}`);
  }
  return written;
}
