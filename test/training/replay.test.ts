/** Going on from a network: what is replayed, what is measured, what is sung; and that it can be resumed. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import { UserError } from '../../src/errors.ts';
import type { Checkpoint } from '../../src/model/checkpoint.ts';
import { growVocabulary } from '../../src/model/grow.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { estimateSeconds } from '../../src/training/estimate.ts';
import { evaluateParts } from '../../src/training/evaluate.ts';
import type { TrainingJob } from '../../src/training/job.ts';
import { partsOf } from '../../src/training/prepare.ts';
import { readBase } from '../../src/training/replay.ts';
import { DEFAULTS, type TrainSettings } from '../../src/training/settings.ts';
import type { Segment } from '../../src/training/split.ts';
import { train } from '../../src/training/trainer.ts';
import { collect, lyrics, ofType, smallJob, temporaryFolder, testEngine } from './fixtures/runs.ts';

const NEW_TEXT = lyrics(20, 2).replaceAll('바람', '폭풍').replaceAll('노래', 'song');
const FINE = { maxEpochs: 3, trainFrac: 0.8, valFrac: 0.2, replay: 0.4, batchSize: 3 };

/** A job that goes on from a network which was trained on a base text for a moment. */
async function fineTuning(t: TestContext, engine: Engine, settings: Partial<TrainSettings> = {}) {
  const folder = await temporaryFolder(t);
  const base = path.join(folder, 'base.txt');
  await writeFile(base, lyrics(40, 1));
  const parentJob = { ...(await smallJob(folder, { maxEpochs: 2 })), data: base };
  const parent = { ...parentJob, checkpoint: path.join(folder, 'parent.safetensors') };
  await collect(train(parent, { engine }));
  const job = await smallJob(folder, { ...FINE, ...settings }, NEW_TEXT);
  return { ...job, initFrom: parent.checkpoint, replayData: base } satisfies TrainingJob;
}

test('losses before and after are those of the parent, grown, and of the checkpoint, on what was held out', async (t) => {
  const engine = await testEngine();
  const job = await fineTuning(t, engine);
  const events = await collect(train(job, { engine }));
  const [started] = ofType(events, 'started');
  const [done] = ofType(events, 'done');
  const own = started!.characters.train;
  assert.ok(Math.abs(started!.replayed / (own + started!.replayed) - 0.4) < 0.02);
  assert.equal(started!.newCharacters, 6);

  const loss = async (checkpoint: Checkpoint, heldOut: readonly Segment[]) => {
    const { nats, chars } = await evaluateParts(engine, checkpoint, heldOut, { batchSize: 4, seqLength: 16 });
    return nats / chars;
  };
  const parent = await loadCheckpoint(job.initFrom);
  const before = { ...growVocabulary(parent, NEW_TEXT), training: parent.training };
  const after = await loadCheckpoint(job.checkpoint);
  const newHeldOut = partsOf(await readFile(job.data, 'utf8'), job.settings).val;
  const base = await readBase(job.replayData, after.vocabulary, job.settings.seqLength);
  const { newText, base: baseLosses } = done!.losses!;
  for (const [told, checkpoint, heldOut] of [
    [newText.before, before, newHeldOut],
    [newText.after, after, newHeldOut],
    [baseLosses!.before, before, base.heldOut],
    [baseLosses!.after, after, base.heldOut],
  ] as const) {
    assert.ok(Math.abs(told - (await loss(checkpoint, heldOut))) < 1e-4);
  }
  assert.ok(newText.after < newText.before);
  const validated = ofType(events, 'validated');
  assert.ok(validated.every(({ baseLoss }) => baseLoss !== null));
  assert.equal(done!.valLoss, newText.after);
  assert.deepEqual(after.training.losses, { new_text: newText, base_text: baseLosses });

  const verses = ofType(events, 'sample');
  assert.deepEqual(
    verses.map(({ epoch }) => epoch),
    [0, 1, 2, 3],
  );
  assert.equal(done!.samples.length, 2);
  assert.equal(done!.samples[0]!.before, verses[0]!.text, 'the same seed on the same network');
  for (const { text } of verses) {
    assert.ok(text.trim() !== '' && text.split('\n').length <= 4 && !text.includes('\ufffd'));
  }
});

test('a replaying run that is stopped again and again ends with the bits of one that never stopped', async (t) => {
  const engine = await testEngine();
  const whole = await fineTuning(t, engine);
  const [done] = ofType(await collect(train(whole, { engine })), 'done');
  const job = { ...whole, checkpoint: whole.checkpoint.replace('small', 'again') };
  let last: string;
  let resume: TrainingJob['resume'] = 'never';
  let stops = 0;
  do {
    const controller = new AbortController();
    let steps = 0;
    last = '';
    for await (const event of train({ ...job, resume }, { engine, signal: controller.signal })) {
      if (event.type === 'step' && ++steps === 5 + stops) controller.abort();
      last = event.type;
      if (event.type === 'done') {
        assert.deepEqual([event.losses, event.samples], [done!.losses, done!.samples]);
      }
    }
    resume = 'required';
    stops++;
  } while (last === 'stopped');
  assert.ok(stops > 3);
  assert.deepEqual(await readFile(job.checkpoint), await readFile(whole.checkpoint));
});

test('resuming is refused where the base text has changed or gone; without a replay the base is watched alone', async (t) => {
  const engine = await testEngine();
  const job = await fineTuning(t, engine, { replay: 0, maxEpochs: 1 });
  const events = await collect(train(job, { engine }));
  assert.equal(ofType(events, 'started')[0]!.replayed, 0);
  assert.ok(ofType(events, 'done')[0]!.losses!.base);
  const { replayData, ...without } = job;
  const resume = (changed: TrainingJob) => collect(train({ ...changed, resume: 'required' }, { engine }));
  const refused = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;
  await assert.rejects(resume(without), refused('resumeSettings'));
  await writeFile(replayData, lyrics(41, 1));
  await assert.rejects(resume(job), refused('resumeData'));
});

test('a base makes no sense without a network that learnt it, in streams, or in other characters', async (t) => {
  const engine = await testEngine();
  const job = await fineTuning(t, engine, { maxEpochs: 1 });
  const run = (changed: Partial<TrainingJob>) => collect(train({ ...job, ...changed }, { engine }));
  const refused = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;
  await assert.rejects(run({ initFrom: null }), refused('flagValue'));
  for (const split of ['streams', 'tail'] as const)
    await assert.rejects(run({ settings: { ...job.settings, split } }), refused('flagValue'));
  await writeFile(job.replayData, 'Ünknown\n\n\nÄlso unknown\n\n\nÖnce more\n'.repeat(20));
  await assert.rejects(run({}), refused('replayForeign'));
});

test('songs of the base that hold unknown characters are neither replayed nor measured', async (t) => {
  const file = path.join(await temporaryFolder(t), 'base.txt');
  const text = lyrics(60, 4).replace('사랑', 'X');
  await writeFile(file, text);
  const { train: replayed, heldOut } = await readBase(file, Vocabulary.of(lyrics(60, 4)), 16);
  const { split, batchSize, trainFrac, valFrac } = DEFAULTS;
  const parts = partsOf(text, { split, batchSize, trainFrac, valFrac, seqLength: 16 });
  assert.equal(replayed.length + heldOut.length, parts.train.length + parts.val.length - 1);
  assert.ok([...replayed, ...heldOut].every((segment) => !segment.text.includes('X')));
});

test('a new network is compared with a uniform guess; without a held-out part nothing is told', async (t) => {
  const engine = await testEngine();
  const folder = await temporaryFolder(t);
  const events = await collect(train(await smallJob(folder, { maxEpochs: 1 }), { engine }));
  const { losses, samples } = ofType(events, 'done')[0]!;
  const { vocabulary } = ofType(events, 'started')[0]!;
  assert.equal(losses!.newText.before, Math.log(vocabulary));
  assert.deepEqual([losses!.base, samples], [null, []]);
  const all = await smallJob(folder, { maxEpochs: 1, trainFrac: 1, valFrac: 0 });
  assert.equal(ofType(await collect(train(all, { engine })), 'done')[0]!.losses, null);
});

test('time grows with the epochs, the text and its replay, and shrinks with the speed', () => {
  const work = {
    trained: 9000,
    heldOut: 3000,
    replays: false,
    settings: { replay: 0.25, maxEpochs: 4 },
    charsPerSecond: 100,
  };
  assert.equal(estimateSeconds(work), (4 * 9000 + 5 * 1000) / 100);
  assert.equal(estimateSeconds({ ...work, charsPerSecond: 200 }), estimateSeconds(work) / 2);
  assert.ok(estimateSeconds({ ...work, replays: true }) > (4 * 12_000) / 100);
});
