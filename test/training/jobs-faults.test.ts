import assert from 'node:assert/strict';
import test from 'node:test';
import { endureFaults } from './fixtures/faults.ts';

test('jobs end as if nothing had happened, whoever is killed when (a short form of the long test)', async (t) => {
  const { jobs, kills } = await endureFaults(t, { kills: 6, killsPerJob: 6, seed: 1 });
  assert.equal(jobs, 1);
  assert.equal(kills.bot + kills.child + kills.both, 6);
});
