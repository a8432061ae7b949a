// Softmax cross-entropy on logits in panels [vocabulary panels][rows][16]. Columns beyond the vocabulary hold a
// logit so low that their probability is zero.
import { horizontalMax, horizontalSum, splat, vexp } from './math';

/**
 * Sum over rows of -log softmax(z)[target], in nats; rows with a negative target count nothing. Where `scale` is
 * not 0 the logits are replaced by the gradient of scale * sum: (softmax - one-hot) * scale.
 */
export function softmaxLoss(rows: i32, panels: i32, targets: usize, z: usize, stride: usize, scale: f32): f64 {
  let loss: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const target = load<i32>(targets + <usize>r * 4);
    if (target >= 0) loss += rowLoss(panels, target, z, stride, scale);
    else if (scale != 0) for (let p = 0; p < panels; p++) memory.fill(z + <usize>p * stride, 0, 64);
    z += 64;
  }
  return loss;
}

function rowLoss(panels: i32, target: i32, z: usize, stride: usize, scale: f32): f64 {
  const end = z + <usize>panels * stride;
  let m0 = v128.load(z), m1 = m0;
  for (let t = z; t < end; t += stride) {
    m0 = f32x4.max(f32x4.max(m0, v128.load(t)), v128.load(t, 16));
    m1 = f32x4.max(f32x4.max(m1, v128.load(t, 32)), v128.load(t, 48));
  }
  const most = horizontalMax(f32x4.max(m0, m1));
  const at = z + <usize>(target >> 4) * stride + <usize>(target & 15) * 4;
  const logit = load<f32>(at);
  const shift = splat(most);
  let s0 = splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (let t = z; t < end; t += stride) {
    const e0 = vexp(f32x4.sub(v128.load(t), shift)), e1 = vexp(f32x4.sub(v128.load(t, 16), shift));
    const e2 = vexp(f32x4.sub(v128.load(t, 32), shift)), e3 = vexp(f32x4.sub(v128.load(t, 48), shift));
    s0 = f32x4.add(s0, e0); s1 = f32x4.add(s1, e1); s2 = f32x4.add(s2, e2); s3 = f32x4.add(s3, e3);
    v128.store(t, e0); v128.store(t, e1, 16); v128.store(t, e2, 32); v128.store(t, e3, 48);
  }
  const sum = horizontalSum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  if (scale != 0) {
    const factor = splat(scale / sum);
    store<f32>(at, load<f32>(at) - sum);
    for (let t = z; t < end; t += stride) {
      for (let q: usize = 0; q < 64; q += 16) v128.store(t + q, f32x4.mul(v128.load(t + q), factor));
    }
  }
  return <f64>(<f32>Math.log(sum) + most - logit);
}
