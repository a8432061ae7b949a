import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import test from 'node:test';
import { createReporter } from '../../src/cli/progress.ts';
import type { TrainingProgress } from '../../src/training/progress.ts';

const step = (number: number): TrainingProgress => ({
  type: 'step',
  step: number,
  steps: 40,
  epoch: number / 10,
  loss: number,
  learningRate: 0.003,
  gradientNorm: 1,
  charsPerSecond: 12_345,
  secondsLeft: 3_723,
});
const EVENTS: TrainingProgress[] = [
  {
    type: 'started',
    parameters: 1_234_567,
    vocabulary: 1_209,
    newCharacters: 3,
    characters: { train: 90_000, val: 5_000, test: 5_000 },
    replayed: 40_000,
    batchSize: 32,
    seqLength: 64,
    stepsPerEpoch: 10,
    steps: 40,
    step: 0,
    memory: 5 * 2 ** 20,
    engine: 'WebAssembly, 2 threads',
    replaces: false,
  },
  ...Array.from({ length: 9 }, (_, i) => step(i + 1)),
  { type: 'validated', step: 9, epoch: 0.9, valLoss: 4.5678, baseLoss: 2.9, best: true },
  { type: 'saved', what: 'checkpoint', file: 'models/a.safetensors' },
  { type: 'saved', what: 'state', file: 'models/a.safetensors.state' },
  { type: 'sample', epoch: 1, text: '사랑은\n비가' },
  ...Array.from({ length: 31 }, (_, i) => step(i + 10)),
  {
    type: 'done',
    checkpoint: 'models/a.safetensors',
    valLoss: 4.5678,
    losses: { newText: { before: 5.1234, after: 4.5678 }, base: { before: 2.9, after: 2.91 } },
    samples: [{ before: '봄', after: '여름' }],
    epochs: 4,
    charsPerSecond: 12_000,
    seconds: 90,
  },
];

function report(
  options: { json?: boolean; locale?: 'ko' | 'en'; terminal?: boolean },
  events = EVENTS,
): string {
  const output = Object.assign(new PassThrough(), {
    isTTY: options.terminal ?? false,
    columns: 200,
    cursorTo() {},
    clearLine() {},
    moveCursor() {},
    clearScreenDown() {},
  });
  const { json = false, locale = 'en' } = options;
  const reporter = createReporter(output, { json, printEvery: 4, locale });
  for (const event of events) reporter.report(event);
  reporter.close();
  let text = '';
  for (let chunk = output.read(); chunk !== null; chunk = output.read()) text += chunk;
  return text;
}

test('JSON: an object a line in snake case, each fourth step with the mean loss since the last, the summary bare', () => {
  const lines = report({ json: true })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(lines[0].new_characters, 3);
  assert.equal(lines[0].steps_per_epoch, 10);
  const steps = lines.filter(({ type }) => type === 'step');
  assert.deepEqual(
    steps.map(({ step }) => step),
    [4, 8, 12, 16, 20, 24, 28, 32, 36, 40],
  );
  assert.equal(steps[1].loss, (5 + 6 + 7 + 8) / 4);
  assert.deepEqual(lines.at(-1), {
    checkpoint: 'models/a.safetensors',
    val_loss: 4.5678,
    losses: { new_text: { before: 5.1234, after: 4.5678 }, base: { before: 2.9, after: 2.91 } },
    samples: [{ before: '봄', after: '여름' }],
    epochs: 4,
    chars_per_second: 12_000,
    seconds: 90,
  });
});

test('a new network has nothing to be compared with', () => {
  const done = EVENTS.at(-1)!;
  assert.ok(done.type === 'done');
  const [json, text] = [true, false].map((json) => report({ json }, [{ ...done, samples: [] }]));
  assert.doesNotMatch(json!, /losses|samples/);
  assert.doesNotMatch(text!, /new text/);
});

test('a pipe: lines in the language, without what only programs need', () => {
  const korean = report({ locale: 'ko' });
  assert.match(korean, /매개변수 1,234,567개, 문자 1,209종\(새 문자 3종\)/);
  assert.match(
    korean,
    /\n단계 8\/40 \| 에폭 0\.80 \| 손실 6\.5000 \| 학습률 0\.00300 \| 12,345자\/초 \| 1:02:03 남음\n/,
  );
  assert.match(
    korean,
    /\n에폭 0\.90 \| 검증 손실 4\.5678 \(가장 낮음\)\n저장: models\/a\.safetensors\n에폭 1의 노래:\n {4}사랑은\n {4}비가\n단계/,
  );
  assert.match(korean, /\n손실: 새 글 5\.1234 -> 4\.5678, 바탕 글 2\.9000 -> 2\.9100\n완료/);
  assert.doesNotMatch(korean, /\.state/);
  assert.match(
    report({ locale: 'en' }),
    /\ndone: models\/a\.safetensors \| validation loss 4\.5678 .*\| 1:30\n$/,
  );
});

test('a terminal: a bar with loss, validation loss, speed and time left, and the end in words', () => {
  const shown = report({ terminal: true });
  assert.match(shown, /100% \| epoch 4\.0 \| loss 40\.000 \| val 4\.568 \| 12,345 chars\/s \| 1:02:03 left/);
  assert.match(shown, /a verse after epoch 1:\n {4}사랑은\n {4}비가/);
  assert.match(shown, /done: models\/a\.safetensors [^\n]*\n$/, 'nothing is drawn over the end');
});
