import assert from 'node:assert/strict';
import test from 'node:test';
import { endureFaults, type FaultReport } from './fixtures/faults.ts';

test('12 jobs end as if nothing had happened, though bot, child or both are killed at 60 random moments', async (t) => {
  const begun = performance.now();
  const onJob = (report: FaultReport) => t.diagnostic(JSON.stringify(report));
  const report = await endureFaults(t, { kills: 60, killsPerJob: 5, seed: 20_261_127, onJob });
  t.diagnostic(JSON.stringify({ ...report, seconds: Math.round((performance.now() - begun) / 1000) }));
  assert.equal(report.jobs, 12);
  assert.equal(report.kills.bot + report.kills.child + report.kills.both, 60);
});
