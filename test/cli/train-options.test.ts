import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { readTrainOptions } from '../../src/cli/train-options.ts';
import { readConfig } from '../../src/config.ts';
import { UserError } from '../../src/errors.ts';
import { CHAR_RNN, DEFAULTS, FINE_TUNING } from '../../src/training/settings.ts';
import { temporaryFolder } from '../training/fixtures/runs.ts';

const config = readConfig({
  LOCALE: 'en',
  MODELS_DIR: '/models',
  VAR_DIR: '/var/bot',
  THREADS: '3',
  KERNELS: 'simd8',
  MAX_TRAINING_MB: '2',
});
/** What every order has of this configuration. */
const OF_CONFIG = { engine: undefined, build: 'simd8', cacheFolder: path.resolve('/var/bot') };
const read = (...args: string[]) => readTrainOptions(args, config);

test('without options the job is of our defaults and of the configuration', async () => {
  const { job, engine, json, printEvery } = await read();
  assert.deepEqual(job, {
    data: path.resolve('data/ballads/input.txt'),
    name: 'ballads',
    settings: DEFAULTS,
    checkpoint: '/models/ballads.safetensors',
    dtype: 'float32',
    initFrom: null,
    resume: 'never',
    maxBytes: 2 * 2 ** 20,
    saveEvery: 30,
  });
  assert.deepEqual([engine, json, printEvery], [{ ...OF_CONFIG, threads: 3 }, false, 10]);
});

test("char-rnn's preset holds but for what is given; --gpuid -1 is the CPU", async () => {
  const { job, engine } = await read(
    ...'--preset char-rnn --init-from a.safetensors --gpuid -1 --threads 2'.split(' '),
  );
  assert.deepEqual(job.settings, CHAR_RNN);
  assert.equal(job.initFrom, path.resolve('a.safetensors'));
  assert.deepEqual(engine, { ...OF_CONFIG, threads: 2, engine: 'wasm' });
  const larger = await read('--preset', 'char-rnn', '--rnn-size', '512', '--tie-weights');
  assert.deepEqual(larger.job.settings, { ...CHAR_RNN, rnnSize: 512, tieWeights: true });
});

test('--gpuid names a GPU by its number, whatever engine is configured but for the CPU', async () => {
  const { engine, gpuWanted } = await read('--gpuid', '2');
  assert.deepEqual(engine, { ...OF_CONFIG, threads: 3, gpu: 2 });
  assert.equal(gpuWanted, true);
  assert.equal((await read('--gpuid', '-1')).gpuWanted, false);
  const of = async (ENGINE: string) =>
    (await readTrainOptions(['--gpuid', '0'], readConfig({ ENGINE }))).engine.engine;
  assert.deepEqual([await of('wasm'), await of('tensorflow')], [undefined, 'tensorflow']);
  await assert.rejects(read('--gpuid', '-2'), UserError);
});

test('going on from a checkpoint has defaults of its own and replays the base text', async (t) => {
  const folder = await temporaryFolder(t);
  const base = path.join(folder, 'base.txt');
  await writeFile(base, '');
  const args = ['--init-from', 'a.safetensors', '--data-dir', folder];
  const readHere = (REPLAY_DATA: string, ...more: string[]) =>
    readTrainOptions([...args, ...more], readConfig({ REPLAY_DATA, REPLAY: '0.4' }));
  const { job } = await readHere(base);
  assert.deepEqual(job.settings, { ...DEFAULTS, ...FINE_TUNING, replay: 0.4 });
  assert.equal(job.replayData, base);
  assert.equal((await readHere(base, '--replay', '0')).job.replayData, undefined);
  assert.equal((await readHere('/nowhere.txt')).job.replayData, undefined, 'not there');
  assert.equal((await readHere(base, '--data-dir', base)).job.replayData, undefined, 'the same text');
  const told = await readHere(base, '--replay-data', 'x.txt', '--replay', '0.1', '--max-epochs', '3');
  assert.equal(told.job.replayData, path.resolve('x.txt'));
  assert.deepEqual([told.job.settings.replay, told.job.settings.maxEpochs], [0.1, 3]);
});

test('--data-dir names a folder with input.txt, or a text file itself', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(path.join(folder, 'songs'));
  await writeFile(path.join(folder, 'songs.txt'), '');
  const ofFolder = await read('--data-dir', path.join(folder, 'songs'));
  assert.deepEqual([ofFolder.job.data, ofFolder.job.name], [path.join(folder, 'songs/input.txt'), 'songs']);
  const ofFile = await read('--data-dir', path.join(folder, 'songs.txt'));
  assert.deepEqual([ofFile.job.data, ofFile.job.name], [path.join(folder, 'songs.txt'), 'songs']);
});

const BAD: [args: string[], message: RegExp][] = [
  [['--rnn-size', 'NaN'], /--rnn-size NaN.*1, \.\.\., 4096/],
  [['--rnn-size', '-3'], /--rnn-size -3.*1, \.\.\., 4096/],
  [['--batch-size', '1e9'], /--batch-size 1e9.*1, \.\.\., 4096/],
  [['--model', 'transformer'], /--model transformer.*lstm, gru, rnn/],
  [['--preset', 'gpt'], /--preset gpt.*balladeer, char-rnn/],
  [['--savefile', '../x'], /--savefile \.\.\/x/],
  [['--threads', '0'], /--threads 0.*1, \.\.\., 256/],
  [['--colour', 'red'], /no option --colour.*--rnn-size/],
  [['--replay', '1'], /--replay 1.*0 <= x <= 0\.9/],
  [['--dropout'], /--dropout needs a value/],
  [['songs', 'of', 'love'], /"songs of love" is not an option/],
  [['--init-from', 'x.safetensors', '--rnn-size', '20'], /leave out --rnn-size/],
];

for (const [args, message] of BAD) {
  test(`refused with what is allowed: ${args.join(' ')}`, async () => {
    await assert.rejects(
      read(...args),
      (error: unknown) =>
        error instanceof UserError && message.test(error.message) && error.text('ko') !== error.message,
    );
  });
}
