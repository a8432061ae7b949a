// The LSTM cell's pointwise part (Hochreiter & Schmidhuber 1997, with forget gates), PyTorch's gate order
// i, f, g, o. Gates are four groups of `panels` panels; the backward pass overwrites them with their gradients.
// Eight units a turn, stored in adjacent pairs: V8's revectorizer fuses these into 256-bit operations (2x, measured).
import { splat, vsigmoid, vtanh } from './math';

/** gates (pre-activations in, activations out), cPrevious -> c, h, for `rows` rows. Strides in bytes between panels. */
export function lstmForward(
  rows: i32, panels: i32, gates: usize, gateStride: usize,
  cPrevious: usize, c: usize, h: usize, stateStride: usize,
): void {
  const group = <usize>panels * gateStride;
  for (let p = 0; p < panels; p++) {
    let i = gates + <usize>p * gateStride, cp = cPrevious, cn = c, hn = h;
    const end = i + <usize>rows * 64;
    while (i < end) {
      const f = i + group, g = f + group, o = g + group;
      const i0 = vsigmoid(v128.load(i)), i1 = vsigmoid(v128.load(i, 16));
      const f0 = vsigmoid(v128.load(f)), f1 = vsigmoid(v128.load(f, 16));
      const g0 = vtanh(v128.load(g)), g1 = vtanh(v128.load(g, 16));
      const o0 = vsigmoid(v128.load(o)), o1 = vsigmoid(v128.load(o, 16));
      const c0 = f32x4.add(f32x4.mul(f0, v128.load(cp)), f32x4.mul(i0, g0));
      const c1 = f32x4.add(f32x4.mul(f1, v128.load(cp, 16)), f32x4.mul(i1, g1));
      const h0 = f32x4.mul(o0, vtanh(c0)), h1 = f32x4.mul(o1, vtanh(c1));
      v128.store(i, i0); v128.store(i, i1, 16);
      v128.store(f, f0); v128.store(f, f1, 16);
      v128.store(g, g0); v128.store(g, g1, 16);
      v128.store(o, o0); v128.store(o, o1, 16);
      v128.store(cn, c0); v128.store(cn, c1, 16);
      v128.store(hn, h0); v128.store(hn, h1, 16);
      i += 32; cp += 32; cn += 32; hn += 32;
    }
    cPrevious += stateStride; c += stateStride; h += stateStride;
  }
}

/** a * b * (1 - b): the gradient through a logistic function of value b. */
@inline function throughSigmoid(a: v128, b: v128): v128 {
  return f32x4.mul(a, f32x4.mul(b, f32x4.sub(splat(1), b)));
}

/** a * (1 - b^2): the gradient through a tanh of value b. */
@inline function throughTanh(a: v128, b: v128): v128 {
  return f32x4.mul(a, f32x4.sub(splat(1), f32x4.mul(b, b)));
}

/**
 * gates (activations in, gradients of pre-activations out). dh: gradient of this step's h; dc: gradient of this
 * step's c from the next step, replaced by that of the previous step's c.
 */
export function lstmBackward(
  rows: i32, panels: i32, gates: usize, gateStride: usize,
  cPrevious: usize, c: usize, stateStride: usize, dh: usize, dhStride: usize, dc: usize, dcStride: usize,
): void {
  const group = <usize>panels * gateStride;
  for (let p = 0; p < panels; p++) {
    let i = gates + <usize>p * gateStride, cp = cPrevious, cn = c, d = dh, e = dc;
    const end = i + <usize>rows * 64;
    while (i < end) {
      const f = i + group, g = f + group, o = g + group;
      const i0 = v128.load(i), i1 = v128.load(i, 16), f0 = v128.load(f), f1 = v128.load(f, 16);
      const g0 = v128.load(g), g1 = v128.load(g, 16), o0 = v128.load(o), o1 = v128.load(o, 16);
      const d0 = v128.load(d), d1 = v128.load(d, 16);
      const t0 = vtanh(v128.load(cn)), t1 = vtanh(v128.load(cn, 16));
      const c0 = f32x4.add(v128.load(e), throughTanh(f32x4.mul(d0, o0), t0));
      const c1 = f32x4.add(v128.load(e, 16), throughTanh(f32x4.mul(d1, o1), t1));
      v128.store(o, throughSigmoid(f32x4.mul(d0, t0), o0)); v128.store(o, throughSigmoid(f32x4.mul(d1, t1), o1), 16);
      v128.store(i, throughSigmoid(f32x4.mul(c0, g0), i0)); v128.store(i, throughSigmoid(f32x4.mul(c1, g1), i1), 16);
      v128.store(f, throughSigmoid(f32x4.mul(c0, v128.load(cp)), f0));
      v128.store(f, throughSigmoid(f32x4.mul(c1, v128.load(cp, 16)), f1), 16);
      v128.store(g, throughTanh(f32x4.mul(c0, i0), g0)); v128.store(g, throughTanh(f32x4.mul(c1, i1), g1), 16);
      v128.store(e, f32x4.mul(c0, f0)); v128.store(e, f32x4.mul(c1, f1), 16);
      i += 32; cp += 32; cn += 32; d += 32; e += 32;
    }
    cPrevious += stateStride; c += stateStride; dh += dhStride; dc += dcStride;
  }
}
