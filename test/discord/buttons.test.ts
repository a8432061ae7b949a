/** Buttons on Discord: after a restart, when they have expired, and in the hands of others. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createCommands } from '../../src/commands/index.ts';
import { Dispatcher } from '../../src/platforms/dispatch.ts';
import { Kept } from '../../src/store/kept.ts';
import { connect, isWhole, startTestBot, until } from './bot.ts';
import { PERMISSIONS, press, pressId, slash } from './people.ts';

const HOUR = 3_600_000;
const LONG = `${'그리운 사람을 부르며 '.repeat(20)}사랑은`;
const description = (one: ReturnType<typeof slash>): string => one.answers[0]!.body.embeds![0]!.description!;

describe('buttons on Discord', () => {
  it('give the lyric again, go on with it, and make it cooler and warmer', async (t) => {
    const { server } = await startTestBot(t);
    const first = slash(server, 'ballad', { prime_text: LONG, length: 40, seed: 5, temperature: 1 });
    await until(() => isWhole(first), 'a lyric');
    const [message] = first.answers;
    const presses = ['다시', '이어서', '더 차분하게', '더 자유롭게'].map((label) =>
      press(server, message!, label),
    );
    await until(() => presses.every(isWhole), 'answers');
    const [again, on, cooler, warmer] = presses;
    assert.ok(description(again!).startsWith(LONG));
    assert.notEqual(description(again!), description(first));
    assert.match(cooler!.text, /온도: 0\.85/);
    assert.match(warmer!.text, /온도: 1\.15/);

    const whole = slash(server, 'ballad', { prime_text: LONG, length: 80, seed: 5, temperature: 1 });
    await until(() => isWhole(whole), 'the whole lyric');
    const lastLine = [...description(first)].slice(-100).join('');
    assert.ok(description(on!).startsWith(lastLine), 'the line that it goes on with');
    assert.equal(description(first) + description(on!).slice(lastLine.length), description(whole));
    assert.deepEqual(server.faults, []);
  });

  it('work after a restart, and say so when they have expired', async (t) => {
    const { server, discord, ...bot } = await startTestBot(t);
    const first = slash(server, 'ballad', { prime_text: LONG, length: 40, seed: 5 });
    await until(() => isWhole(first), 'a lyric');
    await discord.stop();
    await until(() => server.gateway.connected === 0, 'gone');

    let now = Date.now();
    const kept = new Kept({ folder: path.join(bot.folder, 'kept'), lifetimeMs: HOUR, now: () => now });
    const services = { ...bot.services, kept, commands: createCommands(bot.services.limits) };
    const dispatcher = new Dispatcher({ services, log: bot.log, rateLimits: { perUser: 99, perPlace: 99 } });
    await connect(server, { ...bot, services, dispatcher });
    const again = press(server, first.answers[0]!, '다시');
    const on = press(server, first.answers[0]!, '이어서');
    await until(() => isWhole(again) && isWhole(on), 'answers after the restart');
    assert.ok(description(again).startsWith(LONG));
    assert.ok(on.answers[0]!.buttons.length === 4);

    now += 2 * HOUR;
    for (const [locale, expected] of [
      ['ko', /기한이 지났습니다/],
      ['en-GB', /has expired/],
    ] as const) {
      const late = press(server, first.answers[0]!, '다시', { locale });
      await until(() => late.answers.length > 0, 'an answer to a late press');
      assert.match(late.text, expected);
      assert.equal(late.answers[0]!.isPrivate, true);
    }
    assert.deepEqual(server.faults, []);
  });

  it('that are none of ours do nothing', async (t) => {
    const { server } = await startTestBot(t);
    for (const id of ['x', 'i0.zzzzzzzzz.["cancel",{}]', 'k0.../../../etc/passwd', 'i0.zzzzzzzzz.[1,[]]']) {
      const one = pressId(server, id, { locale: 'en-US' });
      await until(() => one.answers.length > 0, id);
      assert.ok(
        one.answers.every(({ isPrivate }) => isPrivate),
        one.text,
      );
      assert.match(one.text, /expired|for admins|no command|option/);
    }
    const forged = pressId(server, 'i0.zzzzzzzzz.["cancel",{}]', { permissions: PERMISSIONS.manageGuild });
    await until(() => forged.answers.length > 0, 'an answer');
    assert.match(forged.text, /학습이 없습니다/);
  });
});
