import assert from 'node:assert/strict';
import test from 'node:test';
import { endureMessageFaults } from './training-faults.ts';

test('a training is told of as if nothing had happened, whoever is killed when (a short form of the long test)', async (t) => {
  const { jobs, kills } = await endureMessageFaults(t, { kills: 2, killsPerJob: 2, seed: 30 });
  assert.equal(jobs, 1);
  assert.equal(kills.bot + kills.child + kills.both, 2);
});
