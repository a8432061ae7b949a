// Elementwise functions on four floats, single precision, about 1e-7 relative error.
import { madd } from './tiles';

@inline export function splat(x: f32): v128 { return f32x4.splat(x); }

/** exp: 2^n times a polynomial on [-ln2/2, ln2/2] (Cephes expf); exactly 0 below -87, so that no denormal number slows a product. */
@inline export function vexp(x0: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(x0, splat(88.0)), splat(-87.0));
  const n = f32x4.nearest(f32x4.mul(x, splat(1.44269504088896341)));
  let r = madd(n, splat(-0.693359375), x);
  r = madd(n, splat(2.12194440e-4), r);
  let p = madd(r, splat(1.9875691500e-4), splat(1.3981999507e-3));
  p = madd(r, p, splat(8.3334519073e-3));
  p = madd(r, p, splat(4.1665795894e-2));
  p = madd(r, p, splat(1.6666665459e-1));
  p = madd(r, p, splat(5.0000001201e-1));
  p = madd(f32x4.mul(r, r), p, f32x4.add(r, splat(1)));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return v128.and(f32x4.gt(x0, splat(-87.0)), f32x4.mul(p, power));
}

/** Natural logarithm of positive, normal numbers (Cephes logf). */
@inline export function vlog(x: v128): v128 {
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3)); // sqrt(1/2): the mantissa m is in [sqrt(1/2), sqrt(2))
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  const m = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const r = f32x4.sub(m, splat(1)), z = f32x4.mul(r, r);
  let p = madd(r, splat(7.0376836292e-2), splat(-1.1514610310e-1));
  p = madd(r, p, splat(1.1676998740e-1));
  p = madd(r, p, splat(-1.2420140846e-1));
  p = madd(r, p, splat(1.4249322787e-1));
  p = madd(r, p, splat(-1.6668057665e-1));
  p = madd(r, p, splat(2.0000714765e-1));
  p = madd(r, p, splat(-2.4999993993e-1));
  p = madd(r, p, splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(r, z), p);
  p = madd(e, splat(-2.12194440e-4), p);
  p = madd(z, splat(-0.5), p);
  return madd(e, splat(0.693359375), f32x4.add(r, p));
}

/** tanh: the rational approximation of Eigen and XLA, clamped where float32 has reached 1. */
@inline export function vtanh(x0: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(x0, splat(7.90531110763549805)), splat(-7.90531110763549805));
  const x2 = f32x4.mul(x, x);
  let p = madd(x2, splat(-2.76076847742355e-16), splat(2.00018790482477e-13));
  p = madd(x2, p, splat(-8.60467152213735e-11));
  p = madd(x2, p, splat(5.12229709037114e-08));
  p = madd(x2, p, splat(1.48572235717979e-05));
  p = madd(x2, p, splat(6.37261928875436e-04));
  p = madd(x2, p, splat(4.89352455891786e-03));
  let q = madd(x2, splat(1.19825839466702e-06), splat(1.18534705686654e-04));
  q = madd(x2, q, splat(2.26843463243900e-03));
  q = madd(x2, q, splat(4.89352518554385e-03));
  return f32x4.div(f32x4.mul(x, p), q);
}

/** Logistic function, by tanh. */
@inline export function vsigmoid(x: v128): v128 {
  return madd(vtanh(f32x4.mul(x, splat(0.5))), splat(0.5), splat(0.5));
}

@inline export function horizontalSum(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3);
}

@inline export function horizontalMax(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}
