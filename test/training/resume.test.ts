import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, readFile, rm, truncate } from 'node:fs/promises';
import test from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import { UserError } from '../../src/errors.ts';
import { trainingStateFile } from '../../src/store/training-state.ts';
import type { TrainingJob } from '../../src/training/job.ts';
import type { TrainingProgress } from '../../src/training/progress.ts';
import type { TrainSettings } from '../../src/training/settings.ts';
import { train } from '../../src/training/trainer.ts';
import { collect, ofType, smallJob, temporaryFolder, testEngine } from './fixtures/runs.ts';

const code = (wanted: string) => (error: unknown) => error instanceof UserError && error.code === wanted;

/** Trains until `stop` says so of an event, then cancels. */
async function trainUntil(job: TrainingJob, engine: Engine, stop: (event: TrainingProgress) => boolean) {
  const controller = new AbortController();
  const events: TrainingProgress[] = [];
  for await (const event of train(job, { engine, signal: controller.signal })) {
    events.push(event);
    if (stop(event)) controller.abort();
  }
  return events;
}

const KINDS: Record<string, Partial<TrainSettings>> = {
  'lstm, adamw, blocks': {},
  'dropout, half of the run a cooldown': { dropout: 0.3, recurrentDropout: 0.2, cooldown: 0.5 },
  'gru, rmsprop, streams, char-rnn': {
    model: 'gru',
    optimizer: 'rmsprop',
    split: 'streams',
    schedule: 'char-rnn',
    learningRateDecayAfter: 1,
  },
  'tied rnn, adam, patience': {
    model: 'rnn',
    tieWeights: true,
    optimizer: 'adam',
    patience: 1,
    learningRate: 0.2,
  },
};

for (const [name, settings] of Object.entries(KINDS)) {
  test(`a run that is stopped again and again ends with the bits of one that never stopped: ${name}`, async (t) => {
    const engine = await testEngine();
    const whole = await smallJob(await temporaryFolder(t), settings);
    const [done] = ofType(await collect(train(whole, { engine })), 'done');

    const job = await smallJob(await temporaryFolder(t), settings);
    let events = await trainUntil(job, engine, (event) => event.type === 'step' && event.step === 3);
    let resumed = 0;
    while (events.at(-1)?.type === 'stopped') {
      resumed++;
      const [{ step: from } = { step: 0 }] = ofType(events, 'stopped');
      const stopAt = from + 1 + ((from * 7) % 20);
      const again = { ...job, resume: 'required' } as const;
      events = await trainUntil(again, engine, (event) => event.type === 'step' && event.step === stopAt);
      assert.equal(ofType(events, 'started')[0]!.step, from);
    }
    assert.ok(resumed > 3, 'it was stopped often');
    const [again] = ofType(events, 'done');
    assert.deepEqual([again!.valLoss, again!.epochs], [done!.valLoss, done!.epochs]);
    assert.deepEqual(await readFile(job.checkpoint), await readFile(whole.checkpoint));
  });
}

test('a run that is cancelled while it validates does so when it is resumed', async (t) => {
  const engine = await testEngine();
  const whole = await smallJob(await temporaryFolder(t));
  await collect(train(whole, { engine }));

  const job = await smallJob(await temporaryFolder(t));
  const stepsPerEpoch = ofType(await trainUntil(job, engine, ({ type }) => type === 'started'), 'started')[0]!
    .stepsPerEpoch;
  const first = await trainUntil(
    job,
    engine,
    (event) => event.type === 'step' && event.step === stepsPerEpoch,
  );
  assert.equal(ofType(first, 'validated').length, 0, 'cancelled before the validation');
  await collect(train({ ...job, resume: 'required' }, { engine }));
  assert.deepEqual(await readFile(job.checkpoint), await readFile(whole.checkpoint));
});

test('a run that is complete says so again when it is resumed, and changes nothing', async (t) => {
  const engine = await testEngine();
  const job = await smallJob(await temporaryFolder(t), { maxEpochs: 1 });
  const [done] = ofType(await collect(train(job, { engine })), 'done');
  const before = await readFile(job.checkpoint);
  const events = await collect(train({ ...job, resume: 'required' }, { engine }));
  assert.equal(ofType(events, 'step').length, 0);
  assert.equal(ofType(events, 'done')[0]!.valLoss, done!.valLoss);
  assert.deepEqual(await readFile(job.checkpoint), before);
});

test('resuming is refused with other settings, other data, or nothing to resume', async (t) => {
  const engine = await testEngine();
  const job = await smallJob(await temporaryFolder(t));
  const resume = (changed: Partial<TrainingJob>) =>
    collect(train({ ...job, resume: 'required', ...changed }, { engine }));
  await assert.rejects(resume({}), code('resumeNothing'));
  await trainUntil(job, engine, ({ type }) => type === 'step');

  const settings = { ...job.settings, learningRate: 0.5, seqLength: 20 };
  await assert.rejects(
    resume({ settings }),
    (error: unknown) =>
      code('resumeSettings')(error) &&
      /--seq-length 16 -> 20, --learning-rate 0.01 -> 0.5/.test(String(error)),
  );
  await assert.rejects(resume({ initFrom: 'other.safetensors' }), code('resumeSettings'));
  await assert.rejects(resume({ dtype: 'float16' }), code('resumeSettings'));
  await appendFile(job.data, '새 줄\n');
  await assert.rejects(resume({}), code('resumeData'));
  assert.ok(existsSync(trainingStateFile(job.checkpoint)), 'a refusal costs nothing');
});

test('`if-possible` starts anew where there is nothing; a damaged state is said', async (t) => {
  const engine = await testEngine();
  const job = {
    ...(await smallJob(await temporaryFolder(t), { maxEpochs: 1 })),
    resume: 'if-possible' as const,
  };
  const first = await trainUntil(job, engine, (event) => event.type === 'step' && event.step === 4);
  assert.equal(ofType(first, 'started')[0]!.step, 0);
  await truncate(trainingStateFile(job.checkpoint), 1000);
  await assert.rejects(collect(train(job, { engine })), UserError);
});

test('a run whose checkpoint was removed makes another', async (t) => {
  const engine = await testEngine();
  const job = await smallJob(await temporaryFolder(t), { maxEpochs: 2 });
  await collect(train(job, { engine }));
  await rm(job.checkpoint);
  const events = await collect(train({ ...job, resume: 'required' }, { engine }));
  assert.equal(ofType(events, 'step').length, 0);
  assert.ok(existsSync(job.checkpoint));
});
