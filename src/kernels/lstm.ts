// The LSTM cell's pointwise part (Hochreiter & Schmidhuber 1997, with forget gates), PyTorch's gate order
// i, f, g, o. Gates are four groups of `panels` panels; the backward pass overwrites them with their gradients.
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
      const ii = vsigmoid(v128.load(i)), ff = vsigmoid(v128.load(f));
      const gg = vtanh(v128.load(g)), oo = vsigmoid(v128.load(o));
      const cell = f32x4.add(f32x4.mul(ff, v128.load(cp)), f32x4.mul(ii, gg));
      v128.store(i, ii); v128.store(f, ff); v128.store(g, gg); v128.store(o, oo);
      v128.store(cn, cell);
      v128.store(hn, f32x4.mul(oo, vtanh(cell)));
      i += 16; cp += 16; cn += 16; hn += 16;
    }
    cPrevious += stateStride; c += stateStride; h += stateStride;
  }
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
  const one = splat(1);
  for (let p = 0; p < panels; p++) {
    let i = gates + <usize>p * gateStride, cp = cPrevious, cn = c, d = dh, e = dc;
    const end = i + <usize>rows * 64;
    while (i < end) {
      const f = i + group, g = f + group, o = g + group;
      const ii = v128.load(i), ff = v128.load(f), gg = v128.load(g), oo = v128.load(o);
      const tc = vtanh(v128.load(cn)), dhv = v128.load(d);
      const dcv = f32x4.add(v128.load(e), f32x4.mul(f32x4.mul(dhv, oo), f32x4.sub(one, f32x4.mul(tc, tc))));
      v128.store(o, f32x4.mul(f32x4.mul(dhv, tc), f32x4.mul(oo, f32x4.sub(one, oo))));
      v128.store(i, f32x4.mul(f32x4.mul(dcv, gg), f32x4.mul(ii, f32x4.sub(one, ii))));
      v128.store(f, f32x4.mul(f32x4.mul(dcv, v128.load(cp)), f32x4.mul(ff, f32x4.sub(one, ff))));
      v128.store(g, f32x4.mul(f32x4.mul(dcv, ii), f32x4.sub(one, f32x4.mul(gg, gg))));
      v128.store(e, f32x4.mul(dcv, ff));
      i += 16; cp += 16; cn += 16; d += 16; e += 16;
    }
    cPrevious += stateStride; c += stateStride; dh += dhStride; dc += dcStride;
  }
}
