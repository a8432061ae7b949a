import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { SETTING_NAMES } from '../../src/training/settings.ts';
import { lyrics, temporaryFolder } from '../training/fixtures/runs.ts';
import { runScript, startScript } from './support.ts';

const SMALL =
  '--rnn-size 16 --num-layers 1 --batch-size 4 --seq-length 16 --max-epochs 4 --threads 1 --save-every 0'.split(
    ' ',
  );

/** A folder with `data/songs/input.txt`. */
async function project(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  await mkdir(path.join(folder, 'data/songs'), { recursive: true });
  await writeFile(path.join(folder, 'data/songs/input.txt'), lyrics(24));
  return folder;
}

const train = (folder: string, ...args: string[]) =>
  runScript('train', ['--data-dir', 'data/songs', '--checkpoint-dir', 'cv', ...SMALL, ...args], folder);
const startTrain = (folder: string, ...args: string[]) =>
  startScript('train', ['--data-dir', 'data/songs', '--checkpoint-dir', 'cv', ...SMALL, ...args], folder);
const jsonLines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('--json prints an object a line, the last a summary; the checkpoint is where it says', async (t) => {
  const folder = await project(t);
  const { stdout, stderr, code } = await train(folder, '--json', '--print-every', '5');
  assert.equal(code, 0);
  assert.equal(stderr, '');
  const lines = jsonLines(stdout);
  const summary = lines.at(-1);
  assert.deepEqual(Object.keys(summary), ['checkpoint', 'val_loss', 'epochs', 'chars_per_second', 'seconds']);
  assert.equal(summary.checkpoint, path.join('cv', 'songs.safetensors'));
  assert.ok(
    summary.val_loss > 0 && summary.epochs === 4 && summary.chars_per_second > 0 && summary.seconds > 0,
  );
  const [started] = lines;
  assert.equal(started.type, 'started');
  const steps = lines.filter(({ type }) => type === 'step').map(({ step }) => step);
  const expected = Array.from({ length: started.steps }, (_, i) => i + 1).filter((step) => step % 5 === 0);
  assert.deepEqual(steps, [...new Set([...expected, started.steps])]);
  const { training } = await loadCheckpoint(path.join(folder, summary.checkpoint));
  assert.deepEqual([training.data, training.val_loss], ['songs', summary.val_loss]);
});

test('a pipe gets a line a report, in Korean or English', async (t) => {
  const { stdout, code } = await train(await project(t), '--savefile', 'other');
  assert.equal(code, 0);
  assert.match(stdout, /^WebAssembly .*parameters/);
  assert.match(stdout, /\nstep 10\/\d+ \| epoch 0\.\d+ \| loss \d\.\d+/);
  assert.match(stdout, /\nepoch 4\.00 \| validation loss \d/);
  assert.match(stdout, /\nsaved cv\/other\.safetensors/);
  assert.match(stdout, /\ndone: cv\/other\.safetensors [^\n]*\n$/);
});

test('killed in mid-training and resumed, it ends with the bytes of a run that never stopped', async (t) => {
  const folder = await project(t);
  await train(folder, '--savefile', 'whole');
  for (const step of [3, 25, 40]) {
    const killed = startTrain(
      folder,
      '--savefile',
      'killed',
      '--json',
      '--print-every',
      '1',
      ...(step > 3 ? ['--resume'] : []),
    );
    await killed.saw(new RegExp(`"step":${step},`));
    killed.kill('SIGKILL');
    assert.equal((await killed.ended).signal, 'SIGKILL');
  }
  const resumed = await runScript(
    'train',
    ['--resume', '--checkpoint-dir', 'cv', '--savefile', 'killed', '--json'],
    folder,
  );
  assert.equal(resumed.code, 0, resumed.stderr);
  const [started] = jsonLines(resumed.stdout);
  assert.ok(started.step >= 38, `resumed from step ${started.step}`);
  const [whole, killed] = ['whole', 'killed'].map((name) =>
    readFile(path.join(folder, `cv/${name}.safetensors`)),
  );
  assert.deepEqual(await killed, await whole);
});

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} saves, says how to go on and exits with ${exitCode}`, async (t) => {
    const folder = await project(t);
    const script = startTrain(folder, '--print-every', '1', '--save-every', '1000');
    await script.saw(/step 30\//);
    const begun = performance.now();
    script.kill(signal);
    script.kill(signal);
    const { stdout, stderr, code } = await script.ended;
    assert.ok(performance.now() - begun < 3000, 'a second on an idle machine');
    assert.equal(code, exitCode);
    assert.match(stdout, /saved and stopped at step \d+\n$/);
    const command = /to go on: npm run train -- (.*)\n/.exec(stderr)![1]!;
    const resumed = await runScript('train', command.split(' '), folder);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stdout, /going on from step [3-9]\d/);
    await train(folder, '--savefile', 'whole');
    const [whole, stopped] = ['whole', 'songs'].map((name) =>
      readFile(path.join(folder, `cv/${name}.safetensors`)),
    );
    assert.deepEqual(await stopped, await whole);
  });
}

test('--resume refuses what has changed, and says so where there is nothing', async (t) => {
  const folder = await project(t);
  const nothing = await train(folder, '--resume');
  assert.equal(nothing.code, 1);
  assert.match(nothing.stderr, /nothing to resume.*songs\.safetensors\.state/);
  await train(folder);
  const changed = await train(folder, '--resume', '--rnn-size', '24');
  assert.equal(changed.code, 1);
  assert.match(changed.stderr, /settings have changed.*--rnn-size 16 -> 24/);
});

test('what cannot be is one line that says what can, with exit code 1', async (t) => {
  const folder = await project(t);
  const { code, stdout, stderr } = await train(folder, '--rnn-size', '1e9');
  assert.deepEqual([code, stdout], [1, '']);
  assert.equal(stderr, '--rnn-size 1e9 cannot be used; allowed: 1, ..., 4096\n');
});

test('what failed says what can be changed by options', async (t) => {
  const folder = await project(t);
  const wild = '--model rnn --learning-rate 10 --grad-clip 0 --warmup 0 --optimizer rmsprop --max-epochs 50';
  const exploded = await train(folder, ...wild.split(' '), '--schedule', 'char-rnn');
  assert.equal(exploded.code, 1);
  assert.match(
    exploded.stderr,
    /^the loss exploded to .* a third of --learning-rate 10 or a smaller --grad-clip/m,
  );
  const small = await train(folder, '--seq-length', '1000');
  assert.equal(small.code, 1);
  assert.match(
    small.stderr,
    /the text is too small: \d+ characters where \d+ are needed.*or lower (--)?seq-length/,
  );
});

test('texts that cannot be trained on and folders that cannot be written are said', async (t) => {
  const folder = await project(t);
  const data = path.join(folder, 'data/songs/input.txt');
  await writeFile(path.join(folder, 'file'), '');
  const blocked = await train(folder, '--checkpoint-dir', 'file');
  assert.deepEqual([blocked.code, /file is a file where a folder should be/.test(blocked.stderr)], [1, true]);
  for (const bytes of ['', '사랑', Buffer.from([0, 1, 2, 3, 255, 254, 0, 0, 7, 8])]) {
    await writeFile(data, bytes);
    const { code, stderr } = await train(folder);
    assert.equal(code, 1);
    assert.match(stderr, /input\.txt/);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  }
});

test('a disk that fills up is said, and the earlier checkpoint stays whole', async (t) => {
  const folder = await project(t);
  await train(folder);
  const checkpoint = path.join(folder, 'cv/songs.safetensors');
  const before = await readFile(checkpoint);
  const args = ['--data-dir', 'data/songs', '--checkpoint-dir', 'cv', ...SMALL, '--rnn-size', '64'];
  const { code, stderr } = await runScript('train', args, folder, 'ulimit -f 40');
  assert.equal(code, 1);
  assert.match(stderr, /the disk is full/);
  assert.deepEqual(await readFile(checkpoint), before);
});

test('a reader that leaves ends the training, which can be resumed', async (t) => {
  const folder = await project(t);
  const args = [
    '--data-dir',
    'data/songs',
    '--checkpoint-dir',
    'cv',
    ...SMALL,
    '--max-epochs',
    '10000',
    '--patience',
    '0',
  ];
  const script = startScript('train', args, folder);
  await script.saw(/step 10\//);
  script.leave();
  const { code, stderr } = await script.ended;
  assert.equal(code, 129);
  assert.match(stderr, /to go on: npm run train -- --resume/);
});

test('--help explains every option with its default', async (t) => {
  const { stdout, code } = await runScript('train', ['--help'], await temporaryFolder(t));
  assert.equal(code, 0);
  for (const name of SETTING_NAMES) {
    const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    assert.match(stdout, new RegExp(`--${option}[\\s\\S]*?default:`), option);
  }
  const charRnn =
    'data-dir rnn-size num-layers model learning-rate learning-rate-decay learning-rate-decay-after decay-rate dropout seq-length batch-size max-epochs grad-clip train-frac val-frac init-from seed print-every eval-val-every checkpoint-dir savefile gpuid';
  const ours = 'optimizer schedule split embedding-size tie-weights threads resume json';
  for (const option of `${charRnn} ${ours}`.split(' ')) assert.match(stdout, new RegExp(`--${option}\\b`));
});
