// On a row of logits, in blocks of 16 floats: weights of a draw, and mixtures.
import { horizontalMax, horizontalSum, splat, vexp, vlog } from './math';

/** The largest of 16 * blocks floats; NaN where one of them is. */
export function largest(blocks: i32, x: usize): f32 {
  let m0 = v128.load(x), m1 = m0;
  do {
    m0 = f32x4.max(f32x4.max(m0, v128.load(x)), v128.load(x, 16));
    m1 = f32x4.max(f32x4.max(m1, v128.load(x, 32)), v128.load(x, 48));
    x += 64;
  } while (--blocks);
  return horizontalMax(f32x4.max(m0, m1));
}

/** x = exp((x - most) * factor) in place, 0 for -Infinity; the sum of each block to `sums`. `factor` is finite. */
export function weigh(blocks: i32, x: usize, most: f32, factor: f32, sums: usize): void {
  const shift = splat(most), f = splat(factor);
  do {
    const e0 = vexp(f32x4.mul(f32x4.sub(v128.load(x), shift), f)), e1 = vexp(f32x4.mul(f32x4.sub(v128.load(x, 16), shift), f));
    const e2 = vexp(f32x4.mul(f32x4.sub(v128.load(x, 32), shift), f)), e3 = vexp(f32x4.mul(f32x4.sub(v128.load(x, 48), shift), f));
    v128.store(x, e0); v128.store(x, e1, 16); v128.store(x, e2, 32); v128.store(x, e3, 48);
    store<f32>(sums, horizontalSum(f32x4.add(f32x4.add(e0, e1), f32x4.add(e2, e3))));
    x += 64; sums += 4;
  } while (--blocks);
}

/** x = ln(share * x + weight * p); what is less than single precision holds counts as the least that it does. */
export function mixLogarithms(blocks: i32, x: usize, p: usize, share: f32, weight: f32): void {
  const s = splat(share), w = splat(weight), least = splat(1.17549435e-38);
  const end = x + <usize>blocks * 64;
  do {
    const mixed = f32x4.add(f32x4.mul(v128.load(x), s), f32x4.mul(v128.load(p), w));
    v128.store(x, vlog(f32x4.pmax(mixed, least)));
    x += 16; p += 16;
  } while (x < end);
}
