/** Answers on Discord, end to end: the real client over loopback against a strict server. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isWhole, startTestBot, until } from './bot.ts';
import { addCommands, breaks, grows, says } from './commands-for-tests.ts';
import { slash } from './people.ts';

const withoutSpace = (text: string): string => text.replace(/\s/g, '');

describe('a lyric on Discord', { concurrency: true }, () => {
  it('is acknowledged at once and ends as an embed with all that gives it again, and buttons', async (t) => {
    const { server } = await startTestBot(t);
    const one = slash(server, 'ballad', { prime_text: '사랑은', length: 50, seed: 5, temperature: 0.8 });
    await until(() => isWhole(one), 'a lyric');
    assert.equal(one.response!.type, 5);
    assert.equal(one.response!.isPrivate, false);
    const [message] = one.answers;
    const [embed] = message!.body.embeds!;
    assert.match(embed!.description!, /^사랑은/);
    const fields = Object.fromEntries(embed!.fields!.map(({ name, value }) => [name, value]));
    assert.deepEqual([fields.모델, fields.온도, fields.시드], ['ballad', '0.8', '5']);
    const labels = message!.buttons.map(({ label }) => label);
    assert.deepEqual(labels, ['다시', '이어서', '더 차분하게', '더 자유롭게']);
    assert.deepEqual(server.faults, []);
  });

  it('streams by edits at 1.5 s or slower and waits as long as Discord says', async (t) => {
    const { server, ...bot } = await startTestBot(t);
    addCommands(bot, grows(180, 20));
    server.limits.refuseNext(/^PATCH /, 0.7);
    const one = slash(server, 'grows');
    await until(() => one.text.endsWith('끝'), 'the end');
    const { states, gaps } = one.answers[0]!;
    assert.ok(states.length >= 3, String(states.length));
    for (const gap of gaps) assert.ok(gap >= 1490, String(gaps));
    let before = '';
    for (const { embeds } of states) {
      assert.ok(embeds![0]!.description!.startsWith(before));
      before = embeds![0]!.description!.replace(/끝$/, '');
    }
    assert.equal(server.limits.refused, 1);
    assert.deepEqual(server.faults, []);
  });

  it('calls nobody and formats nothing, whatever is in it', async (t) => {
    const { server, ...bot } = await startTestBot(t);
    const text =
      '@everyone @here <@1234> <@&5678> **별** ||밤|| [길](https://example.com)\n# 크게\n> 인용\n- 줄';
    addCommands(bot, says(text));
    const one = slash(server, 'says');
    const two = slash(server, 'ballad', { prime_text: '@everyone 사랑 <@1234>', length: 20 });
    await until(() => one.answers.length > 0 && isWhole(two), 'both');
    const shown = one.answers[0]!.body.embeds![0]!.description!;
    assert.equal(shown.replace(/\\(?=[^\p{L}\p{N}\s])/gu, ''), text);
    for (const [markup] of text.matchAll(/<@|\*|\||\[|^[#>-]/gm)) {
      assert.ok(!new RegExp(`(?<!\\\\)${markup.replace(/[*|[\]]/g, '\\$&')}`, 'm').test(shown), shown);
    }
    assert.match(two.text, /^@everyone 사랑 \\<@1234/);
    assert.deepEqual(server.faults, [], 'allowed_mentions is in every payload');
  });

  it('longer than a message is split at line ends, in order, with the buttons below the last', async (t) => {
    const { server, ...bot } = await startTestBot(t);
    const text = Array.from({ length: 900 }, (_, i) => `${i}번째 줄을 노래해요`).join('\n');
    addCommands(bot, says(text));
    const one = slash(server, 'says');
    const lines = slash(server, 'ballad', { length: 5000, count: 4, seed: 1 });
    await until(() => one.answers.at(-1)?.text.includes('899번째') === true, 'all of it');
    await until(() => lines.answers.at(-1)?.buttons.length === 4, 'the buttons');
    const pieces = one.answers.flatMap(({ body }) => body.embeds!.map(({ description }) => description!));
    assert.ok(one.answers.length >= 2);
    assert.equal(pieces.join('\n'), text);
    assert.ok(lines.answers.length >= 4);
    assert.ok(lines.answers.slice(0, -1).every(({ buttons }) => buttons.length === 0));
    assert.deepEqual(server.faults, []);
  });

  it('is given again by its seed, to the character', async (t) => {
    const { server } = await startTestBot(t);
    const order = { prime_text: '밤', length: 200, seed: 77 };
    const [a, b] = [slash(server, 'ballad', order), slash(server, 'ballad', order)];
    await until(() => isWhole(a) && isWhole(b), 'both');
    const [x, y] = [a, b].map((one) => withoutSpace(one.answers[0]!.body.embeds![0]!.description!));
    assert.equal(x, y);
  });
});

describe('errors on Discord', { concurrency: true }, () => {
  it('are for the asker alone, in their language, and leave nothing behind', async (t) => {
    const { server } = await startTestBot(t);
    for (const [locale, expected] of [
      ['ko', /온도\(temperature\): 0\.1 이상/],
      ['en-US', /temperature: a number from 0\.1/],
      ['fr', /temperature: a number/],
    ] as const) {
      const one = slash(server, 'ballad', { temperature: 5 }, { locale });
      await until(() => one.followUps.length > 0, 'an error');
      assert.equal(one.original!.isDeleted, true);
      assert.equal(one.answers.length, 1);
      assert.equal(one.answers[0]!.isPrivate, true);
      assert.match(one.text, expected);
    }
    const unknown = slash(server, 'sing', {}, { locale: 'en-US' });
    await until(() => unknown.answers.length > 0, 'an error');
    assert.equal(unknown.answers[0]!.isPrivate, true);
    assert.deepEqual(server.faults, []);
  });

  it('hide what is not meant for people, and leave a begun lyric where it is', async (t) => {
    const { server, logged, ...bot } = await startTestBot(t);
    addCommands(bot, breaks(900));
    const one = slash(server, 'breaks');
    await until(() => one.followUps.length > 0, 'an error');
    assert.deepEqual(
      one.answers.map(({ isPrivate }) => isPrivate),
      [false, true],
    );
    assert.ok(!one.text.includes('inner detail'));
    const { id } = logged.find(({ msg }) => msg === 'a command failed')!;
    assert.ok(one.text.includes(String(id)));
    assert.deepEqual(server.faults, []);
  });

  it('say how long to wait where there are too many commands', async (t) => {
    const { server, ...bot } = await startTestBot(t);
    const { Dispatcher } = await import('../../src/platforms/dispatch.ts');
    const strict = new Dispatcher({ ...bot, rateLimits: { perUser: 2, perPlace: 100 } });
    bot.dispatcher.dispatch = (request) => strict.dispatch(request);
    const person = { user: '333333333333333333', locale: 'en-US' };
    const answers = Array.from({ length: 3 }, () => slash(server, 'models', {}, person));
    await until(() => answers.every((one) => one.answers.length > 0), 'answers');
    assert.equal(answers.filter((one) => /try again in \d+ s/.test(one.text)).length, 1);
  });
});

describe('answers for the asker alone', () => {
  it('are those that the others need not read', async (t) => {
    const { server } = await startTestBot(t);
    const answers = ['help', 'models', 'status'].map((name) => slash(server, name));
    await until(() => answers.every((one) => one.answers.length > 0), 'answers');
    for (const one of answers) {
      assert.equal(one.response!.isPrivate, true);
      assert.ok(one.answers.every(({ isPrivate }) => isPrivate));
    }
    assert.match(answers[0]!.text, /\/발라드/);
    assert.match(answers[1]!.text, /ballad/);
    assert.deepEqual(server.faults, []);
  });
});
