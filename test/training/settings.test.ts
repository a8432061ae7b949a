import assert from 'node:assert/strict';
import test from 'node:test';
import { UserError } from '../../src/errors.ts';
import { optionName } from '../../src/training/fields.ts';
import {
  CHAR_RNN,
  DEFAULTS,
  networkOf,
  optimizerOf,
  resolveSettings,
  type TrainSettings,
} from '../../src/training/settings.ts';

test('what is left out is of the base; texts of numbers are numbers', () => {
  assert.deepEqual(resolveSettings({}), DEFAULTS);
  assert.deepEqual(resolveSettings({ rnnSize: '300', learningRate: '2e-3' }, CHAR_RNN), {
    ...CHAR_RNN,
    rnnSize: 300,
    learningRate: 0.002,
  });
});

const bad: [field: string, value: unknown, allowed: RegExp][] = [
  ['rnnSize', Number.NaN, /1, \.\.\., 4096/],
  ['rnnSize', '1e9', /1, \.\.\., 4096/],
  ['rnnSize', '-1', /1, \.\.\., 4096/],
  ['rnnSize', '2.5', /1, \.\.\., 4096/],
  ['rnnSize', 'many', /1, \.\.\., 4096/],
  ['rnnSize', '', /1, \.\.\., 4096/],
  ['model', 'transformer', /lstm, gru, rnn/],
  ['optimizer', 'sgd', /adam, adamw, rmsprop/],
  ['schedule', 'linear', /cosine, char-rnn/],
  ['split', 'random', /blocks, streams/],
  ['clip', 'no', /norm, value/],
  ['dropout', 1, /0 <= x < 1/],
  ['learningRate', 0, /0 < x <= 10/],
  ['learningRate', Number.POSITIVE_INFINITY, /0 < x <= 10/],
  ['trainFrac', 0, /0 < x <= 1/],
  ['valFrac', 0.2, /<= 0\.1/],
  ['seed', -1, /0, \.\.\., 2147483647/],
  ['maxEpochs', 0, /1, \.\.\., 100000/],
  ['batchSize', null, /1, \.\.\., 4096/],
];
for (const [field, value, allowed] of bad) {
  test(`${optionName(field)} ${value} is refused with what is allowed`, () => {
    assert.throws(
      () => resolveSettings({ [field]: value }),
      (error: unknown) => {
        assert.ok(error instanceof UserError);
        for (const text of [error.text('ko'), error.text('en')]) {
          assert.ok(text.includes(optionName(field)), text);
          assert.ok(text.includes(String(value)), text);
          assert.match(text, allowed);
        }
        return true;
      },
    );
  });
}

test('a setting that does not exist is refused', () => {
  assert.throws(() => resolveSettings({ colour: 1 }), /--colour.*--rnn-size/);
});

test('tied weights need an embedding of the hidden size', () => {
  const given = { tieWeights: true, rnnSize: 48, embeddingSize: 32 };
  assert.throws(() => resolveSettings(given), /--embedding-size 32.*48/);
  const { embeddingSize, tied } = networkOf(resolveSettings({ tieWeights: true, rnnSize: 48 }), 100);
  assert.deepEqual([embeddingSize, tied], [48, true]);
});

test('what was given goes before a default that excludes it', () => {
  const tying = (given: Partial<TrainSettings>, base?: TrainSettings) => {
    const { tieWeights, embeddingSize } = resolveSettings(given, base);
    return [tieWeights, embeddingSize];
  };
  assert.deepEqual(tying({ rnnSize: 48, embeddingSize: 32 }), [false, 32]);
  assert.deepEqual(tying({ rnnSize: 48, embeddingSize: 48 }), [true, 48]);
  assert.deepEqual(tying({ rnnSize: 48 }), [true, 0]);
  assert.deepEqual(tying({ tieWeights: false }), [false, 0]);
  const apart = { ...DEFAULTS, tieWeights: false, embeddingSize: 32 };
  assert.deepEqual(tying({ tieWeights: true }, apart), [true, 0]);
  assert.deepEqual(tying({}, apart), [false, 32]);
});

test("the char-rnn preset is char-rnn's train.lua", () => {
  const { model, rnnSize, numLayers, learningRate, learningRateDecay, learningRateDecayAfter } = CHAR_RNN;
  assert.deepEqual(
    { model, rnnSize, numLayers, learningRate, learningRateDecay, learningRateDecayAfter },
    {
      model: 'lstm',
      rnnSize: 128,
      numLayers: 2,
      learningRate: 0.002,
      learningRateDecay: 0.97,
      learningRateDecayAfter: 10,
    },
  );
  assert.deepEqual(optimizerOf(CHAR_RNN), {
    name: 'rmsprop',
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 0,
  });
});
