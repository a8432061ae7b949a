// The plain recurrent cell (Elman 1990): h = tanh(x W + h W' + b). One group of panels; the backward pass
// overwrites the pre-activation's place with its gradient.
import { splat, vtanh } from './math';

export function rnnForward(rows: i32, panels: i32, gates: usize, gateStride: usize, h: usize, stateStride: usize): void {
  for (let p = 0; p < panels; p++) {
    let a = gates, hn = h;
    const end = a + <usize>rows * 64;
    while (a < end) {
      const h0 = vtanh(v128.load(a)), h1 = vtanh(v128.load(a, 16));
      v128.store(a, h0); v128.store(a, h1, 16);
      v128.store(hn, h0); v128.store(hn, h1, 16);
      a += 32; hn += 32;
    }
    gates += gateStride; h += stateStride;
  }
}

export function rnnBackward(rows: i32, panels: i32, gates: usize, gateStride: usize, dh: usize, dhStride: usize): void {
  const one = splat(1);
  for (let p = 0; p < panels; p++) {
    let a = gates, d = dh;
    const end = a + <usize>rows * 64;
    while (a < end) {
      const h = v128.load(a);
      v128.store(a, f32x4.mul(v128.load(d), f32x4.sub(one, f32x4.mul(h, h))));
      a += 16; d += 16;
    }
    gates += gateStride; dh += dhStride;
  }
}
