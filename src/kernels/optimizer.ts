// Gradient norms and optimiser updates on flat arrays of `count` floats, a multiple of 16.
import { horizontalSum, splat } from './math';
import { madd } from './tiles';

/** Sum of squares. */
export function squaredNorm(count: i32, g: usize): f64 {
  const end = g + <usize>count * 4;
  let total: f64 = 0;
  while (g < end) {
    // float32 sums over short runs, float64 over the whole: exact enough for any number of parameters
    const stop = min(end, g + 4096);
    let s0 = splat(0), s1 = s0, s2 = s0, s3 = s0;
    while (g < stop) {
      const a = v128.load(g), b = v128.load(g, 16), c = v128.load(g, 32), d = v128.load(g, 48);
      s0 = madd(a, a, s0); s1 = madd(b, b, s1); s2 = madd(c, c, s2); s3 = madd(d, d, s3);
      g += 64;
    }
    total += <f64>horizontalSum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  }
  return total;
}

/** g = g * scale, clamped to +-limit. */
@inline function clipped(g: usize, scale: v128, limit: v128): v128 {
  return f32x4.max(f32x4.min(f32x4.mul(v128.load(g), scale), limit), f32x4.neg(limit));
}

/**
 * Adam, and AdamW with decay > 0. `rate` = lr / (1 - beta1^t), `root` = 1 / sqrt(1 - beta2^t), `decay` = lr * weight
 * decay: p -= decay * p; m, v; p -= rate * m / (sqrt(v) * root + epsilon).
 */
export function adam(
  count: i32, p: usize, g: usize, m: usize, v: usize,
  scale: f32, limit: f32, rate: f32, beta1: f32, beta2: f32, root: f32, epsilon: f32, decay: f32,
): void {
  const end = p + <usize>count * 4;
  const s = splat(scale), l = splat(limit), b1 = splat(beta1), c1 = splat(1 - beta1), b2 = splat(beta2), c2 = splat(1 - beta2);
  const r = splat(rate), q = splat(root), e = splat(epsilon), keep = splat(1 - decay);
  while (p < end) {
    const gradient = clipped(g, s, l);
    const mean = madd(v128.load(m), b1, f32x4.mul(gradient, c1));
    const square = madd(v128.load(v), b2, f32x4.mul(f32x4.mul(gradient, gradient), c2));
    v128.store(m, mean);
    v128.store(v, square);
    const step = f32x4.div(f32x4.mul(r, mean), madd(f32x4.sqrt(square), q, e));
    v128.store(p, f32x4.sub(f32x4.mul(v128.load(p), keep), step));
    p += 16; g += 16; m += 16; v += 16;
  }
}

/** RMSProp as in PyTorch: v = alpha v + (1 - alpha) g^2; p -= lr * g / (sqrt(v) + epsilon). */
export function rmsprop(
  count: i32, p: usize, g: usize, v: usize, scale: f32, limit: f32, rate: f32, alpha: f32, epsilon: f32,
): void {
  const end = p + <usize>count * 4;
  const s = splat(scale), l = splat(limit), a = splat(alpha), b = splat(1 - alpha), r = splat(rate), e = splat(epsilon);
  while (p < end) {
    const gradient = clipped(g, s, l);
    const square = madd(v128.load(v), a, f32x4.mul(f32x4.mul(gradient, gradient), b));
    v128.store(v, square);
    v128.store(p, f32x4.sub(v128.load(p), f32x4.div(f32x4.mul(r, gradient), f32x4.add(f32x4.sqrt(square), e))));
    p += 16; g += 16; v += 16;
  }
}
