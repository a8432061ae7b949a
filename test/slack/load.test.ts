/** Many commands at once: every one acknowledged in time and answered once. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readable, Workspace } from './workspace.ts';

const COMMANDS = 200;
const WITHIN_MS = 4000;

it('answers 200 commands of many people in a few seconds', async (t) => {
  const w = await Workspace.open(t);
  w.server.channels.add('C2');
  await Promise.all(
    Array.from({ length: COMMANDS }, async (_, i) => {
      await sleep((i * WITHIN_MS) / COMMANDS);
      const order = `${i}: length:20 seed:${i}`;
      return w.command('/ballad', order, { user: `U${i}`, channel: i % 2 === 0 ? 'C1' : 'C2' });
    }),
  );
  await w.until(() => w.server.messages.filter(({ blocks }) => blocks.length > 2).length === COMMANDS);
  const seeds = w.server.messages.map((message) => Number(/시드 (\d+)/.exec(readable(message))?.[1]));
  assert.deepEqual(
    seeds.sort((a, b) => a - b),
    Array.from({ length: COMMANDS }, (_, i) => i),
  );
  // An acknowledgement after three seconds is a violation.
  assert.deepEqual(w.server.violations, []);
});
