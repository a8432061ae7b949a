import assert from 'node:assert/strict';
import test from 'node:test';
import { endureMessageFaults } from './training-faults.ts';

test('3 trainings are told of once each, though bot, child or both are killed at 12 random moments', async (t) => {
  const { jobs, kills } = await endureMessageFaults(t, { kills: 12, killsPerJob: 4, seed: 20_261_127 });
  assert.equal(jobs, 3);
  assert.equal(kills.bot + kills.child + kills.both, 12);
});
