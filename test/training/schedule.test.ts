import assert from 'node:assert/strict';
import test from 'node:test';
import { cooldownFrom, learningRateAt } from '../../src/training/schedule.ts';
import { CHAR_RNN, DEFAULTS } from '../../src/training/settings.ts';

/** The loop of char-rnn's train.lua, with its 1-based counter. */
function charRnnRates(
  rate: number,
  decay: number,
  after: number,
  stepsPerEpoch: number,
  steps: number,
): number[] {
  const rates: number[] = [];
  for (let i = 1; i <= steps; i++) {
    rates.push(rate);
    const epoch = i / stepsPerEpoch;
    if (i % stepsPerEpoch === 0 && decay < 1 && epoch >= after) rate *= decay;
  }
  return rates;
}

for (const [after, stepsPerEpoch] of [
  [10, 7],
  [0, 3],
  [1, 1],
  [2, 5],
] as const) {
  test(`char-rnn's schedule is that of its loop: decay after epoch ${after}, ${stepsPerEpoch} steps an epoch`, () => {
    const steps = stepsPerEpoch * 15;
    const settings = { ...CHAR_RNN, learningRateDecayAfter: after };
    const rates = Array.from({ length: steps }, (_, step) =>
      learningRateAt(settings, step, steps, stepsPerEpoch),
    );
    const expected = charRnnRates(2e-3, 0.97, after, stepsPerEpoch, steps);
    for (const [step, rate] of rates.entries())
      assert.ok(Math.abs(rate / expected[step]! - 1) < 1e-12, `step ${step}`);
  });
}

test('the cosine schedule rises in its warm-up, starts at the full rate and falls to almost zero', () => {
  const settings = { ...DEFAULTS, learningRate: 0.5, warmup: 10, cooldown: 0 };
  const rates = Array.from({ length: 200 }, (_, step) => learningRateAt(settings, step, 200, 20));
  assert.equal(rates[10], 0.5);
  assert.equal(Math.max(...rates), 0.5);
  for (let step = 1; step < 200; step++)
    assert.equal(rates[step]! > rates[step - 1]!, step <= 10, `step ${step}`);
  assert.ok(rates[0]! > 0 && rates[0]! < 0.05);
  assert.ok(rates[199]! > 0 && rates[199]! < 1e-4);
  assert.ok(Math.abs(rates[105]! - 0.25) < 1e-9, 'half the rate half-way');
});

test('the warm-up takes at most a tenth of a short run', () => {
  const settings = { ...DEFAULTS, learningRate: 1, warmup: 1000, cooldown: 0 };
  assert.equal(learningRateAt(settings, 3, 30, 10), 1);
  assert.equal(learningRateAt(settings, 0, 1, 1), 1);
});

test('the cooldown follows on either schedule, from a tenth of the rate to almost zero', () => {
  for (const schedule of ['cosine', 'char-rnn'] as const) {
    const settings = { ...DEFAULTS, schedule, learningRate: 0.5, cooldown: 0.25 };
    const rateAt = (step: number) => learningRateAt(settings, step, 200, 20);
    assert.equal(cooldownFrom(settings, 200), 150);
    for (let step = 0; step < 150; step++)
      assert.equal(rateAt(step), learningRateAt({ ...settings, cooldown: 0 }, step, 150, 20), `step ${step}`);
    assert.equal(rateAt(150), 0.05);
    assert.ok(Math.abs(rateAt(175) - 0.025) < 1e-9, 'half of it half-way');
    assert.ok(rateAt(199) > 0 && rateAt(199) < 1e-3);
  }
});
