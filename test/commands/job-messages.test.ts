/** Messages of trainings over restarts, decisions and resumptions: rows and files as an earlier process left them. */
import assert from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { jobMessage } from '../../src/commands/job-message.ts';
import type { LiveMessage, Message } from '../../src/commands/message.ts';
import { type JobChanges, JobStore } from '../../src/store/jobs.ts';
import { resolveSettings } from '../../src/training/settings.ts';
import { temporaryFolder, writeCheckpoint } from '../support/checkpoint.ts';
import { request } from '../support/platform.ts';
import { openTestServices } from '../support/services.ts';
import { until } from '../support/until.ts';

const HERE = { platform: 'test', id: 'somewhere' };

/** Everything that one message has said, and at last. */
class Told implements LiveMessage {
  readonly ref = { channel: '7' };
  readonly updates: Message[] = [];
  readonly finished: Message[] = [];

  update(message: Message): void {
    this.updates.push(message);
  }

  async finish(message: Message): Promise<void> {
    this.finished.push(message);
  }

  async fail(): Promise<void> {}
}

/** A job as an earlier process left it, with its message. */
async function setUp(t: TestContext, changes: Partial<JobChanges>) {
  const folder = temporaryFolder(t);
  const own = path.join(folder, 'var', 'jobs', 'abc');
  await mkdir(own, { recursive: true });
  const ballad = await writeCheckpoint(folder, 'ballad');
  await cp(ballad, path.join(own, 'model.safetensors'));
  await writeFile(path.join(own, 'input.txt'), '밤\n');
  const store = await JobStore.open(path.join(folder, 'var', 'jobs.db'));
  const order = {
    user: 'someone',
    locale: 'en',
    name: 'songs',
    textName: 'songs.txt',
    baseName: null,
    baseFile: null,
    replays: false,
    settings: resolveSettings({}),
    estimatedSeconds: null,
  };
  const { id } = store.add({ place: HERE, folder: 'abc', order, createdAt: Date.now() });
  for (const step of [1, 2, 3]) {
    store.addPoint(id, { step, epoch: step, loss: 4 - step, valLoss: null, baseLoss: null });
  }
  store.update(id, { endedAt: Date.now(), message: { channel: '7' }, ...changes });
  store.close();
  const bot = await openTestServices(t, folder);
  const told: Told[] = [];
  bot.services.messages.register('test', () => {
    const message = new Told();
    told.push(message);
    return message;
  });
  const give = async (command: string, options: Record<string, string | number>) => {
    const one = request(command, options, { place: HERE, isAdmin: () => true });
    assert.equal(await bot.dispatcher.dispatch(one), 'answered', one.reply.failures[0]);
  };
  return { ...bot, id, told, give };
}

const outcome = {
  losses: { newText: { before: 5, after: 2 }, base: null },
  verdict: 'publish',
  samples: [],
  epochs: 3,
  seconds: 60,
};

describe('the message of a training', () => {
  it('says in the end what was decided while its picture was drawn', async (t) => {
    const { services, told, give, id } = await setUp(t, { state: 'done', outcome });
    await services.jobMessages.resume();
    await give('settle', { as: 'discard', job: id });
    await until(() => told.flatMap(({ finished }) => finished).length === 2, 'both are told');
    for (const message of told.flatMap(({ finished }) => finished)) {
      assert.deepEqual(message.actions, []);
      assert.match(JSON.stringify(message.blocks), /discarded/);
    }
  });

  it('goes on where a training that has failed goes on', async (t) => {
    const reason = { code: 'trainingCrashed', facts: { reason: 'SIGKILL' } };
    const { services, told, give, id } = await setUp(t, {
      state: 'failed',
      reason,
      message: { channel: '7', told: 'failed' },
    });
    await services.jobMessages.resume();
    assert.equal(told.length, 0, 'its end is told already');
    await give('resume', { job: id });
    await until(() => told[0]?.finished.length === 1, 'its new end');
    assert.match(JSON.stringify(told[0]!.updates[0]!.blocks), /waits for its turn|training songs/);
    assert.match(JSON.stringify(told[0]!.finished[0]!.blocks), /failed: songs\.txt/);
  });

  it('names what a chat has options for where a training failed, not those of a script', async (t) => {
    const facts = { step: 7, loss: 'NaN', learningRate: 0.002 };
    const { services, id } = await setUp(t, { state: 'failed', reason: { code: 'trainingExploded', facts } });
    const view = await services.training.get(HERE, id);
    const [note] = jobMessage(view).blocks;
    assert.ok(note?.kind === 'note');
    assert.match(note.text, /exploded to NaN at step 7.*another seed, or another model as base/);
    assert.doesNotMatch(note.text, /--/);
    const [korean] = jobMessage({ ...view, locale: 'ko' }).blocks;
    assert.match(JSON.stringify(korean), /'시드'를 바꾸거나 '바탕'으로/);
  });
});
