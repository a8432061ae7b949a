/** Slash commands on Slack: what is answered, to whom, in which language. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { defineCommand } from '../../src/commands/command.ts';
import { TEAM } from './server.ts';
import { readable, sharedWorkspace, Workspace } from './workspace.ts';

/** Repeats what it is given in every kind of block, and fails if told to. */
const echo = defineCommand({
  name: 'echo',
  koreanName: '메아리',
  description: { ko: '되풀이합니다', en: 'Repeats' },
  admin: false,
  options: {
    words: {
      type: 'text',
      rest: true,
      koreanName: '말',
      description: { ko: '말', en: 'Words' },
      maxLength: 9000,
    },
  },
  async run({ reply }, { words = '' }) {
    if (words === 'fail') throw new Error('a defect');
    const note = { kind: 'note', text: words } as const;
    await reply.finish({
      blocks: [
        { kind: 'lyric', primeText: '', text: words, complete: true },
        { kind: 'text', text: words },
        note,
        { kind: 'list', items: [{ title: words, details: [words] }] },
      ],
      fields: [{ label: words, value: words }],
      actions: [{ label: words, command: 'echo', options: { words } }],
    });
  },
});

describe('slash commands on Slack', () => {
  let w: Workspace;
  const workspace = sharedWorkspace({ commands: [echo], admins: ['ULISTED'] });
  beforeEach(() => {
    w = workspace();
  });
  afterEach(() => {
    assert.deepEqual(w.server.violations, []);
    w.server.messages.length = 0;
    w.server.calls.length = 0;
  });

  it('answers /ballad in the channel, with trailing options, facts and buttons', async () => {
    const ms = await w.command('/ballad', '사랑은 temperature：0.9 seed:7 길이:50');
    assert.ok(ms < 1000, `acknowledged after ${ms} ms`);
    const message = await w.ended();
    const text = readable(message);
    assert.match(text, /^사랑은[^\n]{50}\n/);
    assert.match(text, /모델 ballad · 온도 0\.9 · 시드 7 · 길이 50자 · 시간 [\d.]+초/);
    for (const label of ['다시', '이어서', '더 차분하게', '더 자유롭게'])
      assert.match(text, new RegExp(label));
    assert.equal(message.user, undefined);
    assert.ok(message.text.startsWith('사랑은'), 'notifications and screen readers have it too');
    await w.command('/ballad', '사랑은 temperature:0.9 seed:7 length:50');
    const again = await w.ended(({ ts }) => ts !== message.ts);
    assert.equal(readable(again).split('\n')[0], text.split('\n')[0], 'the same seed, the same lyric');
  });

  it('answers in the language of the person, Korean where it is not known', async () => {
    for (const [user, words] of [
      ['UENGLISH', /model ballad/],
      ['UPLAIN', /모델 ballad/],
      ['UNKNOWN', /모델 ballad/],
    ] as const) {
      w.server.messages.length = 0;
      await w.command('/ballad', '밤 length:20', { user });
      assert.match(readable(await w.ended()), words, user);
    }
    w.server.messages.length = 0;
    await w.command('/ballad', '밤 length:20', { user: 'UENGLISH' });
    await w.ended();
    const asked = w.server.calls.filter(
      ({ method, args }) => method === 'users.info' && args.user === 'UENGLISH',
    );
    assert.equal(asked.length, 1, 'asked once, then remembered');
  });

  it('tells what is wrong to the person alone, with what to do', async () => {
    for (const [command, text, user, words] of [
      ['/ballad', 'temperature:9', 'UENGLISH', /temperature: a number from 0\.1 to 2/],
      ['/ballad', '온도:9', 'UPLAIN', /온도\(temperature\): 0\.1 이상 2 이하의 수/],
      ['/ballad', 'model:missing', 'UENGLISH', /no model missing; there are: ballad/],
      ['/ballad-status', 'now', 'UENGLISH', /takes no text.*\/ballad-help/],
      ['/cancel', '', 'UADMIN', /학습이 없습니다.*\/train/],
      ['/echo', 'fail', 'UENGLISH', /Something went wrong. Log id [0-9a-f]{8}/],
    ] as const) {
      w.server.messages.length = 0;
      await w.command(command, text, { user });
      const message = await w.message(() => true);
      assert.match(readable(message), words);
      assert.equal(message.user, user);
    }
    assert.ok(!w.logged.some((line) => JSON.stringify(line).includes('a defect text')));
  });

  it('says /ballad-status and /ballad-help for what Slack keeps to itself, in its help too', async () => {
    await w.command('/ballad-help', '', { user: 'UPLAIN' });
    const korean = readable(await w.message(() => true));
    assert.match(korean, /^\/ballad: /);
    assert.match(korean, /\n\/ballad-status: /);
    assert.doesNotMatch(korean, /\/(status|help|발라드|상태|도움말)/);
    w.server.messages.length = 0;
    await w.command('/ballad-status', '', { user: 'UENGLISH' });
    assert.match(readable(await w.message(() => true)), /memory\n {4}\d+ MB/);
  });

  it('lets nothing that people write become a mention, a link or markup', async () => {
    const words = '<!channel> <@U1> <#C1|x> <http://a.b|c> &amp; & &lt;3 *b* _i_ `c` @here #general';
    const sent = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    await w.command('/echo', sent);
    const message = await w.ended();
    // The server has looked for control sequences in every text already.
    assert.equal(readable(message).split('\n')[0], words);
    await w.press(message, String(readable(message).split('\n').at(-1)).replace(/[&<>]/g, entity), {});
    const again = await w.ended(({ ts }) => ts !== message.ts);
    assert.equal(readable(again).split('\n')[0], words, 'and a button repeats it unchanged');
    const call = w.server.calls.find(({ method }) => method === 'chat.postMessage')!;
    const { parse, link_names: names, mrkdwn, unfurl_links: links } = call.args;
    assert.deepEqual(
      { parse, names, mrkdwn, links },
      { parse: 'none', names: 'false', mrkdwn: 'false', links: 'false' },
    );
  });

  it('splits what is too long for a block or a message, at line ends', async () => {
    const line = '사랑은 <3 & 그대를 기다리는 밤';
    const words = Array.from({ length: 200 }, () => line).join('\n');
    await w.command('/echo', words);
    await w.ended();
    const pages = w.server.messages.map(readable);
    assert.ok(pages.length > 1);
    const lines = pages
      .join('\n')
      .split('\n')
      .map((one) => one.trim());
    assert.ok(lines.filter((one) => one === line).length >= 4 * 200, 'no line is broken or lost');
  });

  it('asks admins alone for admin commands: every person, every way, anew each time', async () => {
    const people: [string, object | undefined, boolean][] = [
      ['UADMIN', undefined, true],
      ['UOWNER', undefined, true],
      ['UPLAIN', undefined, false],
      ['ULISTED', undefined, true],
      ['UPRIMARY', { team_id: TEAM, is_primary_owner: true }, true],
      ['UGONE', { team_id: TEAM, is_admin: true, deleted: true }, false],
      ['UELSEWHERE', { team_id: 'T2', is_admin: true }, false],
      ['USTRANGER', { team_id: TEAM, is_admin: true, is_stranger: true }, false],
      ['UORG', { team_id: 'T2', is_admin: true, enterprise_user: { teams: [TEAM] } }, true],
      ['UTEXT', { team_id: TEAM, is_admin: 'false' }, false],
      ['UNKNOWN', undefined, false],
    ];
    for (const [user, info, allowed] of people) {
      if (info) w.server.users.set(user, { locale: 'en', ...info });
      for (const command of ['/cancel', '/settings', '/train']) {
        w.server.messages.length = 0;
        w.server.views.length = 0;
        await w.command(command, '', { user });
        await w.until(() => w.server.messages.length > 0 || w.server.views.length > 0);
        const refused = w.server.messages.some(({ text }) => /for admins|관리자만/.test(text));
        assert.equal(refused, !allowed, `${user} ${command}`);
        assert.equal(w.server.views.length, allowed && command === '/train' ? 1 : 0, `${user} ${command}`);
        assert.ok(
          w.server.messages.every((message) => message.user === user),
          'told to them alone',
        );
      }
    }
    w.server.users.set('UADMIN', { team_id: TEAM, locale: 'ko-KR', is_admin: false });
    w.server.messages.length = 0;
    await w.command('/cancel', '', { user: 'UADMIN' });
    assert.match(readable(await w.message(() => true)), /관리자만/, 'who was an admin a moment ago');
    w.server.users.set('UADMIN', { team_id: TEAM, locale: 'ko-KR', is_admin: true });
  });

  it('refuses admin commands where Slack does not say who is one', async () => {
    w.server.fail('users.info', { status: 500 }, { status: 500 }, { status: 500 }, { status: 500 });
    await w.command('/cancel', '', { user: 'UADMIN' });
    assert.match(readable(await w.message(() => true)), /관리자만/);
    w.server.fail('users.info');
  });

  it('answers what is delivered twice once', async () => {
    const payload = w.commandPayload('/ballad', '밤 length:20', { user: 'UPLAIN', channel: 'C1' });
    await w.server.send('slash_commands', payload, 'envelope-a');
    await w.server.send('slash_commands', payload, 'envelope-a');
    await w.server.send('slash_commands', payload, 'envelope-b');
    await w.ended();
    await w.command('/ballad', '밤 length:20 seed:1');
    await w.until(() => w.server.messages.filter(({ blocks }) => blocks.length > 1).length === 2);
    assert.equal(w.server.messages.length, 2);
  });

  it('uses the address of the request where the bot may not post, whole lyrics there', async () => {
    await w.command('/ballad', '밤 length:300', { channel: 'CPRIVATE' });
    const message = await w.ended();
    assert.equal(message.by, 'response');
    assert.equal(message.user, undefined);
    assert.equal(w.server.messages.length, 1);
    await w.press(message, '다시');
    const again = await w.ended(({ ts }) => ts !== message.ts);
    assert.equal(again.by, 'response');
  });

  it('falls back on a message in the channel, then on one to the person, where the address is used up', async () => {
    for (const [channel, by, where] of [
      ['C1', 'chat.postEphemeral', 'C1'],
      ['CPRIVATE', 'chat.postMessage', 'UENGLISH'],
    ] as const) {
      w.server.messages.length = 0;
      const response_url = `${w.server.origin}/response-unknown`;
      await w.command('/ballad', 'temperature:9', { user: 'UENGLISH', channel, response_url } as never);
      const message = await w.message(() => true);
      assert.deepEqual([message.by, message.channel], [by, where]);
      assert.ok(w.server.violations.every((one) => /used too often/.test(one)));
      w.server.violations.length = 0;
    }
  });

  it('says when somebody has given too many commands, and how long to wait', async (t) => {
    const busy = await Workspace.open(t, { rateLimits: { perUser: 2, perPlace: 100 } });
    for (let i = 0; i < 3; i++) await busy.command('/models', '', { user: 'UENGLISH' });
    const refusal = await busy.message(({ text }) => /too many commands; try again in \d+ s/.test(text));
    assert.equal(refusal.user, 'UENGLISH');
    await busy.command('/models', '', { user: 'UPLAIN' });
    await busy.message(({ text }) => /ballad \(기본\)/.test(text));
  });

  it('acknowledges what it does not know, and logs no text of people', async () => {
    await w.command('/nothing', '비밀');
    assert.match(readable(await w.message(() => true)), /\/nothing/);
    await w.server.send('interactive', {
      type: 'block_actions',
      actions: [{ action_id: 'x' }],
      user: { id: 'U' },
      team: null,
      trigger_id: 'x',
    });
    await w.server.send('events_api', {
      type: 'event_callback',
      team_id: TEAM,
      event: { type: 'app_home_opened', user: 'U' },
    });
    assert.ok(w.logged.length > 0);
    assert.ok(!w.logged.some((line) => /비밀|사랑은|xoxb|xapp/.test(JSON.stringify(line))));
  });
});

const entity = (character: string): string => ({ '&': '&amp;', '<': '&lt;' })[character] ?? '&gt;';
