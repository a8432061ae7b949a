// Matrix products on panels. A matrix [rows][columns] is kept as panels of 16 columns, each [rows][16],
// `stride` bytes apart; columns are padded with zeros. One layout serves as left operand, right operand
// and result of every product, so that nothing is ever packed.
import { rowTile, unitTile, TILE_ROWS } from './tiles';

const ROW: usize = 64;
/** Rows of a block of the weight-gradient product: two panel blocks of 12 KB share the first-level cache. */
const GRADIENT_BLOCK: i32 = 192;

/** C[rows][16 nPanels] += A[rows][16 kPanels] x B, B as nPanels panels [16 kPanels][16]. */
export function product(
  rows: i32, kPanels: i32, nPanels: i32,
  a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize,
): void {
  const tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  const height = rows / tiles;
  const taller = rows - height * tiles; // the first tiles take one row more, so that none is left with few rows
  for (let n = 0; n < nPanels; n++) {
    let at = a, ct = c;
    for (let t = 0; t < tiles; t++) {
      const h = t < taller ? height + 1 : height;
      rowTile(h, kPanels, at, b, ct, aStride - ROW);
      at += <usize>h * ROW;
      ct += <usize>h * ROW;
    }
    b += bStride;
    c += cStride;
  }
}

@inline function addColumnSums(rows: i32, b: usize, sums: usize): void {
  let s0 = v128.load(sums), s1 = v128.load(sums, 16), s2 = v128.load(sums, 32), s3 = v128.load(sums, 48);
  for (let r = 0; r < rows; r++) {
    s0 = f32x4.add(s0, v128.load(b));
    s1 = f32x4.add(s1, v128.load(b, 16));
    s2 = f32x4.add(s2, v128.load(b, 32));
    s3 = f32x4.add(s3, v128.load(b, 48));
    b += ROW;
  }
  v128.store(sums, s0); v128.store(sums, s1, 16); v128.store(sums, s2, 32); v128.store(sums, s3, 48);
}

/**
 * Weight gradient: C[nPanels][16 aPanels][16] += A^T x B over `rows` rows, and sums[16 nPanels] += column
 * sums of B where `sums` is not 0. A and B as panels.
 */
export function gradientProduct(
  rows: i32, aPanels: i32, nPanels: i32,
  a: usize, aStride: usize, b: usize, bStride: usize, c: usize, sums: usize,
): void {
  const cStride = <usize>aPanels * 16 * ROW;
  for (let done = 0; done < rows; done += GRADIENT_BLOCK) {
    const k = min(GRADIENT_BLOCK, rows - done);
    const skip = <usize>done * ROW;
    for (let n = 0; n < nPanels; n++) {
      const bn = b + <usize>n * bStride + skip;
      if (sums) addColumnSums(k, bn, sums + <usize>n * ROW);
      let an = a + skip, cn = c + <usize>n * cStride;
      for (let p = 0; p < aPanels; p++) {
        if (TILE_ROWS == 6) {
          unitTile(6, k, an, bn, cn);
          unitTile(5, k, an + 24, bn, cn + 6 * ROW);
          unitTile(5, k, an + 44, bn, cn + 11 * ROW);
        } else {
          for (let u: usize = 0; u < 16; u += 4) unitTile(4, k, an + u * 4, bn, cn + u * ROW);
        }
        an += aStride;
        cn += 16 * ROW;
      }
    }
  }
}

/**
 * Transposes panels: source [nPanels][16 kPanels][16] to target [kPanels][targetRows][16], the source panel n
 * becoming rows 16 n.. of each target panel. The right operand of the backward product.
 */
export function transposePanels(nPanels: i32, kPanels: i32, source: usize, target: usize, targetStride: usize): void {
  for (let n = 0; n < nPanels; n++) {
    for (let k = 0; k < kPanels; k++) {
      transposeBlock(source + <usize>(n * kPanels + k) * 16 * ROW, target + <usize>k * targetStride + <usize>n * 16 * ROW);
    }
  }
}

function transposeBlock(source: usize, target: usize): void {
  for (let i: usize = 0; i < 4; i++) {
    for (let j: usize = 0; j < 4; j++) {
      const s = source + i * 4 * ROW + j * 16;
      const r0 = v128.load(s), r1 = v128.load(s, 64), r2 = v128.load(s, 128), r3 = v128.load(s, 192);
      const a0 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), a1 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
      const b0 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5), b1 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
      const t = target + j * 4 * ROW + i * 16;
      v128.store(t, v128.shuffle<i32>(a0, b0, 0, 1, 4, 5));
      v128.store(t, v128.shuffle<i32>(a0, b0, 2, 3, 6, 7), 64);
      v128.store(t, v128.shuffle<i32>(a1, b1, 0, 1, 4, 5), 128);
      v128.store(t, v128.shuffle<i32>(a1, b1, 2, 3, 6, 7), 192);
    }
  }
}
