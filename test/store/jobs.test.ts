import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../src/errors.ts';
import { JobStore, type NewJob } from '../../src/store/jobs.ts';
import { openDatabase } from '../../src/store/sqlite.ts';
import { wasmDriver } from '../../src/store/sqlite-wasm.ts';
import { temporaryFolder } from '../support/checkpoint.ts';

const HERE = { platform: 'discord', id: '1' };
const THERE = { platform: 'slack', id: '1' };

const order = (folder: string, place = HERE): NewJob => ({
  place,
  folder,
  order: { name: '별빛', nested: { text: "'; DROP TABLE jobs; --" } },
  createdAt: 1_000,
});

async function open(t: TestContext) {
  const file = path.join(temporaryFolder(t), 'jobs.db');
  const store = await JobStore.open(file);
  t.after(() => store.close());
  return { file, store };
}

const WRITER = fileURLToPath(new URL('./fixtures/write-jobs.js', import.meta.url));

const code = (wanted: string) => (error: unknown) => error instanceof UserError && error.code === wanted;

test('a job is what was added and changed, also for another connection', async (t) => {
  const { file, store } = await open(t);
  const { id, ...added } = store.add(order('a'));
  assert.deepEqual(added, {
    ...order('a'),
    state: 'queued',
    deciding: null,
    decision: null,
    crashes: 0,
    attempts: 0,
    turn: 1,
    reason: null,
    progress: null,
    outcome: null,
    message: null,
    endedAt: null,
  });
  const changes = {
    state: 'failed',
    deciding: 'keep',
    decision: 'publish',
    crashes: 3,
    attempts: 2,
    turn: 7,
    reason: { code: 'diskFull' },
    progress: { epoch: 1.5 },
    outcome: ['가'],
    message: { channel: 'x' },
    endedAt: 5,
  } as const;
  store.update(id, changes);
  store.update(id, { progress: { epoch: 2 } }, { light: true });
  assert.throws(() => store.update(99, { crashes: 1 }), RangeError);
  assert.throws(() => store.update(id, { state: 'asleep' as never }));
  store.close();
  const other = await JobStore.open(file);
  t.after(() => other.close());
  assert.deepEqual(other.get(id), { id, ...added, ...changes, progress: { epoch: 2 } });
});

test('jobs take turns: what was running first, then the queue in its order', async (t) => {
  const { store } = await open(t);
  const [first, second, third] = ['a', 'b', 'c'].map((folder) => store.add(order(folder)).id);
  store.update(third!, { state: 'running' });
  store.update(first!, { turn: store.lastTurn() });
  const paused = store.add(order('d')).id;
  store.update(paused, { state: 'paused' });
  assert.deepEqual(
    store.inTurn().map(({ id }) => id),
    [third, second, first],
  );
});

test('a place sees its own jobs, the newest first', async (t) => {
  const { store } = await open(t);
  const ids = [HERE, THERE, HERE].map((place, i) => store.add(order(`${i}`, place)).id);
  assert.deepEqual(
    store.list(HERE).map(({ id }) => id),
    [ids[2], ids[0]],
  );
  assert.equal(store.list().length, 3);
});

test('points and samples of a job: once each, cut where it goes on from, gone with it', async (t) => {
  const { store } = await open(t);
  const { id } = store.add(order('a'));
  store.addPoint(id, { step: 10, epoch: 0.5, loss: 3, valLoss: null, baseLoss: null });
  store.addPoint(id, { step: 10, epoch: 0.5, loss: null, valLoss: 2, baseLoss: null });
  store.addPoint(id, { step: 20, epoch: 1, loss: 2.5, valLoss: null, baseLoss: null });
  store.addSample(id, { epoch: 1, text: '하나' });
  store.addSample(id, { epoch: 1, text: '둘' });
  assert.deepEqual(store.points(id)[0], { step: 10, epoch: 0.5, loss: 3, valLoss: 2, baseLoss: null });
  assert.deepEqual(store.samples(id), [{ epoch: 1, text: '둘' }]);
  store.cutPoints(id, 10);
  assert.equal(store.points(id).length, 1);
  store.update(id, { state: 'done', decision: 'keep', endedAt: 100 });
  const later = store.add(order('b')).id;
  assert.ok(later > id, 'an id is never given twice');
  store.removeEndedBefore(101);
  assert.equal(store.get(id), undefined);
  assert.deepEqual([store.points(id), store.samples(id)], [[], []]);
  assert.ok(store.get(later), 'one that has not ended stays');
});

test('changes of state take no room: neither the database nor its log grows', async (t) => {
  const { file, store } = await open(t);
  const { id } = store.add(order('a'));
  const sizes = () => [file, `${file}-wal`].map((name) => statSync(name).size);
  const before = sizes();
  for (let i = 0; i < 40; i++)
    store.update(id, { state: i % 2 ? 'running' : 'queued', reason: 'x'.repeat(500) });
  assert.deepEqual(sizes(), before);
});

for (const [name, driver] of [
  ['the usual library', undefined],
  ['WebAssembly', await wasmDriver()],
] as const) {
  test(`what a killed process had written is there, by ${name}`, async (t) => {
    const file = path.join(temporaryFolder(t), 'jobs.db');
    const args = [WRITER, file, ...(driver ? ['wasm'] : [])];
    let least = 0;
    // Again: what the killed one left must not be in the way.
    for (let kills = 0; kills < 3; kills++) {
      const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      t.after(() => writer.kill('SIGKILL'));
      let written = 0;
      for await (const text of writer.stdout.setEncoding('utf8')) {
        written = Number(text.trim().split('\n').at(-1));
        if (written > 30) writer.kill('SIGKILL');
      }
      least = Math.max(least, written);
      const store = await JobStore.open(file, driver);
      const [job] = store.list();
      store.close();
      assert.ok(job!.crashes >= written, `${job!.crashes} of ${written}`);
    }
    assert.ok(least > 30);
  });
}

test('a file that is none, or of a newer program, is refused by name and kept as it is', async (t) => {
  const folder = temporaryFolder(t);
  const foreign = path.join(folder, 'foreign.db');
  writeFileSync(foreign, 'this is not a database at all, but long enough to be read as one'.repeat(20));
  await assert.rejects(JobStore.open(foreign), code('databaseDamaged'));
  assert.ok(existsSync(foreign));
  const newer = path.join(folder, 'newer.db');
  (await openDatabase(newer, ['CREATE TABLE a (b)', 'CREATE TABLE c (d)'])).close();
  await assert.rejects(JobStore.open(newer), code('databaseNewer'));
});

test('a schema is brought up to date step by step, each in whole', async (t) => {
  const file = path.join(temporaryFolder(t), 'a.db');
  const steps = ['CREATE TABLE a (b)', 'INSERT INTO a VALUES (1)'];
  (await openDatabase(file, steps.slice(0, 1))).close();
  (await openDatabase(file, steps)).close();
  await assert.rejects(
    openDatabase(file, [...steps, 'INSERT INTO a VALUES (2); INSERT INTO nowhere VALUES (3)']),
  );
  const database = await openDatabase(file, steps);
  t.after(() => database.close());
  assert.equal((database.prepare('SELECT count(*) AS n FROM a').get() as { n: number }).n, 1);
});
