/** Connections to Discord that break, end, or never begin; tokens that expire; a server that fails. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../src/errors.ts';
import { createTestServices } from '../support/services.ts';
import { connect, isWhole, startServer, startTestBot, until } from './bot.ts';
import { addCommands, breaks, grows, says, whispers } from './commands-for-tests.ts';
import { slash, type } from './people.ts';

/** The client waits half a second before it connects again. */
const AWAY_MS = 2000;

const isError = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;

describe('a connection to Discord', { concurrency: true }, () => {
  it('is resumed when it breaks: what came meanwhile is answered, and once', async (t) => {
    const { server, ...bot } = await startTestBot(t, { deadlineMs: 30_000 });
    addCommands(bot, says('노래'));
    const { gateway } = server;
    const breaks = [
      () => gateway.disconnect(4000),
      () => gateway.disconnect(1001),
      () => gateway.askToReconnect(),
    ];
    for (const breakOff of breaks) {
      const { resumed } = gateway.counts;
      breakOff();
      const one = slash(server, 'says');
      await until(() => gateway.counts.resumed > resumed, 'a resumption');
      await until(() => one.answers.length > 0, 'an answer');
      assert.equal(one.answers.length, 1);
    }
    assert.equal(gateway.counts.identified, 1);
    assert.deepEqual(server.faults, []);
  });

  it('answers an interaction once, even if the gateway repeats it', async (t) => {
    const { server, ...bot } = await startTestBot(t);
    addCommands(bot, says('노래'));
    const one = slash(server, 'says');
    await until(() => one.answers.length > 0, 'an answer');
    server.gateway.repeatLast();
    const later = slash(server, 'says');
    await until(() => later.answers.length > 0, 'an answer to what came later');
    assert.equal(server.requests.filter((request) => request.includes(`/${one.id}/`)).length, 1);
    assert.deepEqual(server.faults, []);
  });

  it('begins anew when its session is lost, and when heartbeats are not answered', async (t) => {
    const { server, ...bot } = await startTestBot(t, { heartbeatMs: 300 });
    addCommands(bot, says('노래'));
    const { gateway } = server;
    gateway.disconnect(4000);
    gateway.forgetSessions();
    await until(() => gateway.counts.identified === 2, 'a new session');
    gateway.acknowledges = false;
    await until(() => gateway.counts.resumed === 1, 'a resumption after silence');
    gateway.acknowledges = true;
    const one = slash(server, 'says');
    await until(() => one.answers.length > 0, 'an answer');
    assert.ok(gateway.counts.heartbeats > 0);
  });

  it('goes on with an answer that was being streamed when it broke', async (t) => {
    const { server, ...bot } = await startTestBot(t);
    addCommands(bot, grows(60, 10));
    const one = slash(server, 'grows');
    await until(() => one.response !== undefined, 'an acknowledgement');
    server.gateway.disconnect(4000);
    await until(() => one.text.endsWith('끝'), 'the end');
    assert.deepEqual(server.faults, []);
  });

  it('is not taken up again by a bot that leaves while it is broken', async (t) => {
    const { server, discord, ...bot } = await startTestBot(t);
    const { gateway } = server;
    gateway.disconnect(4000);
    await until(() => bot.logged.some(({ msg }) => msg === 'reconnecting'), 'a broken connection');
    await discord.stop();
    await sleep(AWAY_MS);
    assert.deepEqual([gateway.counts.resumed, gateway.counts.identified, gateway.connected], [0, 1, 0]);
  });

  it('is shared out to shards in one process', async (t) => {
    for (const shards of ['auto', 3] as const) {
      const server = await startServer(t, { shards: shards === 'auto' ? 2 : 1 });
      const bot = await createTestServices(t);
      addCommands(bot, says('노래'));
      await connect(server, bot, { shards });
      assert.equal(server.gateway.counts.identified, shards === 'auto' ? 2 : 3);
      const one = slash(server, 'says');
      await until(() => one.answers.length > 0, 'an answer');
      assert.deepEqual(server.faults, []);
    }
  });
});

describe('shards', { concurrency: true }, () => {
  it('begin no faster than Discord allows, and serve their own guilds', async (t) => {
    const server = await startServer(t, { shards: 2, concurrency: 1 });
    const bot = await createTestServices(t);
    addCommands(bot, says('노래'));
    await connect(server, bot);
    assert.equal(server.gateway.counts.identified, 2);
    const one = slash(server, 'says');
    await until(() => one.answers.length > 0, 'an answer');
    // A guild of the other shard, over the same models.
    const guild = String(BigInt(server.guild) + (1n << 22n));
    const two = slash(server, 'ballad', { length: 20 }, { guild });
    await until(() => isWhole(two), 'an answer of the other shard');
    assert.deepEqual(
      await bot.services.models.loaded().then((all) => all.length),
      1,
      'one copy of the model',
    );
    assert.deepEqual(server.faults, []);
  });

  it('are not begun where the connections of the day are used up: that is said, with when to come back', async (t) => {
    const server = await startServer(t, { shards: 2, sessions: 1 });
    const bot = await createTestServices(t);
    await assert.rejects(connect(server, bot), (error) => {
      assert.ok(error instanceof UserError && error.code === 'discordSessions');
      assert.match(error.text('en'), /start again after \d{4}-\d\d-\d\dT/);
      return true;
    });
    assert.equal(server.gateway.counts.identified, 0);
  });
});

describe('a start', () => {
  it('is refused in clear words with a wrong token, by REST or by the gateway', async (t) => {
    const server = await startServer(t);
    const bot = await createTestServices(t);
    await assert.rejects(connect(server, bot, { token: 'MTIz.wrong.token' }), isError('discordToken'));
    server.gateway.refuseWith = 4004;
    await assert.rejects(connect(server, bot), isError('discordToken'));
    server.gateway.refuseWith = 4011;
    await assert.rejects(connect(server, bot), isError('discordShards'));
  });

  it('says so when Discord cannot be reached', async (t) => {
    const server = await startServer(t);
    const bot = await createTestServices(t);
    await assert.rejects(
      connect(server, bot, { apiUrl: 'http://127.0.0.1:1/api' }),
      isError('discordUnreachable'),
    );
    server.failNext = { pattern: /gateway/, status: 503, times: 99 };
    await assert.rejects(connect(server, bot), isError('discordUnreachable'));
  });

  it('leaves when Discord closes for good later on', async (t) => {
    const { server, exits } = await startTestBot(t);
    server.gateway.disconnect(4004);
    await until(() => exits.length > 0, 'leaving');
    assert.deepEqual(exits, [1]);
  });
});

describe('what Discord refuses', { concurrency: true }, () => {
  it('an acknowledgement that is late: nothing runs, nothing breaks', async (t) => {
    const { server, ...bot } = await startTestBot(t, { deadlineMs: 0 });
    let runs = 0;
    const command = says('노래');
    addCommands(bot, { ...command, run: async () => void runs++ });
    slash(server, 'says');
    type(server, 'ballad', 'model', '');
    await until(() => bot.logged.filter(({ level }) => level === 40).length === 2, 'warnings');
    assert.equal(runs, 0);
  });

  it('an expired token: the rest is said in the channel, if we may', async (t) => {
    const { server, ...bot } = await startTestBot(t, { tokenMs: 800 });
    addCommands(bot, grows(100, 10));
    const one = slash(server, 'grows');
    await until(() => server.messages.some(({ text }) => text.endsWith('끝')), 'the end');
    const last = server.messages.find(({ text }) => text.endsWith('끝'))!;
    assert.ok(last !== one.original);
    assert.equal(last.channel, server.channel);
    const user = '555555555555555555';
    const mute = slash(server, 'grows', {}, { botPermissions: 0n, user });
    await until(
      () => server.directTo(user).some(({ text }) => text.includes('끝')),
      'the end, told to the asker',
    );
    assert.match(server.directTo(user)[0]!.text, /끝\n.*15분보다 오래/);
    assert.ok(!mute.text.includes('끝'));
    assert.deepEqual(server.faults, []);
    server.mayDirect = false;
    slash(server, 'grows', {}, { botPermissions: 0n });
    await until(
      () => bot.logged.some(({ msg }) => msg === 'the answer was not delivered'),
      'a line in the log',
    );
  });

  it('an expired token of a private answer, or of an error: the asker alone is told, in a direct message', async (t) => {
    const { server, ...bot } = await startTestBot(t, { tokenMs: 300 });
    addCommands(bot, whispers(600), { ...breaks(600), name: 'fails' });
    const [user, other] = ['555555555555555555', '666666666666666666'];
    slash(server, 'whispers', {}, { user, locale: 'en-US' });
    slash(server, 'fails', {}, { user: other, locale: 'en-US' });
    await until(() => server.directTo(user).length > 0 && server.directTo(other).length > 0, 'both');
    assert.match(server.directTo(user)[0]!.text, /^속삭임\n.*15 minutes/);
    assert.match(server.directTo(other)[0]!.text, /^Something went wrong.*\n\n.*15 minutes/);
    const inChannel = server.messages.filter(({ channel }) => channel === server.channel);
    assert.ok(!inChannel.some(({ text }) => /속삭임|went wrong/.test(text)));
    assert.deepEqual(server.faults, []);
  });

  it('a call now and then: it is sent again', async (t) => {
    const { server, ...bot } = await startTestBot(t);
    addCommands(bot, says('노래'));
    server.failNext = { pattern: /^PATCH/, status: 500, times: 2 };
    const one = slash(server, 'says');
    await until(() => one.answers.length > 0, 'an answer');
    assert.equal(one.answers.length, 1);
    server.failNext = { pattern: /^(PATCH|DELETE)/, status: 500, times: 99 };
    slash(server, 'says');
    await until(
      () => bot.logged.some(({ msg, outcome }) => msg === 'command' && outcome === 'failed'),
      'a failure',
    );
    server.failNext = undefined;
    const after = slash(server, 'says');
    await until(() => after.answers.length > 0, 'an answer after the failure');
  });

  it('a call whose answer is lost: nothing is said twice, and everything once', async (t) => {
    const { server, ...bot } = await startTestBot(t);
    const text = Array.from({ length: 900 }, (_, i) => `${i}번째 줄을 노래해요`).join('\n');
    addCommands(bot, says(text), { ...breaks(0), name: 'fails' });
    for (const pattern of [/callback$/, /^PATCH/]) {
      server.failNext = { pattern, status: 502, times: 1, isDone: true };
      const one = slash(server, 'says');
      await until(() => one.answers.at(-1)?.text.includes('899번째') === true, String(pattern));
      assert.equal(one.answers.length, 3);
      assert.equal(server.failNext.times, 0);
    }
    server.failNext = { pattern: /^POST .webhooks/, status: 503, times: 1 };
    const refused = slash(server, 'says');
    await until(
      () => refused.answers.at(-1)?.text.includes('899번째') === true,
      'what was not taken at first',
    );
    for (const status of [500, 504]) {
      const before = server.messages.length;
      server.failNext = { pattern: /^POST .webhooks/, status, times: 1, isDone: true };
      slash(server, 'fails');
      await until(
        () => bot.logged.some(({ msg }) => msg === 'the answer was not delivered'),
        'a line in the log',
      );
      assert.equal(server.messages.length, before + 2, '"thinking" and one error');
      (bot.logged as unknown[]).length = 0;
    }
    // The acknowledgement was sent again, as it must be.
    assert.match(String(server.faults), /^POST [^ ]+callback: Interaction has already been acknowledged\.$/);
  });

  it('an acknowledgement that somebody else gave: nothing runs', async (t) => {
    const { server, ...bot } = await startTestBot(t);
    addCommands(bot, says('노래'));
    await connect(server, bot, { adminRoles: [], shards: 1 });
    const one = slash(server, 'says');
    await until(() => one.answers.length > 0, 'an answer');
    await until(
      () => bot.logged.some(({ msg }) => /not ours to answer/.test(String(msg))),
      'a line in the log',
    );
    assert.equal(one.answers.length, 1);
    const commands = () => bot.logged.filter(({ msg }) => msg === 'command').length;
    await until(() => commands() > 0, 'the end of the command');
    assert.equal(commands(), 1);
  });

  it('an edit of a message that somebody has removed: nobody is told again', async (t) => {
    const { server, ...bot } = await startTestBot(t);
    addCommands(bot, grows(220, 10));
    const one = slash(server, 'grows');
    await until(() => one.answers.length > 0, 'the beginning');
    one.original!.isDeleted = true;
    await until(() => bot.logged.some(({ msg }) => msg === 'command'), 'the end');
    assert.equal(
      one.answers.filter(({ text }) => text.endsWith('끝')).length,
      1,
      'the end is told all the same',
    );
    assert.deepEqual(server.faults, []);
  });
});

describe('the log', () => {
  it('carries neither tokens nor what people wrote, whatever Discord refuses', async (t) => {
    const { server, ...bot } = await startTestBot(t);
    addCommands(bot, says('아무도 모르는 노래'));
    server.failNext = { pattern: /^(PATCH|POST|DELETE) .webhooks/, status: 400, times: 99 };
    const one = slash(server, 'says');
    await until(() => bot.logged.some(({ msg }) => msg === 'command'), 'the end');
    const text = JSON.stringify(bot.logged, (_, value) =>
      value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value,
    );
    assert.ok(text.includes('DiscordRefusal') || text.includes('Discord:'));
    assert.ok(!text.includes(one.token));
    assert.ok(!text.includes('아무도 모르는'));
  });
});
