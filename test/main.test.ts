/** The whole program from a pipe, as in `printf '/ballad 사랑은\n' | npm start --silent`. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MODELS_DIR } from '../src/paths.ts';
import { runBot, startBot } from './support/bot.ts';
import { temporaryFolder, writeCheckpoint } from './support/checkpoint.ts';
import { songs } from './support/songs.ts';

describe('lyrics from a pipe', () => {
  const models = temporaryFolder({ after });
  before(async () => {
    await writeCheckpoint(models, 'ballad');
    await writeCheckpoint(models, 'other', { seed: 2 });
  });

  it('prints the lyric alone on standard output and ends with 0', async () => {
    const { stdout, stderr, code } = await runBot(
      models,
      '/ballad 사랑은 temperature:0.9 seed:7 length:50\n',
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^사랑은[\s\S]{50}\n?$/);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
    assert.match(stderr, /모델 ballad · 온도 0\.9 · 시드 7 · 길이 50자 · 시간 [\d.]+초/);
  });

  it('gives the same lyric for the same seed, whatever the command is called', async () => {
    const inputs = [
      '/ballad 사랑은 temperature:0.9 seed:7 length:50\n',
      '/발라드 사랑은 온도:0.9 시드:7 길이:50\n',
      '사랑은 온도：0.9 seed:7 length:50',
      '／BALLAD 사랑은\u00a0seed:7 length:50\r\n',
    ];
    const outputs = await Promise.all(inputs.map(async (input) => (await runBot(models, input)).stdout));
    assert.equal(new Set(outputs).size, 1, JSON.stringify(outputs));
    const { stdout } = await runBot(models, '/ballad 사랑은 seed:8 length:50');
    assert.notEqual(stdout, outputs[0]);
  });

  it('answers lines in order, and sets lyrics apart by two blank lines', async () => {
    const alone = async (input: string) => (await runBot(models, input)).stdout.replace(/\n$/, '');
    const first = await alone('밤 seed:1 length:20');
    const second = await alone('바람 seed:2 length:20 model:other');
    const both = await runBot(models, '밤 seed:1 length:20\n\n바람 seed:2 length:20 model:other\n');
    assert.equal(both.stdout, `${first}\n\n\n${second}\n`);
    const pair = await runBot(models, '밤 seed:1 length:20 count:2\n');
    const next = await alone('밤 seed:2 length:20');
    assert.equal(pair.stdout, `${first}\n\n\n${next}\n`);
  });

  it('ends a lyric where its song does, where no length is given', async () => {
    const lyrics = (length: string) => runBot(MODELS_DIR, `사랑은 seed:1 count:4 ${length}\n`);
    const [whole, longer] = await Promise.all([lyrics(''), lyrics('length:1000')]);
    assert.deepEqual([whole.code, longer.code], [0, 0]);
    assert.equal(whole.stdout, longer.stdout);
  });

  it('says which characters a model does not know, and prints them all the same', async () => {
    const { stdout, stderr, code } = await runBot(models, '/ballad 사랑은 zq length:20 seed:1\n');
    assert.equal(code, 0);
    assert.ok(stdout.startsWith('사랑은 zq'));
    assert.match(stderr, /z q/);
  });

  it('ends with 1 when a command was not answered, and answers the others', async () => {
    const input = '/nope\n/ballad 밤 temperature:0\n/ballad 밤 model:없음\n/ballad 밤 seed:1 length:20\n';
    const { stdout, stderr, code } = await runBot(models, input, { LOCALE: 'en' });
    assert.equal(code, 1);
    assert.match(stdout, /^밤[\s\S]{20}\n?$/);
    assert.match(stderr, /no command \/nope/);
    assert.match(stderr, /temperature: a number from 0\.1 to 2/);
    assert.match(stderr, /no model 없음; there are: ballad, other/);
  });

  it('answers /models, /status and /help on standard output, in the language asked for', async () => {
    const input = '/models\n/status\n/help\n';
    const korean = await runBot(models, input);
    const english = await runBot(models, input, { LOCALE: 'en' });
    assert.equal(korean.code, 0);
    assert.equal(english.code, 0);
    assert.match(korean.stdout, /^ballad \(기본\)\n {2}LSTM 1 x 16, 글자 \d+가지/);
    assert.match(english.stdout, /^ballad \(default\)\n {2}LSTM 1 x 16, \d+ different characters/);
    assert.match(
      korean.stdout,
      /\/발라드, \/ballad[\s\S]*온도\(temperature\)[\s\S]*0\.1 이상 2 이하의 수, 기본값 0\.9/,
    );
    assert.match(english.stdout, /\/ballad, \/발라드[\s\S]*length: .*20 to 1000/);
    assert.match(english.stdout, /memory\n {2}\d+ MB/);
  });

  it('lets a reader stop early', async () => {
    const bot = spawn('sh', ['-c', '"$0" "$1" | head -c 3', process.execPath, 'src/main.js'], {
      cwd: path.join(import.meta.dirname, '..'),
      env: { ...process.env, MODELS_DIR: models },
    });
    let text = '';
    let errors = '';
    bot.stdout.on('data', (data) => (text += data));
    bot.stderr.on('data', (data) => (errors += data));
    bot.stdin.end('/ballad 사랑은 length:1000 seed:1\n'.repeat(3));
    await new Promise((resolve) => bot.on('close', resolve));
    assert.equal(text, '사');
    assert.ok(!/EPIPE|Error/.test(errors), errors);
  });

  it('logs JSON to standard error when told to, never what was written', async () => {
    const { stdout, stderr } = await runBot(models, '/ballad 사랑은 length:20 seed:1\n', {
      LOG_LEVEL: 'debug',
    });
    assert.match(stdout, /^사랑은/);
    const lines = stderr.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    const command = lines.find(({ msg }) => msg === 'command');
    assert.equal(command.platform, 'terminal');
    assert.equal(command.command, 'ballad');
    assert.equal(command.characters, 20);
    assert.ok(!lines.some((line) => JSON.stringify(line).includes('사랑')));
  });
});

describe('what is wrong', () => {
  it('without a model says how to train one', async (t) => {
    const folder = temporaryFolder(t);
    for (const [LOCALE, words] of [
      ['ko', /모델이 없습니다.*\/학습/],
      ['en', /no model.*\/train/],
    ] as const) {
      const { stdout, stderr, code } = await runBot(folder, '/ballad 사랑은\n', { LOCALE });
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(stderr, words);
    }
  });

  it('names a damaged checkpoint, lists it as such and serves the others', async (t) => {
    const folder = temporaryFolder(t);
    await truncate(await writeCheckpoint(folder, 'ballad'), 1000);
    await writeCheckpoint(folder, 'whole');
    const input = '/models\n/ballad 밤\n/ballad 밤 model:whole length:20\n';
    const { stdout, stderr, code } = await runBot(folder, input, { LOCALE: 'en' });
    assert.equal(code, 1);
    assert.match(stdout, /^ballad \(default\)\n {2}cannot be used: .*ballad\.safetensors/);
    assert.match(stdout, /\n밤[\s\S]{20}\n?$/);
    assert.match(stderr, /ballad\.safetensors/);
  });

  it('reports a faulty configuration whole, by name, without values', async (t) => {
    const folder = temporaryFolder(t);
    await writeFile(path.join(folder, '.env'), 'THREADS=hunter2\nSAMPLING_SLOTS=0\n');
    const { stdout, stderr, code } = await runBot(folder, '/models\n', { LOG_LEVEL: 'hunter3' });
    assert.equal(code, 1);
    assert.equal(stdout, '');
    for (const name of ['THREADS', 'SAMPLING_SLOTS', 'LOG_LEVEL']) assert.match(stderr, new RegExp(name));
    assert.doesNotMatch(stderr, /hunter|Error|at file/);
  });

  it('reads .env of the working folder', async (t) => {
    const folder = temporaryFolder(t);
    await writeFile(path.join(folder, '.env'), 'LOCALE=en\nDEFAULT_MODEL=missing\n');
    await writeCheckpoint(folder, 'ballad');
    const { stderr } = await runBot(folder, '/ballad 밤\n');
    assert.equal(stderr, 'there is no model missing; there are: ballad\n');
  });
});

const SONGS = songs(40);

describe('training from the terminal', () => {
  it('asks, trains in a process of its own while lyrics are answered, and does with the model what it is told', async (t) => {
    const folder = temporaryFolder(t);
    await writeCheckpoint(folder, 'ballad', { rnnSize: 64 });
    await writeFile(path.join(folder, 'songs.txt'), SONGS);
    await writeFile(path.join(folder, 'more.md'), '# 더\n\n바다에 새로운 편지 하나');
    const bot = startBot(folder, { LOCALE: 'en' });
    bot.send('/train songs.txt more.md epochs:3 name:spring');
    await bot.saw(
      /Train spring, going on from ballad\?[\s\S]*Start: \/train start:\S+\nCancel: \/train drop:\S+\n/,
    );
    await bot.saw(/41 songs[\s\S]*MB or more/);
    bot.send(/\/train start:\S+/.exec(bot.stdout())![0]);
    await bot.saw(/The training of spring is ordered \(number 1\)/);
    bot.send('/ballad 사랑은 length:20 seed:1');
    await bot.saw(/model ballad/);
    await bot.saw(/the training of spring is done[\s\S]*Keep beside: \/settle as:keep job:1/);
    assert.match(bot.stderr(), /Before +After[\s\S]*Losses of the training of spring.*training-1\.png/);
    const [, picture] = /: (\S+training-1\.png)/.exec(bot.stderr())!;
    assert.equal((await readFile(picture!)).toString('latin1', 1, 4), 'PNG');
    bot.send('/settle as:keep job:1');
    await bot.saw(/spring is kept beside/);
    bot.send('/models');
    bot.send('/ballad 바람이 model:spring length:20 seed:1');
    await bot.saw(/model spring/);
    const { stdout, stderr, code } = await bot.end();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /spring\n {2}LSTM 1 x 64.*\n {2}trained on .*, 3 epochs, going on from ballad/);
  });

  it('asks nothing where it is told so, waits at the end of the input, and says so', async (t) => {
    const folder = temporaryFolder(t);
    await writeCheckpoint(folder, 'ballad', { rnnSize: 64 });
    await writeFile(path.join(folder, 'songs.txt'), SONGS);
    const first = await runBot(folder, '/학습 songs.txt 반복:1 이름:새노래 시작:now\n');
    assert.equal(first.code, 0, first.stderr);
    assert.equal(first.stdout, '');
    assert.match(first.stderr, /기다립니다[\s\S]*새노래 모델의 학습이 끝났습니다/);
    assert.ok(!existsSync(path.join(folder, '새노래.safetensors')), 'it waits for a decision');
    const second = await runBot(folder, '/결정 as:keep\n');
    assert.equal(second.code, 0, second.stderr);
    assert.ok(existsSync(path.join(folder, '새노래.safetensors')));
  });

  it('starts nothing with a text that cannot be trained on, or a name that cannot be', async (t) => {
    const folder = temporaryFolder(t);
    await writeCheckpoint(folder, 'ballad');
    await writeFile(path.join(folder, 'empty.txt'), '');
    await writeFile(path.join(folder, 'tiny.txt'), '사랑');
    await writeFile(path.join(folder, 'binary.txt'), Buffer.from([0, 1, 2, 255, 254, 0, 0]));
    await writeFile(path.join(folder, 'huge.txt'), Buffer.alloc(1024 * 1024 + 1, 'a'));
    await writeFile(path.join(folder, 'songs.txt'), SONGS);
    const orders = [
      'empty.txt',
      'tiny.txt',
      'binary.txt',
      'huge.txt',
      'missing.txt',
      '',
      'songs.txt name:../up',
      'songs.txt base:missing',
      'songs.txt epochs:0',
      'messages:100',
      'start:nothing',
    ];
    const input = orders.map((order) => `/train ${order}\n`).join('');
    const { stdout, stderr, code } = await runBot(folder, input, { LOCALE: 'en', MAX_TRAINING_MB: '1' });
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.equal(stderr.trimEnd().split('\n').length, orders.length, stderr);
    assert.doesNotMatch(stderr, /is ordered|went wrong/);
    assert.ok(!(await readdir(folder)).some((name) => /^(empty|tiny|binary|huge|songs)\.safe/.test(name)));
  });

  it('saves on SIGTERM, goes on by itself with the next start, and cancels', async (t) => {
    const folder = temporaryFolder(t);
    await writeFile(path.join(folder, 'songs.txt'), SONGS);
    // So large, and so patient, that a fast machine is not done before it is cancelled.
    await writeCheckpoint(folder, 'ballad', { rnnSize: 256 });
    const first = startBot(folder, { LOCALE: 'en', PATIENCE: '0' });
    first.send('/train songs.txt epochs:1000 start:now');
    await first.saw(/training songs\. \S+ \d+% epoch [1-9]/);
    const stopped = await first.kill('SIGTERM');
    assert.equal(stopped.code, 0, stopped.stderr);
    const second = startBot(folder, { LOCALE: 'en', PATIENCE: '0' });
    await second.saw(/1: training songs\. \S+ \d+% epoch [1-9]/);
    second.send('/cancel 1\n/cancel');
    await second.saw(/the training of songs was cancelled/);
    const { code } = await second.end();
    assert.equal(code, 1, 'there was nothing more to cancel');
    assert.ok(!existsSync(path.join(folder, 'songs.safetensors')));
  });
});

it('finishes the lyric in flight on SIGTERM, takes no more, and ends with 0', async (t) => {
  const folder = temporaryFolder(t);
  await writeCheckpoint(folder, 'ballad');
  const bot = startBot(folder, { MAX_LENGTH: '20000' });
  bot.send('/ballad 사랑은 length:20000 seed:1\n/ballad 밤 length:20');
  await bot.saw(/사랑은/);
  const { stdout, code, stderr } = await bot.kill('SIGTERM');
  assert.equal(code, 0, stderr);
  assert.equal([...stdout].length, '사랑은'.length + 20_000 + '\n'.length);
  assert.doesNotMatch(stdout, /\n\n\n밤/);
});
