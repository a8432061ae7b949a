// Row-wise helpers on panels: biases, embeddings, dropout, copies.

const ROW: usize = 64;

/** Every row of c = first + second (each [16 panels]; second may be 0 for none). */
export function fillRows(rows: i32, panels: i32, first: usize, second: usize, c: usize, cStride: usize): void {
  for (let p = 0; p < panels; p++) {
    for (let q: usize = 0; q < ROW; q += 16) {
      let value = v128.load(first + <usize>p * ROW + q);
      if (second) value = f32x4.add(value, v128.load(second + <usize>p * ROW + q));
      let t = c + <usize>p * cStride + q;
      for (let r = 0; r < rows; r++) { v128.store(t, value); t += ROW; }
    }
  }
}

/** Rows of panels to zero. */
export function zeroRows(rows: i32, panels: i32, c: usize, cStride: usize): void {
  for (let p = 0; p < panels; p++) memory.fill(c + <usize>p * cStride, 0, <usize>rows * ROW);
}

export function copyRows(rows: i32, panels: i32, source: usize, sourceStride: usize, target: usize, targetStride: usize): void {
  for (let p = 0; p < panels; p++) {
    memory.copy(target + <usize>p * targetStride, source + <usize>p * sourceStride, <usize>rows * ROW);
  }
}

/** x row r = embedding of ids[r]; table [V][16 panels] row-major. */
export function gatherRows(rows: i32, panels: i32, ids: usize, table: usize, x: usize, xStride: usize): void {
  const width = <usize>panels * ROW;
  for (let r = 0; r < rows; r++) {
    let s = table + <usize>load<i32>(ids + <usize>r * 4) * width;
    let t = x + <usize>r * ROW;
    for (let p = 0; p < panels; p++) {
      v128.store(t, v128.load(s)); v128.store(t, v128.load(s, 16), 16);
      v128.store(t, v128.load(s, 32), 32); v128.store(t, v128.load(s, 48), 48);
      s += ROW; t += xStride;
    }
  }
}

/** table row of ids[r] = x row r: the inverse of gatherRows. */
export function putRows(rows: i32, panels: i32, ids: usize, table: usize, x: usize, xStride: usize): void {
  for (let r = 0; r < rows; r++) {
    toRow(panels, x + <usize>r * ROW, xStride, table + <usize>load<i32>(ids + <usize>r * 4) * <usize>panels * ROW);
  }
}

/** Panels to plain rows of `width` bytes each; columns beyond the width are overwritten by the next row (the last one spills). */
export function unpackRows(rows: i32, panels: i32, x: usize, xStride: usize, target: usize, width: usize): void {
  for (let r = 0; r < rows; r++) toRow(panels, x + <usize>r * ROW, xStride, target + <usize>r * width);
}

function toRow(panels: i32, s: usize, stride: usize, t: usize): void {
  for (let p = 0; p < panels; p++) {
    v128.store(t, v128.load(s)); v128.store(t, v128.load(s, 16), 16);
    v128.store(t, v128.load(s, 32), 32); v128.store(t, v128.load(s, 48), 48);
    s += stride; t += ROW;
  }
}

/** Each row r of c = row places[r] of x. */
export function spreadRows(rows: i32, panels: i32, places: usize, x: usize, xStride: usize, c: usize, cStride: usize): void {
  for (let p = 0; p < panels; p++) {
    let t = c;
    for (let r = 0; r < rows; r++) {
      const s = x + <usize>load<i32>(places + <usize>r * 4) * ROW;
      v128.store(t, v128.load(s)); v128.store(t, v128.load(s, 16), 16);
      v128.store(t, v128.load(s, 32), 32); v128.store(t, v128.load(s, 48), 48);
      t += ROW;
    }
    x += xStride; c += cStride;
  }
}

/** Gradient of spreadRows: row places[r] of dx += row r of dc. */
export function gatherSums(rows: i32, panels: i32, places: usize, dx: usize, dxStride: usize, dc: usize, dcStride: usize): void {
  for (let p = 0; p < panels; p++) {
    let s = dc;
    for (let r = 0; r < rows; r++) {
      const t = dx + <usize>load<i32>(places + <usize>r * 4) * ROW;
      for (let q: usize = 0; q < ROW; q += 16) v128.store(t + q, f32x4.add(v128.load(t + q), v128.load(s + q)));
      s += ROW;
    }
    dx += dxStride; dc += dcStride;
  }
}

/** gatherRows from the output layer's weights (tied): weights as panels [V / 16][16 panels][16], id's row is a column there. */
export function gatherColumns(rows: i32, panels: i32, ids: usize, weights: usize, x: usize, xStride: usize): void {
  for (let r = 0; r < rows; r++) {
    const id = load<i32>(ids + <usize>r * 4);
    let s = weights + <usize>(id >> 4) * (<usize>panels * 16 * ROW) + <usize>(id & 15) * 4;
    for (let p = 0; p < panels; p++) {
      const t = x + <usize>p * xStride + <usize>r * ROW;
      for (let q: usize = 0; q < ROW; q += 4) { store<f32>(t + q, load<f32>(s)); s += ROW; }
    }
  }
}

/** Gradient of gatherColumns, for ids that are all different: id's column += dx row r. */
export function addColumns(rows: i32, panels: i32, ids: usize, dx: usize, dxStride: usize, weights: usize): void {
  for (let r = 0; r < rows; r++) {
    const id = load<i32>(ids + <usize>r * 4);
    let t = weights + <usize>(id >> 4) * (<usize>panels * 16 * ROW) + <usize>(id & 15) * 4;
    for (let p = 0; p < panels; p++) {
      const s = dx + <usize>p * dxStride + <usize>r * ROW;
      for (let q: usize = 0; q < ROW; q += 4) { store<f32>(t, load<f32>(t) + load<f32>(s + q)); t += ROW; }
    }
  }
}

/** Four 32-bit hashes (the finaliser of MurmurHash3): equal inputs give equal bits on every machine. */
@inline function hash(x: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, i32x4.splat(0x85ebca6b));
  x = v128.xor(x, i32x4.shr_u(x, 13));
  x = i32x4.mul(x, i32x4.splat(0xc2b2ae35));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/**
 * target = source with elements dropped and the rest scaled (inverted dropout, Srivastava et al. 2014). An element
 * stays where the upper 31 bits of hash(key + index) reach `threshold`; index counts the elements of `panels`
 * panels row by row, row r being number ids[r], or `firstRow` + r where `ids` is 0. Its own gradient: the same call on
 * the gradient.
 */
export function dropoutRows(
  rows: i32, panels: i32, source: usize, sourceStride: usize, target: usize, targetStride: usize,
  firstRow: i32, ids: usize, key: i32, threshold: i32, scale: f32,
): void {
  const lanes = i32x4(0, 1, 2, 3);
  const least = i32x4.splat(threshold), factor = f32x4.splat(scale);
  for (let p = 0; p < panels; p++) {
    let s = source + <usize>p * sourceStride, t = target + <usize>p * targetStride;
    for (let r = 0; r < rows; r++) {
      const number = ids ? load<i32>(ids + <usize>r * 4) : firstRow + r;
      const index = (number * panels + p) * 16;
      for (let q = 0; q < 16; q += 4) {
        const bits = i32x4.shr_u(hash(i32x4.add(hash(i32x4.add(i32x4.splat(index + q), lanes)), i32x4.splat(key))), 1);
        const kept = i32x4.ge_s(bits, least);
        v128.store(t, v128.and(kept, f32x4.mul(v128.load(s), factor)));
        s += 16; t += 16;
      }
    }
  }
}
