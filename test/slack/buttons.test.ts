/** Buttons on Slack, also after a restart and after they have expired. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { readable, sharedWorkspace, type Workspace } from './workspace.ts';

describe('buttons on Slack', () => {
  const workspace = sharedWorkspace();
  let w: Workspace;
  beforeEach(() => {
    w = workspace();
    w.server.messages.length = 0;
  });
  afterEach(() => assert.deepEqual(w.server.violations, []));

  const lyric = async (text: string) => {
    await w.command('/ballad', text);
    return w.ended();
  };

  it('sing again, cooler, warmer, and go on; whoever presses them', async () => {
    const first = await lyric('사랑은 seed:7 length:40 temperature:1');
    for (const [label, words] of [
      ['다시', /^사랑은[\s\S]*온도 1 /],
      ['더 차분하게', /^사랑은[\s\S]*온도 0\.85 /],
      ['더 자유롭게', /^사랑은[\s\S]*온도 1\.15 /],
      ['이어서', /온도 1 /],
    ] as const) {
      const before = w.server.messages.length;
      assert.ok((await w.press(first, label, { user: 'UENGLISH' })) < 1000);
      const next = await w.ended((message) => w.server.messages.indexOf(message) >= before);
      assert.match(readable(next).replace('temperature', '온도'), words, label);
      assert.notEqual(next.ts, first.ts, 'the pressed message stays as it is');
    }
    const goingOn = readable(w.server.messages.at(-1)!);
    const [text] = readable(first).split('\n');
    assert.ok(goingOn.startsWith(text!), 'begins with the line that it goes on from');
  });

  it('work after a restart, long prime texts too', async () => {
    const primeText = '그대를 기다리는 밤 '.repeat(40).trim();
    const first = await lyric(`${primeText} length:20`);
    await w.dispatcher.close(0);
    await w.slack.stop();
    await w.startBot();
    await w.press(first, '다시');
    const again = await w.ended(({ ts }) => ts !== first.ts);
    assert.ok(readable(again).startsWith(primeText));
  });

  it('say that they have expired, to who presses alone', async () => {
    const first = await lyric('밤 length:20');
    const expired = JSON.parse(JSON.stringify(first).replaceAll(/i(\d)\.[a-z0-9]+\./g, 'i$1.1.'));
    await w.press(expired, '다시', { user: 'UENGLISH' });
    const message = await w.message(({ user }) => user === 'UENGLISH');
    assert.match(readable(message), /this button has expired; give the command again/);
    for (const value of ['', 'nonsense', 'k0.0aaaaaaaa-0000000000000000']) {
      w.server.messages.length = 0;
      const actions = [{ type: 'button', action_id: 'press-0', value }];
      await w.press(first, '다시', { user: 'UENGLISH', actions } as never);
      assert.match(readable(await w.message(() => true)), /expired|no command/, value);
    }
  });

  it('are checked as commands are: nobody cancels without being an admin', async () => {
    const first = await lyric('밤 length:20');
    const pressed = JSON.stringify(first).replaceAll(/\[\\"ballad\\",[^\]]*\]/g, '[\\"cancel\\",{}]');
    await w.press(JSON.parse(pressed), '다시', { user: 'UENGLISH' });
    assert.match(readable(await w.message(({ user }) => user === 'UENGLISH')), /\/cancel is for admins/);
  });

  it('answer within the thread of their message', async () => {
    const first = await lyric('밤 length:20');
    await w.press({ ...first, thread: '1.5' }, '다시');
    const again = await w.ended(({ ts }) => ts !== first.ts);
    assert.equal(again.thread, '1.5');
  });
});
