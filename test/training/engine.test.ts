/** Which engine a job gets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAddon } from '../../src/engine/tensorflow/addon.ts';
import { engineOf } from '../../src/training/engine.ts';
import type { TrainingJob } from '../../src/training/job.ts';
import type { EngineOrder } from '../../src/training/protocol.ts';
import { train } from '../../src/training/trainer.ts';
import { smallJob, temporaryFolder, testEngine } from './fixtures/runs.ts';

/** Starts a job on an engine and stops it after its first update. */
async function interrupt(job: TrainingJob, order: EngineOrder): Promise<void> {
  const stop = new AbortController();
  const { engine, choice } = await engineOf(job, order);
  for await (const { type } of train(job, { engine, choice, signal: stop.signal }))
    if (type === 'step') stop.abort();
}

test('a run that goes on has the engine, threads and build that it was begun with', async (t) => {
  const job = await smallJob(await temporaryFolder(t), { maxEpochs: 1000, patience: 0 });
  await interrupt(job, { engine: 'wasm', threads: 1, build: 'simd8' });
  const resumed = { ...job, resume: 'if-possible' } as const;
  const { choice } = await engineOf(resumed, { engine: 'wasm', threads: 2, build: 'relaxed8' });
  assert.deepEqual(choice, { engine: 'wasm', threads: 1, build: 'simd8' });
  const anew = await engineOf(job, { engine: 'wasm', threads: 2, build: 'relaxed8' });
  assert.deepEqual(anew.choice, { engine: 'wasm', threads: 2, build: 'relaxed8' });
});

test('the build that was measured is recorded, not that none was asked for', async (t) => {
  const job = await smallJob(await temporaryFolder(t), { maxEpochs: 1000, patience: 0 });
  await interrupt(job, { engine: 'wasm', threads: 1 });
  const { choice } = await engineOf({ ...job, resume: 'required' }, { build: 'simd8' });
  assert.match(choice.build!, /^relaxed/);
});

test('a run whose engine is gone goes on with the one that is ordered', {
  skip: findAddon() && 'TensorFlow is there',
}, async (t) => {
  const job = await smallJob(await temporaryFolder(t), { maxEpochs: 1000, patience: 0 });
  const stop = new AbortController();
  const running = train(job, {
    engine: await testEngine(),
    choice: { engine: 'tensorflow', threads: undefined },
    signal: stop.signal,
  });
  for await (const { type } of running) if (type === 'step') stop.abort();
  const { choice } = await engineOf({ ...job, resume: 'required' }, { engine: 'wasm', build: 'simd8' });
  assert.equal(choice.engine, 'wasm');
  assert.equal(choice.build, 'simd8');
});
