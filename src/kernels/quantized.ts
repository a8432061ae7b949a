// Products for sampling with matrices in 8 bits. Weights are whole numbers -127..127 with one scale an output;
// activations are rounded to 16 bits. The sums are exact whole numbers, so they are the same in any order, on
// any build and in any company.
//
// A matrix stands as panels of 16 outputs, [panel][input pair][16 outputs x 2 inputs], one byte each.

const ROW: usize = 64;

/** Activations to 16 bits: target[r][16 panels] = round(x * scale), rows `targetStride` bytes apart; |x * scale| <= 32767. */
export function quantizeRows(rows: i32, panels: i32, x: usize, xStride: usize, scale: f32, target: usize, targetStride: usize): void {
  const s = f32x4.splat(scale);
  for (let r = 0; r < rows; r++) {
    let from = x + <usize>r * ROW, to = target + <usize>r * targetStride;
    for (let p = 0; p < panels; p++) {
      for (let q: usize = 0; q < 64; q += 32) {
        const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(from + q), s)));
        const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(from + q, 16), s)));
        v128.store(to, i16x8.narrow_i32x4_s(low, high));
        to += 16;
      }
      from += xStride;
    }
  }
}

/**
 * One output's weights (inputs floats at `weights`) to whole numbers -127..127 in its lane of a panel at `target`; the
 * factor back goes to `scale`.
 */
export function quantizeWeights(inputs: i32, weights: usize, target: usize, scale: usize): void {
  let most: f32 = 0;
  for (let k = 0; k < inputs; k++) most = max(most, abs(load<f32>(weights + <usize>k * 4)));
  store<f32>(scale, most / 127);
  const factor: f32 = most > 0 ? 127 / most : 0;
  for (let k = 0; k < inputs; k++) {
    const value = nearest(load<f32>(weights + <usize>k * 4) * factor);
    store<i8>(target + <usize>(k >> 1) * 32 + <usize>(k & 1), <i8>value);
  }
}

/** The value that follows c: c + sum * scales * unit, for four outputs. */
@inline function scaled(c: usize, sum: v128, scales: usize, unit: v128): v128 {
  return f32x4.add(v128.load(c), f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.mul(v128.load(scales), unit)));
}

function oneRow(kPairs: i32, a: usize, b: usize, c: usize, scales: usize, unit: v128): void {
  let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  do {
    const x = v128.load_splat<i32>(a);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(b)));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(b, 8)));
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(b, 16)));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(b, 24)));
    a += 4; b += 32;
  } while (--kPairs);
  const c0 = scaled(c, s0, scales, unit), c1 = scaled(c + 16, s1, scales + 16, unit);
  const c2 = scaled(c + 32, s2, scales + 32, unit), c3 = scaled(c + 48, s3, scales + 48, unit);
  v128.store(c, c0); v128.store(c, c1, 16); v128.store(c, c2, 32); v128.store(c, c3, 48);
}

function twoRows(kPairs: i32, a: usize, aStride: usize, b: usize, c: usize, scales: usize, unit: v128): void {
  let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
  do {
    const x = v128.load_splat<i32>(a), y = v128.load_splat<i32>(a + aStride);
    const b0 = v128.load_ext<i8>(b), b1 = v128.load_ext<i8>(b, 8);
    const b2 = v128.load_ext<i8>(b, 16), b3 = v128.load_ext<i8>(b, 24);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(x, b0)); s1 = i32x4.add(s1, i32x4.dot_i16x8_s(x, b1));
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(x, b2)); s3 = i32x4.add(s3, i32x4.dot_i16x8_s(x, b3));
    t0 = i32x4.add(t0, i32x4.dot_i16x8_s(y, b0)); t1 = i32x4.add(t1, i32x4.dot_i16x8_s(y, b1));
    t2 = i32x4.add(t2, i32x4.dot_i16x8_s(y, b2)); t3 = i32x4.add(t3, i32x4.dot_i16x8_s(y, b3));
    a += 4; b += 32;
  } while (--kPairs);
  const c0 = scaled(c, s0, scales, unit), c1 = scaled(c + 16, s1, scales + 16, unit);
  const c2 = scaled(c + 32, s2, scales + 32, unit), c3 = scaled(c + 48, s3, scales + 48, unit);
  const d0 = scaled(c + 64, t0, scales, unit), d1 = scaled(c + 80, t1, scales + 16, unit);
  const d2 = scaled(c + 96, t2, scales + 32, unit), d3 = scaled(c + 112, t3, scales + 48, unit);
  v128.store(c, c0); v128.store(c, c1, 16); v128.store(c, c2, 32); v128.store(c, c3, 48);
  v128.store(c, d0, 64); v128.store(c, d1, 80); v128.store(c, d2, 96); v128.store(c, d3, 112);
}

/**
 * C[rows][16 nPanels] += (A x B) * scales * unit. A: 16-bit rows `aStride` bytes apart; B: nPanels panels of
 * 16 kPanels inputs; scales [16 nPanels]; C in panels. `unit` is 1 / the activations' scale.
 */
export function quantizedProduct(
  rows: i32, kPanels: i32, nPanels: i32,
  a: usize, aStride: usize, b: usize, scales: usize, unit: f32, c: usize, cStride: usize,
): void {
  const kPairs = kPanels * 8;
  const u = f32x4.splat(unit);
  for (let n = 0; n < nPanels; n++) {
    let r = 0;
    for (; r + 1 < rows; r += 2) twoRows(kPairs, a + <usize>r * aStride, aStride, b, c + <usize>r * ROW, scales, u);
    if (r < rows) oneRow(kPairs, a + <usize>r * aStride, b, c + <usize>r * ROW, scales, u);
    b += <usize>kPairs * 32;
    scales += ROW;
    c += cStride;
  }
}
