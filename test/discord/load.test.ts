/** Many commands at once on Discord: each acknowledged in time, each answered, in order within an answer. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestBot, until } from './bot.ts';
import type { StoredInteraction } from './messages.ts';
import { slash } from './people.ts';

const COMMANDS = 200;
const SECONDS = 3;

describe('many commands on Discord', () => {
  it(`${COMMANDS} in ${SECONDS} s are all acknowledged in time and answered, whatever the rate limits`, async (t) => {
    const { server, ...bot } = await startTestBot(t);
    await bot.services.models.use(undefined, async () => {});
    const before = process.memoryUsage().heapUsed;
    const order = { prime_text: '사랑은', length: 200 };
    const given: StoredInteraction[] = [];
    for (let i = 0; i < COMMANDS; i++) {
      given.push(i % 10 === 0 ? slash(server, 'models') : slash(server, 'ballad', { ...order, seed: i }));
      await sleep((SECONDS * 1000) / COMMANDS);
    }
    await until(() => given.every((one) => one.answers.length > 0), 'all answers');
    const slowest = Math.max(...given.map((one) => one.response!.afterMs));
    assert.ok(slowest < 1500, `the slowest acknowledgement took ${slowest} ms`);
    for (const one of given) {
      assert.equal(one.answers.length, 1);
      const [first, last] = [one.answers[0]!.states[0]!, one.answers[0]!.body];
      const start = first.embeds![0]!.description!.slice(0, 20);
      assert.ok(last.embeds![0]!.description!.startsWith(start), 'a lyric only grows');
    }
    assert.deepEqual(server.faults, []);
    await bot.dispatcher.close(1000);
    assert.ok(process.memoryUsage().heapUsed - before < 150e6);
  });
});
