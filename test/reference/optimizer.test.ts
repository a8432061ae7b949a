import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Optimizer } from '../../src/engine/engine.ts';
import { clip, jointNorm, update } from './optimizer.ts';

const WEIGHTS = [0.5, -1.25, 2, 0.75];
const GRADIENTS = [
  [0.1, -0.4, 0.003, 0],
  [-0.2, 0.3, 0.004, 1.5],
  [0.05, 0.01, -0.006, -2],
];

/** Weights after the three gradients at a learning rate of 0.02, computed by PyTorch 2.15 in double precision. */
const PYTORCH: readonly [Optimizer, number[]][] = [
  [
    { name: 'adam', beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0 },
    [0.491354412825, -1.229248263815, 1.970662253225, 0.738965971878],
  ],
  [
    { name: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weightDecay: 0.3 },
    [0.481426565309, -1.20502702233, 1.933906953385, 0.725145176496],
  ],
  [
    { name: 'rmsprop', beta1: 0, beta2: 0.9, epsilon: 1e-3, weightDecay: 0 },
    [0.480593693827, -1.227587416457, 1.97314181597, 0.738353725122],
  ],
];

function assertClose(actual: Float64Array, expected: number[]): void {
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(actual[i]! - value) < 1e-11, `${actual[i]} instead of ${value}`);
  }
}

describe('the formulas that optimisers are compared with', () => {
  for (const [optimizer, expected] of PYTORCH) {
    it(`are PyTorch's: ${optimizer.name}`, () => {
      const weights = Float64Array.from(WEIGHTS);
      const moments = { m: new Float64Array(4), v: new Float64Array(4) };
      GRADIENTS.forEach((gradient, i) => {
        update(
          { weights, gradient: Float64Array.from(gradient), ...moments, decays: true },
          optimizer,
          i + 1,
          0.02,
        );
      });
      assertClose(weights, expected);
    });
  }

  it("clip by norm as PyTorch's clip_grad_norm_", () => {
    const gradient = Float64Array.from(GRADIENTS[1]!);
    const norm = jointNorm([gradient]);
    assert.ok(Math.abs(norm - 1.5427300476752244) < 1e-11);
    clip([gradient], norm, { by: 'norm', limit: 0.5 });
    assertClose(
      gradient,
      [-0.06482011245621343, 0.09723016868432015, 0.0012964022491242686, 0.48615084342160075],
    );
  });
});
