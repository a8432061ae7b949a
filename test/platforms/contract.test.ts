/** Every command over the terminal, Discord and Slack; and the same lyric on each. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCommands } from '../../src/commands/index.ts';
import { everyCommandHasACase, MENTIONS, testPlatform } from './contract.ts';
import { type Given, openDiscord, openSlack, openTerminal } from './stages.ts';

it('every command has a case', everyCommandHasACase);

const PLATFORMS = { 'the terminal': openTerminal, Discord: openDiscord, Slack: openSlack };
for (const [name, open] of Object.entries(PLATFORMS)) describe(`on ${name}`, () => testPlatform(open));

it('the same options and seed give the same lyrics and facts on every platform', async (t) => {
  const ballad = createCommands({ maxLength: 5000, maxTrainingBytes: 1 }).find(
    ({ name }) => name === 'ballad',
  )!;
  const stages = await Promise.all(Object.values(PLATFORMS).map((open) => open(t)));
  const orders: readonly Given[] = [
    { prime_text: '사랑은', seed: 7, length: 40, temperature: 0.7 },
    { prime_text: MENTIONS, seed: 8, length: 30 },
    { prime_text: '밤: 온도:2 "인용" temperature', seed: 9, length: 20, count: 3, model: 'ballad', top_k: 5 },
    { seed: 2 ** 31 - 1, length: 300, temperature: 2, top_p: 0.9 },
  ];
  for (const locale of ['ko', 'en'] as const) {
    for (const order of orders) {
      const answers = await Promise.all(
        stages.map((stage) => stage.give(ballad, order, { locale, admin: false, name: `singer${locale}` })),
      );
      const [first, ...others] = answers.map(({ outcome, lyrics, facts }) => {
        const { time: _, 시간: __, ...same } = facts;
        return { outcome, lyrics, facts: same };
      });
      assert.equal(first!.outcome, 'answered');
      assert.equal(first!.lyrics.length, order.count ?? 1);
      assert.ok(first!.lyrics.every((lyric) => lyric.startsWith(String(order.prime_text ?? ''))));
      const labels =
        locale === 'ko' ? ['모델', '온도', '시드', '길이'] : ['model', 'temperature', 'seed', 'length'];
      assert.deepEqual(Object.keys(first!.facts), labels);
      for (const other of others) assert.deepEqual(other, first);
    }
  }
  for (const stage of stages) assert.deepEqual(stage.faults(), [], stage.name);
});
