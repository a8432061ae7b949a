/** The prompt, with streams in the place of a terminal; the piped form is in main.test.ts. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { completeLine } from '../../src/platforms/complete.ts';
import { Terminal } from '../../src/platforms/terminal.ts';
import { readableLog } from '../support/log.ts';
import { createTestServices } from '../support/services.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const UP = '\u001b[A';

async function startPrompt(t: TestContext) {
  const { services, dispatcher, folder } = await createTestServices(t);
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
  let screen = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  const exits: number[] = [];
  const terminal = new Terminal(
    { input, output, errors: new PassThrough() },
    'en',
    path.join(folder, 'files'),
  );
  await terminal.start({
    dispatcher,
    services,
    log: readableLog().log,
    leave: (code) => void exits.push(code),
  });
  t.after(() => terminal.stop());
  const saw = async (pattern: RegExp) => {
    const patience = performance.now() + 20_000;
    while (!pattern.test(screen)) {
      assert.ok(performance.now() < patience, `never saw ${pattern}: ${JSON.stringify(screen)}`);
      await sleep(5);
    }
    return screen;
  };
  /** Types, and waits until the screen shows the pattern: what was there before does not count. */
  const type = (keys: string, pattern = /[\s\S]/) => {
    screen = '';
    // One key at a time: several at once are taken for pasted text.
    for (const key of keys.startsWith('\u001b') ? [keys] : keys) input.write(key);
    return saw(pattern);
  };
  return { type, saw, exits, folder };
}

describe('the prompt', () => {
  it('prints a lyric while it is sampled, then its facts, then asks again', async (t) => {
    const { type } = await startPrompt(t);
    const screen = await type('사랑은 seed:7 length:30\r', /30 characters[\s\S]*> /);
    assert.match(screen, /\n사랑은[\s\S]{30}\n/);
    assert.match(screen, /model ballad · temperature 0\.9 · seed 7/);
    const next = await type('/ballad 밤 seed:7 length:30\r', /30 characters[\s\S]*> /);
    assert.match(next, /\r\n밤[\s\S]{30}\n/, 'no blank lines between');
  });

  it('keeps what is typed during a lyric out of it, and answers it afterwards', async (t) => {
    const { type } = await startPrompt(t);
    await type('밤 length:5000 seed:1\r', /밤[\s\S]{10}/);
    const screen = await type('바람 seed:2 length:20\r그대', /seed 1[\s\S]*seed 2[\s\S]*> 그대/);
    const [first, second] = screen.split(/model ballad.*\n/);
    assert.doesNotMatch(first!, /length/);
    assert.match(second!, /^바람[\s\S]{20}\n$/);
  });

  it('has a history', async (t) => {
    const { type } = await startPrompt(t);
    await type('밤 seed:3 length:20\r', /20 characters[\s\S]*> /);
    await type(UP, /밤 seed:3 length:20/);
    await type('\r', /seed 3/);
  });

  it('completes commands, options and models', async (t) => {
    const { type } = await startPrompt(t);
    await type('/ball\t', /\/ballad /);
    await type('밤 temp\t', /temperature:/);
    await type('1 model:b\t', /model:ballad /);
  });

  it('on Ctrl-C ends the running lyric; on the next one leaves', async (t) => {
    const { type, exits } = await startPrompt(t);
    await type('밤 length:5000 seed:1\r', /밤[\s\S]{10}/);
    const screen = await type(CTRL_C, /Stopped[\s\S]*> /);
    const [, length] = /length ([\d,]+) characters/.exec(screen)!;
    assert.ok(Number(length!.replace(',', '')) < 5000);
    assert.deepEqual(exits, []);
    await type(CTRL_C);
    assert.deepEqual(exits, [0]);
  });

  it('on Ctrl-C discards a line, then warns, then leaves', async (t) => {
    const { type, exits } = await startPrompt(t);
    await type('never mind', /never mind/);
    await type(CTRL_C);
    await type(CTRL_C, /once more/);
    assert.deepEqual(exits, []);
    await type(CTRL_C);
    assert.deepEqual(exits, [0]);
  });

  it('on Ctrl-D leaves', async (t) => {
    const { type, exits } = await startPrompt(t);
    await type(CTRL_D);
    assert.deepEqual(exits, [0]);
  });

  it('shows errors and goes on', async (t) => {
    const { type, exits } = await startPrompt(t);
    await type('/ballad 밤 temperature:9\r', /a number from 0\.1 to 2[\s\S]*> /);
    await type('/statsu\r', /did you mean \/status[\s\S]*> /);
    assert.deepEqual(exits, []);
  });

  it('shows a training above what is being typed', async (t) => {
    const { type, saw, folder } = await startPrompt(t);
    await writeFile(path.join(folder, 'songs.txt'), '사랑은 눈물의 별빛\n'.repeat(200));
    await type(
      `/train ${path.join(folder, 'songs.txt')} epochs:2 start:now\r`,
      /is ordered[\s\S]*1: the training of songs/,
    );
    await type('밤 seed:7', /밤 seed:7/);
    await saw(/is done[\s\S]*> 밤 seed:7/);
    await type(' length:20\r', /\n밤[\s\S]{20}\n[\s\S]*seed 7/);
  });
});

describe('completion', () => {
  it('knows commands, options, models, choices and files', async (t) => {
    const { services, folder } = await createTestServices(t);
    await mkdir(path.join(folder, 'songs'));
    const complete = async (line: string) =>
      (await completeLine(line, { platform: 'terminal', id: 'terminal' }, services)).candidates;
    assert.deepEqual(await complete('/sta'), ['/status ']);
    assert.deepEqual(await complete('/발'), ['/발라드 ']);
    assert.deepEqual(await complete('/발'.normalize('NFD')), ['/발라드 ']);
    assert.ok((await complete('/')).length >= 12);
    assert.deepEqual(await complete('/ballad 밤 top'), ['top_k:', 'top_p:']);
    assert.deepEqual(await complete('/발라드 밤 온'), ['온도:']);
    assert.deepEqual(await complete('밤 se'), ['seed:']);
    assert.deepEqual(await complete('/ballad 밤 model:'), ['model:ballad ']);
    assert.deepEqual(await complete('/ballad 밤 모델:b'), ['모델:ballad ']);
    assert.deepEqual(await complete('/ballad 밤 seed:'), []);
    assert.deepEqual(await complete('/ballad 밤 model:x'), []);
    assert.deepEqual(await complete('/nope x'), []);
    assert.deepEqual(await complete(`/train ${folder}/so`), [`${folder}/songs/`]);
    assert.deepEqual(await complete(`/train ${folder}/missing/`), []);
  });
});
