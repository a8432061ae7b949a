/**
 * Source of the innermost loops, one variant a build. A tile keeps up to `rows` x `width` sums in
 * registers; AssemblyScript has no templates over numbers, so their text is written here.
 *
 * `rowTileN(kPanels, a, b, c, skip)`: C[N rows] += A[N rows] x B, A in panels (16 columns of a row are
 * adjacent; `skip` bytes lead from the end of a panel's row to the next panel's), B one panel [k][16].
 * `unitTileN(k, a, b, c)`: C[N units] += A^T x B over k rows, A and B one panel each, [k][16].
 *
 * Shapes are measured, not guessed (docs/log.md): without revectorization more than 4 x 8 spills
 * registers on Node 20; with it, 6 x 16 reads the fewest bytes a product. Loops must stay `do ... while`
 * without unrolling, sums must be loaded first and stored last in adjacent pairs: V8 then fuses pairs of
 * 128-bit operations into 256-bit ones.
 */
export interface KernelBuild {
  readonly name: string;
  /** Fused multiply-add (relaxed SIMD): faster, rounds differently. */
  readonly relaxed: boolean;
  /** Columns of a tile: 8, or 16 where V8's revectorizer runs. */
  readonly width: 8 | 16;
}

export const BUILDS: readonly KernelBuild[] = [
  { name: 'simd8', relaxed: false, width: 8 },
  { name: 'simd16', relaxed: false, width: 16 },
  { name: 'relaxed8', relaxed: true, width: 8 },
  { name: 'relaxed16', relaxed: true, width: 16 },
];

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const PANEL_ROW = 64;

/** The virtual module `./tiles` of a build. */
export function tilesSource({ relaxed, width }: KernelBuild): string {
  const rows = width === 16 ? 6 : 4;
  const multiplyAdd = relaxed ? 'f32x4.relaxed_madd(a, b, c)' : 'f32x4.add(c, f32x4.mul(a, b))';
  const lines = [
    `export const TILE_ROWS: i32 = ${rows};`,
    `@inline export function madd(a: v128, b: v128, c: v128): v128 { return ${multiplyAdd}; }`,
  ];
  for (const n of range(rows).map((i) => i + 1)) {
    lines.push(tile(`rowTile${n}`, n, width, { between: PANEL_ROW, perK: 4, panels: true }));
    lines.push(tile(`unitTile${n}`, n, width, { between: 4, perK: PANEL_ROW, panels: false }));
  }
  lines.push(dispatch('rowTile', rows, width, ', skip: usize', ', skip'));
  lines.push(dispatch('unitTile', rows, width, '', ''));
  return lines.join('\n');
}

function tile(
  name: string,
  rows: number,
  width: number,
  a: { between: number; perK: number; panels: boolean },
) {
  const vectors = range(width / 4);
  const sums = range(rows).flatMap((i) => vectors.map((j) => ({ i, j, at: i * PANEL_ROW + j * 16 })));
  const body = [
    ...vectors.map((j) => `const b${j} = v128.load(b, ${j * 16});`),
    ...range(rows).flatMap((i) => [
      `const a${i} = v128.load_splat<f32>(a, ${i * a.between});`,
      ...vectors.map((j) => `c${i}_${j} = madd(a${i}, b${j}, c${i}_${j});`),
    ]),
    `a += ${a.perK}; b += ${PANEL_ROW};`,
  ].join(' ');
  const loop = a.panels
    ? `do { let q = 16; do { ${body} } while (--q); a += skip; } while (--k);`
    : `do { ${body} } while (--k);`;
  return `function ${name}(k: i32, a: usize, b: usize, c: usize${a.panels ? ', skip: usize' : ''}): void {
  ${sums.map((s) => `let c${s.i}_${s.j} = v128.load(c, ${s.at});`).join(' ')}
  ${loop}
  ${sums.map((s) => `v128.store(c, c${s.i}_${s.j}, ${s.at});`).join(' ')}
}`;
}

/** A function that runs the tile of n rows over all 16 columns. */
function dispatch(name: string, rows: number, width: number, parameter: string, argument: string): string {
  const halves = range(16 / width).map((h) => h * width * 4);
  const cases = range(rows).map(
    (i) =>
      `case ${i + 1}: ${halves.map((o) => `${name}${i + 1}(k, a, b + ${o}, c + ${o}${argument});`).join(' ')} return;`,
  );
  return `export function ${name}(n: i32, k: i32, a: usize, b: usize, c: usize${parameter}): void {
  switch (n) { ${cases.join('\n    ')} }
}`;
}
