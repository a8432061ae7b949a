// The GRU cell's pointwise part as PyTorch has it (Cho et al. 2014, the reset gate applied after the product):
// n = tanh(n_x + r * n_h), h' = (1 - z) * n + z * h. Four groups of panels: r, z, n_x, n_h; the forward pass
// leaves r, z, n, n_h there, the backward pass the gradients of the four pre-activations. Adjacent pairs as in lstm.ts.
import { splat, vsigmoid, vtanh } from './math';

export function gruForward(
  rows: i32, panels: i32, gates: usize, gateStride: usize, hPrevious: usize, h: usize, stateStride: usize,
): void {
  const group = <usize>panels * gateStride;
  for (let p = 0; p < panels; p++) {
    let r = gates + <usize>p * gateStride, hp = hPrevious, hn = h;
    const end = r + <usize>rows * 64;
    while (r < end) {
      const z = r + group, n = z + group, nh = n + group;
      const r0 = vsigmoid(v128.load(r)), r1 = vsigmoid(v128.load(r, 16));
      const z0 = vsigmoid(v128.load(z)), z1 = vsigmoid(v128.load(z, 16));
      const n0 = vtanh(f32x4.add(v128.load(n), f32x4.mul(r0, v128.load(nh))));
      const n1 = vtanh(f32x4.add(v128.load(n, 16), f32x4.mul(r1, v128.load(nh, 16))));
      const h0 = f32x4.add(n0, f32x4.mul(z0, f32x4.sub(v128.load(hp), n0)));
      const h1 = f32x4.add(n1, f32x4.mul(z1, f32x4.sub(v128.load(hp, 16), n1)));
      v128.store(r, r0); v128.store(r, r1, 16);
      v128.store(z, z0); v128.store(z, z1, 16);
      v128.store(n, n0); v128.store(n, n1, 16);
      v128.store(hn, h0); v128.store(hn, h1, 16);
      r += 32; hp += 32; hn += 32;
    }
    hPrevious += stateStride; h += stateStride;
  }
}

/** dh: gradient of this step's h; dhPrevious += the part that passes through z (where it is not 0). */
export function gruBackward(
  rows: i32, panels: i32, gates: usize, gateStride: usize, hPrevious: usize, stateStride: usize,
  dh: usize, dhPrevious: usize, dhStride: usize,
): void {
  const group = <usize>panels * gateStride;
  const one = splat(1);
  for (let p = 0; p < panels; p++) {
    let r = gates + <usize>p * gateStride, hp = hPrevious, d = dh, e = dhPrevious;
    const end = r + <usize>rows * 64;
    while (r < end) {
      const z = r + group, n = z + group, nh = n + group;
      const rr = v128.load(r), zz = v128.load(z), nn = v128.load(n), dhv = v128.load(d);
      const dn = f32x4.mul(f32x4.mul(dhv, f32x4.sub(one, zz)), f32x4.sub(one, f32x4.mul(nn, nn)));
      const dz = f32x4.mul(f32x4.mul(dhv, f32x4.sub(v128.load(hp), nn)), f32x4.mul(zz, f32x4.sub(one, zz)));
      v128.store(r, f32x4.mul(f32x4.mul(dn, v128.load(nh)), f32x4.mul(rr, f32x4.sub(one, rr))));
      v128.store(z, dz);
      v128.store(n, dn);
      v128.store(nh, f32x4.mul(dn, rr));
      if (dhPrevious) { v128.store(e, f32x4.add(v128.load(e), f32x4.mul(dhv, zz))); e += 16; }
      r += 16; hp += 16; d += 16;
    }
    hPrevious += stateStride; dh += dhStride;
    if (dhPrevious) dhPrevious += dhStride;
  }
}
