/**
 * One bot on Discord and Slack at once, 200 commands in 10 seconds on each, while both refuse calls and break
 * connections: every command is acknowledged in time and answered once, a message only grows, and memory stays.
 */
import assert from 'node:assert/strict';
import os from 'node:os';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connect, isWhole, startServer, until } from '../discord/bot.ts';
import { addCommands, grows } from '../discord/commands-for-tests.ts';
import type { StoredInteraction } from '../discord/messages.ts';
import { slash } from '../discord/people.ts';
import type { DiscordServer } from '../discord/server.ts';
import { readable, Workspace } from '../slack/workspace.ts';
import { createTestServices } from '../support/services.ts';

/** Of each half, on each platform. */
const COMMANDS = 100;
const MS = 5000;
/** In each half something goes wrong when so many commands are given. */
const TROUBLE_AT = 40;
/** The chats give 3 s; on a machine that others use as well everything takes longer. */
const DEADLINE_MS = 3000 * Math.max(1, (os.loadavg()[0] ?? 1) / os.availableParallelism());
/** What a leak of a few kilobytes a command would come to. */
const MOST_GROWTH = 3e6;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

type Trouble = (acknowledged: readonly Promise<number>[]) => void | Promise<void>;

/** One in twenty grows for so long that it is edited, one in ten is private, the others are lyrics. */
const kindOf = (i: number) => (i % 20 === 7 ? 'grows' : i % 10 === 3 ? 'models' : 'ballad');

it('200 commands in 10 s on Discord and on Slack', async (t) => {
  const bot = await createTestServices(t);
  addCommands(bot, grows(60, 50));
  const discord = await startServer(t, { deadlineMs: DEADLINE_MS });
  await connect(discord, bot);
  const slack = await Workspace.open(t, { bot });
  slack.server.ackMs = DEADLINE_MS;
  for (let i = 0; i < 10; i++) slack.server.channels.add(`C${i}`);
  await bot.services.models.use({ platform: 'discord', id: discord.guild }, undefined, async () => {});

  const first = await half(0, () => {
    discord.limits.refuseNext(/^PATCH /, 0.8);
    slack.server.fail(
      'chat.postMessage',
      ...Array.from({ length: 3 }, () => ({ status: 429, retryAfter: 1 })),
    );
    slack.server.fail('chat.update', { status: 429, retryAfter: 1 });
  });
  const second = await half(COMMANDS, async (acknowledged) => {
    discord.gateway.disconnect(4000);
    // Slack would deliver again what it has not seen acknowledged; this test server does not.
    await Promise.all(acknowledged);
    const { connections } = slack.server;
    slack.server.refresh();
    await slack.until(() => slack.server.connections > connections && slack.server.isConnected);
  });
  assert.ok(discord.limits.refused > 0, 'Discord has refused calls');
  assert.equal(discord.gateway.counts.resumed, 1);
  assert.equal(slack.server.connections, 2);
  assert.deepEqual(discord.faults, []);
  assert.deepEqual(slack.server.violations, []);
  t.diagnostic(`heap after each half: ${first / 1e6} MB, ${second / 1e6} MB`);
  assert.ok(second - first < MOST_GROWTH, `the heap grew from ${first} to ${second} bytes`);

  /** Returns the bytes of the heap when all is answered. */
  async function half(from: number, trouble: Trouble): Promise<number> {
    const given: StoredInteraction[] = [];
    const acknowledged: Promise<number>[] = [];
    const start = performance.now();
    for (let i = 0; i < COMMANDS; i++) {
      if (i === TROUBLE_AT) await trouble(acknowledged);
      await sleep(Math.max(0, start + (i * MS) / COMMANDS - performance.now()));
      const seed = from + i;
      const kind = kindOf(i);
      const isLyric = kind === 'ballad';
      given.push(slash(discord, kind, isLyric ? { length: 60, seed } : {}));
      const text = isLyric ? `length:60 seed:${seed}` : '';
      acknowledged.push(slack.command(`/${kind}`, text, { user: `U${seed}`, channel: `C${i % 10}` }));
    }
    await Promise.all(acknowledged);
    await until(() => given.every(isAnswered), 'all answers on Discord');
    await slack.until(() => slack.server.messages.filter(isEnded).length >= COMMANDS);
    await until(() => bot.logged.filter(({ msg }) => msg === 'command').length === 2 * COMMANDS, 'all ends');
    checkDiscord(given);
    checkSlack(slack, from);
    return heapWithout(discord, slack);
  }

  function heapWithout(server: DiscordServer, { server: other, logged }: Workspace): number {
    const kept: { length: number }[] = [server.messages, server.interactions, server.requests];
    kept.push(other.messages, other.calls, bot.logged as unknown[], logged);
    for (const list of kept) list.length = 0;
    collect();
    return process.memoryUsage().heapUsed;
  }
});

function isAnswered(one: StoredInteraction, i: number): boolean {
  const kind = kindOf(i);
  return kind === 'ballad'
    ? isWhole(one)
    : kind === 'grows'
      ? one.text.endsWith('끝')
      : one.answers.length > 0;
}

const isEnded = ({ deleted, text, blocks, user }: Workspace['server']['messages'][number]): boolean =>
  !deleted && (user !== undefined || text.endsWith('끝') || blocks.some(({ type }) => type === 'actions'));

function checkDiscord(given: readonly StoredInteraction[]): void {
  for (const [i, one] of given.entries()) {
    assert.ok(one.response!.afterMs < DEADLINE_MS);
    assert.equal(one.answers.length, 1, `${kindOf(i)} is answered once`);
    onlyGrows(one.answers[0]!.states.map(({ embeds }) => embeds?.[0]?.description ?? ''));
  }
}

function checkSlack({ server }: Workspace, from: number): void {
  const messages = server.messages.filter(({ deleted }) => !deleted);
  assert.equal(messages.length, COMMANDS);
  const seeds = messages.flatMap((message) => {
    const seed = /시드 (\d+)/.exec(readable(message))?.[1];
    return seed === undefined ? [] : [Number(seed) - from];
  });
  const ballads = Array.from({ length: COMMANDS }, (_, i) => i).filter((i) => kindOf(i) === 'ballad');
  assert.deepEqual(
    seeds.sort((a, b) => a - b),
    ballads,
  );
  for (const { states, user } of messages) if (user === undefined) onlyGrows(states);
}

/** Each state of a message begins with the one before, but for what marks its end. */
function onlyGrows(states: readonly string[]): void {
  for (const [i, state] of states.entries()) {
    if (i > 0)
      assert.ok(state.startsWith(states[i - 1]!.replace(/끝?\s*$/, '')), `${states[i - 1]}, then ${state}`);
  }
}
