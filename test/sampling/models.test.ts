import assert from 'node:assert/strict';
import { rm, truncate, utimes } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { chooseEngine } from '../../src/engine/index.ts';
import { UserError } from '../../src/errors.ts';
import { type Model, Models } from '../../src/sampling/models.ts';
import { Library } from '../../src/store/library.ts';
import { Settings } from '../../src/store/settings.ts';
import { temporaryFolder, writeCheckpoint } from '../support/checkpoint.ts';

/** The owner's place: the models of all. */
const HERE = { platform: 'terminal', id: 'terminal' };

function setUp(t: TestContext, defaultName?: string) {
  const folder = temporaryFolder(t);
  const faults: string[] = [];
  let engines = 0;
  const models = new Models({
    library: new Library({ folder, defaultName, settings: new Settings(path.join(folder, 'settings.json')) }),
    engine: async () => {
      engines++;
      return (await chooseEngine({ engine: 'wasm', threads: 1 })).engine;
    },
    slots: 4,
    onFault: (name) => faults.push(name),
  });
  t.after(() => models.close());
  return { folder, models, faults, engines: () => engines };
}

const sing = ({ sampler }: Model, length = 40): Promise<string> =>
  sampler.sample({ primeText: '밤', length, temperature: 1, seed: 3 }).then(({ text }) => text);

const code = (expected: string) => (error: unknown) => error instanceof UserError && error.code === expected;

describe('models in memory', () => {
  it('are loaded with their first use, once, and shared', async (t) => {
    const { folder, models, engines } = setUp(t);
    await writeCheckpoint(folder, 'ballad');
    await models.list(HERE);
    assert.equal(engines(), 0);
    const [a, b] = await Promise.all([
      models.use(HERE, 'ballad', async (m) => m),
      models.use(HERE, undefined, async (m) => m),
    ]);
    assert.equal(a, b);
    assert.deepEqual(
      (await models.loaded()).map(({ name }) => name),
      ['ballad'],
    );
  });

  it('have a default: the configured one, else ballad, else the newest', async (t) => {
    const { folder, models } = setUp(t);
    await assert.rejects(models.defaultName(HERE), code('modelsNone'));
    await writeCheckpoint(folder, 'b');
    await utimes(await writeCheckpoint(folder, 'a'), 1, 1);
    assert.equal(await models.defaultName(HERE), 'b');
    await utimes(await writeCheckpoint(folder, 'ballad'), 1, 1);
    assert.equal(await models.defaultName(HERE), 'ballad');
    assert.deepEqual(
      (await models.list(HERE)).map(({ name, isDefault }) => [name, isDefault]),
      [
        ['a', false],
        ['b', false],
        ['ballad', true],
      ],
    );
    const configured = new Models({
      library: new Library({
        folder,
        defaultName: 'a',
        settings: new Settings(path.join(folder, 'settings.json')),
      }),
      engine: () => Promise.reject(new Error('not used')),
      slots: 1,
      onFault: () => {},
    });
    assert.equal(await configured.defaultName(HERE), 'a');
  });

  it('that do not exist are refused, whatever the name', async (t) => {
    const { folder, models } = setUp(t);
    await assert.rejects(
      models.use(HERE, 'ballad', async () => {}),
      code('modelsNone'),
    );
    const inside = path.join(folder, 'ballad.safetensors');
    await writeCheckpoint(folder, 'ballad');
    for (const name of [
      'other',
      '',
      '.',
      '../ballad',
      './ballad',
      inside,
      'a\0b',
      'x'.repeat(5000),
      '.hidden',
    ]) {
      await assert.rejects(
        models.use(HERE, name, async () => {}),
        code('modelUnknown'),
        name,
      );
    }
  });

  it('follow their file, while lyrics in flight end on the old network', async (t) => {
    const { folder, models } = setUp(t);
    await writeCheckpoint(folder, 'ballad', { seed: 1 });
    const before = await models.use(HERE, 'ballad', (model) => sing(model, 400));
    let swap = () => {};
    const swapped = new Promise<void>((resolve) => {
      swap = resolve;
    });
    let old: Model | undefined;
    const inFlight = models.use(HERE, 'ballad', async (model) => {
      old = model;
      const lyric = sing(model, 400);
      await swapped;
      return [await lyric, await sing(model, 400)];
    });
    await writeCheckpoint(folder, 'ballad', { seed: 2 });
    const after = await models.use(HERE, 'ballad', (model) => sing(model, 400));
    assert.notEqual(after, before);
    swap();
    assert.deepEqual(await inFlight, [before, before]);
    await assert.rejects(sing(old!), /closed/, 'the old network is freed when its last lyric has ended');
    assert.equal(await models.use(HERE, 'ballad', (model) => sing(model, 400)), after);
  });

  it('stay when their file is damaged, and come back when it is whole', async (t) => {
    const { folder, models, faults } = setUp(t);
    const file = await writeCheckpoint(folder, 'ballad', { seed: 1 });
    const first = await models.use(HERE, 'ballad', (model) => sing(model));
    await truncate(file, 500);
    assert.equal(await models.use(HERE, 'ballad', (model) => sing(model)), first);
    assert.equal(await models.use(HERE, 'ballad', (model) => sing(model)), first);
    assert.deepEqual(faults, ['ballad'], 'a damaged version is tried once');
    await writeCheckpoint(folder, 'ballad', { seed: 2 });
    assert.notEqual(await models.use(HERE, 'ballad', (model) => sing(model)), first);
  });

  it('that were never whole are tried again', async (t) => {
    const { folder, models } = setUp(t);
    const file = await writeCheckpoint(folder, 'ballad');
    await truncate(file, 500);
    await assert.rejects(
      models.use(HERE, 'ballad', async () => {}),
      UserError,
    );
    await writeCheckpoint(folder, 'ballad');
    assert.equal((await models.use(HERE, 'ballad', (model) => sing(model))).length, 40);
  });

  it('are tried again after a fault that was not the file’s', async (t) => {
    const folder = temporaryFolder(t);
    await writeCheckpoint(folder, 'ballad');
    let tries = 0;
    const models = new Models({
      library: new Library({ folder, settings: new Settings(path.join(folder, 'settings.json')) }),
      engine: async () => {
        if (++tries === 1) throw new Error('no threads just now');
        return (await chooseEngine({ engine: 'wasm', threads: 1 })).engine;
      },
      slots: 1,
      onFault: () => {},
    });
    t.after(() => models.close());
    await assert.rejects(models.use(HERE, 'ballad', sing), /no threads/);
    assert.equal((await models.use(HERE, 'ballad', (model) => sing(model))).length, 40);
  });

  it('that cannot be freed disturb nobody', async (t) => {
    const folder = temporaryFolder(t);
    const file = await writeCheckpoint(folder, 'ballad');
    const faults: string[] = [];
    const { engine } = await chooseEngine({ engine: 'wasm', threads: 1 });
    const create = engine.createSampling.bind(engine);
    const stubborn: typeof create = async (...given) => {
      const stepper = await create(...given);
      const close = stepper.close.bind(stepper);
      return Object.assign(stepper, {
        async close() {
          await close();
          throw new Error('it stays');
        },
      });
    };
    const models = new Models({
      library: new Library({ folder, settings: new Settings(path.join(folder, 'settings.json')) }),
      engine: async () => Object.assign(engine, { createSampling: stubborn }),
      slots: 1,
      onFault: (name) => faults.push(name),
    });
    await models.use(HERE, 'ballad', sing);
    await utimes(file, 1, 1);
    await models.use(HERE, 'ballad', sing);
    await models.close();
    assert.deepEqual(faults, ['ballad', 'ballad']);
  });

  it('are gone with their file', async (t) => {
    const { folder, models } = setUp(t);
    const file = await writeCheckpoint(folder, 'other');
    await writeCheckpoint(folder, 'ballad');
    await models.use(HERE, 'other', (model) => sing(model));
    await rm(file);
    await assert.rejects(
      models.use(HERE, 'other', async () => {}),
      code('modelUnknown'),
    );
  });

  it('leave memory when more are used, the one not used longest first, but not while in use', async (t) => {
    const { folder, models } = setUp(t);
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const [i, name] of names.entries()) await writeCheckpoint(folder, name, { seed: i });
    const lyric = await models.use(HERE, 'a', async (a) => {
      for (const name of names.slice(1)) await models.use(HERE, name, (model) => sing(model));
      assert.deepEqual((await models.loaded()).map(({ name }) => name).sort(), ['a', 'd', 'e', 'f']);
      return sing(a);
    });
    assert.equal(await models.use(HERE, 'a', (model) => sing(model)), lyric);
  });

  it('give what each would give alone when used at once while files change', async (t) => {
    const { folder, models } = setUp(t);
    await writeCheckpoint(folder, 'ballad', { seed: 0 });
    const lyrics = new Set<string>();
    const uses: Promise<void>[] = [];
    for (let version = 1; version <= 8; version++) {
      for (let i = 0; i < 4; i++) {
        uses.push(models.use(HERE, 'ballad', async (model) => void lyrics.add(await sing(model))));
      }
      await writeCheckpoint(folder, 'ballad', { seed: version });
    }
    await Promise.all(uses);
    assert.ok(lyrics.size >= 1 && lyrics.size <= 9);
    assert.equal((await models.loaded()).length, 1);
  });
});
