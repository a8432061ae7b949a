/** Lyrics that appear as they are written, within what Slack allows. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineCommand } from '../../src/commands/command.ts';
import { readable, Workspace } from './workspace.ts';

const STEP_MS = 50;

/** Writes a lyric of its own slowly, and fails in the end if told to. */
const slow = defineCommand({
  name: 'slow',
  koreanName: '천천히',
  description: { ko: '천천히', en: 'Slow' },
  admin: false,
  options: {
    steps: {
      type: 'integer',
      koreanName: '걸음',
      description: { ko: '걸음', en: 'Steps' },
      min: 1,
      max: 200,
      default: 60,
    },
    fails: {
      type: 'integer',
      koreanName: '실패',
      description: { ko: '실패', en: 'Fails' },
      min: 0,
      max: 1,
      default: 0,
    },
  },
  async run({ reply }, { steps, fails }) {
    const lyric = (step: number) =>
      ({ kind: 'lyric', primeText: '', text: '가'.repeat(step), complete: step === steps }) as const;
    for (let step = 1; step <= steps; step++) {
      await sleep(STEP_MS);
      reply.update({ blocks: [lyric(step)] });
    }
    if (fails === 1) throw new Error('a defect');
    await reply.finish({
      blocks: [lyric(steps)],
      actions: [{ label: 'again', command: 'slow', options: { steps } }],
    });
  },
});

/** A workspace of its own for each test: they wait side by side. */
async function open(t: TestContext): Promise<Workspace> {
  const w = await Workspace.open(t, { commands: [slow] });
  t.after(() => assert.deepEqual(w.server.violations, []));
  return w;
}

const callsOf = (w: Workspace, method: string) => w.server.calls.filter((call) => call.method === method);

describe('lyrics that appear as they are written', { concurrency: true }, () => {
  it('begin soon, grow at Slack’s pace and end whole', async (t) => {
    const w = await open(t);
    await w.command('/slow', 'steps:90');
    const message = await w.message(() => true);
    const first = message.text.length;
    assert.ok(first > 0 && first < 90, String(first));
    assert.ok(!message.blocks.some(({ type }) => type === 'actions'), 'no buttons before the end');
    await w.ended();
    assert.match(readable(message), /^가{90}\n/);
    assert.equal(w.server.messages.length, 1);
    assert.ok(message.times.length >= 3, 'at least one state between');
    const gaps = message.times.slice(1).map((time, i) => time - message.times[i]!);
    assert.ok(Math.min(...gaps) >= 1200, `edits after ${gaps} ms`);
  });

  it('are posted once, whole, where they end soon', async (t) => {
    const w = await open(t);
    await w.command('/slow', 'steps:3');
    await w.ended();
    assert.equal(callsOf(w, 'chat.postMessage').length, 1);
    assert.equal(callsOf(w, 'chat.update').length, 0);
  });

  it('wait as long as Slack says, and are not posted twice', async (t) => {
    const w = await open(t);
    w.server.fail('chat.postMessage', { status: 429, retryAfter: 1 });
    w.server.fail('chat.update', { status: 429, retryAfter: 1 }, { status: 503 }, 'ratelimited');
    await w.command('/slow', 'steps:60');
    assert.match(readable(await w.ended()), /^가{60}\n/);
    assert.equal(w.server.messages.length, 1);
    assert.deepEqual(w.server.faults.get('chat.update'), []);
  });

  it('are not posted twice where it is not known whether they were posted', async (t) => {
    const w = await open(t);
    w.server.fail('chat.postMessage', { status: 500 });
    await w.command('/slow', 'steps:3', { user: 'UENGLISH' });
    const told = await w.message(() => true);
    assert.match(readable(told), /Something went wrong/);
    assert.equal(told.user, 'UENGLISH');
    assert.equal(w.server.messages.length, 1);
  });

  it('are taken back where they fail, which the person is told alone', async (t) => {
    const w = await open(t);
    await w.command('/slow', 'steps:60 fails:1', { user: 'UENGLISH' });
    const begun = await w.message(() => true);
    const told = await w.message(({ user }) => user === 'UENGLISH');
    assert.match(readable(told), /Something went wrong/);
    assert.ok(begun.deleted);
  });

  it('are posted anew where somebody has deleted them', async (t) => {
    const w = await open(t);
    await w.command('/slow', 'steps:90');
    const begun = await w.message(() => true);
    begun.deleted = true;
    const again = await w.ended();
    assert.match(readable(again), /^가{90}\n/);
    assert.equal(w.server.messages.length, 2);
  });

  it('share fifty edits a minute, whoever writes', async (t) => {
    const w = await open(t);
    const all = Array.from({ length: 60 }, (_, i) => 60 + i);
    await Promise.all(all.map((steps) => w.command('/slow', `steps:${steps}`)));
    await w.until(() => w.server.messages.filter(({ blocks }) => blocks.length > 1).length === all.length);
    const lengths = w.server.messages.map((message) => readable(message).split('\n')[0]!.length);
    assert.deepEqual(
      lengths.sort((a, b) => a - b),
      all,
      'every one is answered, once and whole',
    );
    // More than fifty in a minute would be a violation.
    assert.ok(callsOf(w, 'chat.update').length > 20);
  });
});
