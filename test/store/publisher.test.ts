/** Models of a place: published, taken back, renamed, removed; whose they are, and how much room they take. */
import assert from 'node:assert/strict';
import { readFile, stat, symlink, truncate } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { UserError } from '../../src/errors.ts';
import { sameNetwork } from '../../src/model/checkpoint.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { Library } from '../../src/store/library.ts';
import { OWNERS_PLACE, type Place } from '../../src/store/places.ts';
import { Publisher } from '../../src/store/publisher.ts';
import type { Quota } from '../../src/store/quota.ts';
import { Settings } from '../../src/store/settings.ts';
import { temporaryFolder, writeCheckpoint } from '../support/checkpoint.ts';

const GUILD: Place = { platform: 'discord', id: '1' };
const OTHER: Place = { platform: 'discord', id: '2' };
const PLENTY: Quota = { models: 100, bytes: 1e9, fileBytes: 1e9 };

function setUp(t: TestContext, quota: Quota = PLENTY, defaultName?: string) {
  const folder = temporaryFolder(t);
  const settings = new Settings(path.join(folder, 'settings.json'));
  const library = new Library({ folder, settings, defaultName });
  const publisher = new Publisher({ library, settings, quota });
  /** A checkpoint as a training leaves it. */
  const trained = (seed: number) => writeCheckpoint(path.join(folder, '.work'), `${seed}`, { seed });
  const publish = async (place: Place, name: string, seed: number, asDefault = false) =>
    publisher.publish(await trained(seed), { place, name, asDefault });
  /** Whether a network is that of `trained(seed)`. */
  const isOfSeed = async (place: Place, name: string, seed: number) =>
    sameNetwork(await readFile((await library.find(place, name)).file), await readFile(await trained(seed)));
  const kept = async (place: Place, name: string) =>
    (await library.list(place)).find((one) => one.name === name)!.kept;
  return { folder, settings, library, publisher, trained, publish, isOfSeed, kept };
}

const code = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof UserError, String(error));
  assert.equal(error.code, expected);
  return true;
};

describe('a published model', () => {
  it('is there in whole, with what is said of its training', async (t) => {
    const { library, publisher, trained } = setUp(t);
    const lineage = {
      losses: { new_text: { before: 5, after: 3.5 }, base_text: { before: 3, after: 3.01 } },
      date: '2026-11-27T10:00:00.000Z',
      parent: 'ballad',
    };
    const file = await trained(1);
    const number = await publisher.publish(file, { place: GUILD, name: '봄', asDefault: false, lineage });
    assert.equal(number, 1);
    const { file: published } = await library.find(GUILD, '봄');
    const { training, weights } = await loadCheckpoint(published);
    assert.deepEqual(training, {
      data: 'nothing',
      epochs: 0,
      val_loss: null,
      seed: 1,
      ...lineage,
      version: 1,
      replaces: null,
    });
    assert.deepEqual([...weights], [...(await loadCheckpoint(file)).weights]);
    assert.equal(await library.defaultName(GUILD), '봄', 'the only one');
  });

  it('belongs to its place alone, and one of all to everybody', async (t) => {
    const { library, publish } = setUp(t);
    await publish(OWNERS_PLACE, 'ballad', 1);
    await publish(GUILD, '봄', 2);
    assert.deepEqual(await library.names(GUILD), ['ballad', '봄']);
    assert.deepEqual(await library.names(OTHER), ['ballad']);
    assert.deepEqual(await library.names(OWNERS_PLACE), ['ballad']);
    await assert.rejects(library.find(OTHER, '봄'), (error: UserError) => {
      assert.equal(error.code, 'modelUnknown');
      assert.ok(!error.text('en').includes(', 봄'), 'not even its name is told');
      return true;
    });
    const { file } = await library.find(GUILD, '봄');
    assert.deepEqual(
      [GUILD, OTHER, OWNERS_PLACE].map((place) => library.isOf(place, file)),
      [true, false, false],
    );
  });

  it('comes before one of all that has the same name', async (t) => {
    const { publish, isOfSeed } = setUp(t);
    await publish(GUILD, '봄', 2);
    await publish(OWNERS_PLACE, '봄', 1);
    assert.equal(await isOfSeed(GUILD, '봄', 2), true);
    assert.equal(await isOfSeed(OTHER, '봄', 1), true);
  });

  it('becomes the default where it is to be, and nowhere else', async (t) => {
    const { library, publish } = setUp(t);
    await publish(OWNERS_PLACE, 'ballad', 1);
    await publish(GUILD, '봄', 2);
    assert.equal(await library.defaultName(GUILD), 'ballad');
    await publish(GUILD, '여름', 3, true);
    assert.equal(await library.defaultName(GUILD), '여름');
    assert.equal(await library.defaultName(OTHER), 'ballad');
    assert.deepEqual(
      (await library.list(GUILD)).map(({ name, scope, isDefault }) => [name, scope, isDefault]),
      [
        ['ballad', 'all', false],
        ['봄', 'place', false],
        ['여름', 'place', true],
      ],
    );
  });

  it('is not published twice by the same call', async (t) => {
    const { publish, kept } = setUp(t);
    assert.deepEqual([await publish(GUILD, '봄', 1), await publish(GUILD, '봄', 1, true)], [1, 1]);
    assert.deepEqual(await kept(GUILD, '봄'), []);
  });

  it('cannot be damaged or foreign: what is there stays', async (t) => {
    const { folder, publisher, publish, trained, isOfSeed, kept } = setUp(t);
    await publish(GUILD, '봄', 1);
    const file = await trained(2);
    await truncate(file, (await stat(file)).size - 1);
    const publication = { place: GUILD, name: '봄', asDefault: true };
    await assert.rejects(publisher.publish(file, publication), code('fileLength'));
    await assert.rejects(publisher.publish(path.join(folder, 'none'), publication), code('fileMissing'));
    assert.equal(await isOfSeed(GUILD, '봄', 1), true);
    assert.deepEqual(await kept(GUILD, '봄'), []);
  });

  it('has a place whose id is no path', async (t) => {
    const { library, publisher, trained } = setUp(t);
    const file = await trained(1);
    for (const place of [
      { platform: 'discord', id: '..' },
      { platform: 'discord', id: '1/../2' },
      { platform: 'discord', id: '' },
      { platform: 'discord', id: `1\0` },
      { platform: 'discord', id: 'a'.repeat(100) },
      { platform: '..', id: '1' },
      { platform: 'a/b', id: '1' },
    ]) {
      assert.throws(() => library.folderOf(place), RangeError);
      await assert.rejects(library.names(place), RangeError);
      await assert.rejects(publisher.publish(file, { place, name: 'a', asDefault: true }), RangeError);
    }
  });
});

describe('versions of a model', () => {
  it('are numbered, and each says which it replaced', async (t) => {
    const { library, publish, kept } = setUp(t);
    for (const seed of [1, 2, 3]) assert.equal(await publish(GUILD, '봄', seed), seed);
    assert.deepEqual(await kept(GUILD, '봄'), [1, 2]);
    const { training } = await loadCheckpoint((await library.find(GUILD, '봄')).file);
    assert.deepEqual([training.version, training.replaces], [3, 2]);
  });

  it('can be gone back to, and forward again; none is lost', async (t) => {
    const { publisher, publish, isOfSeed, kept } = setUp(t);
    for (const seed of [1, 2, 3]) await publish(GUILD, '봄', seed);
    assert.deepEqual(await publisher.rollBack(GUILD, '봄'), { kind: 'version', name: '봄', version: 2 });
    assert.equal(await isOfSeed(GUILD, '봄', 2), true);
    assert.deepEqual(await kept(GUILD, '봄'), [1, 3]);
    // What is published now has 2 for its parent, whatever stood there between.
    assert.equal(await publish(GUILD, '봄', 4), 4);
    assert.deepEqual(await kept(GUILD, '봄'), [1, 2, 3]);
    await publisher.rollBack(GUILD, '봄');
    assert.equal(await isOfSeed(GUILD, '봄', 2), true);
    await publisher.rollBack(GUILD, '봄');
    assert.equal(await isOfSeed(GUILD, '봄', 1), true);
    await assert.rejects(publisher.rollBack(GUILD, '봄'), code('rollbackNone'));
    await assert.rejects(publisher.rollBack(GUILD, '봄', 1), code('versionUnknown'));
    await assert.rejects(publisher.rollBack(GUILD, '봄', 9), code('versionUnknown'));
    await publisher.rollBack(GUILD, '봄', 4);
    assert.equal(await isOfSeed(GUILD, '봄', 4), true);
    assert.deepEqual(await kept(GUILD, '봄'), [1, 2, 3]);
  });

  it('can be kept beside: what stands there stays until people go to them', async (t) => {
    const { publisher, publish, trained, isOfSeed, kept } = setUp(t);
    const keep = async (seed: number) =>
      publisher.publish(await trained(seed), { place: GUILD, name: '봄', asDefault: false, beside: true });
    assert.equal(await keep(1), 1);
    assert.equal(await isOfSeed(GUILD, '봄', 1), true, 'nothing stood there');
    await publish(GUILD, '봄', 2);
    assert.deepEqual([await keep(3), await keep(3), await keep(2)], [3, 3, 2], 'none is kept twice');
    assert.equal(await isOfSeed(GUILD, '봄', 2), true);
    assert.deepEqual(await kept(GUILD, '봄'), [1, 3]);
    await publisher.rollBack(GUILD, '봄');
    assert.equal(await isOfSeed(GUILD, '봄', 1), true, 'not a version that came later');
    await publisher.rollBack(GUILD, '봄', 3);
    assert.equal(await isOfSeed(GUILD, '봄', 3), true);
    await publisher.rollBack(GUILD, '봄');
    assert.equal(await isOfSeed(GUILD, '봄', 2), true);
    for (let seed = 4; seed < 12; seed++) await keep(seed);
    await publisher.rollBack(GUILD, '봄');
    assert.equal(await isOfSeed(GUILD, '봄', 1), true, 'the parent stays');
  });

  it('stay within bounds, the parent always among them', async (t) => {
    const { publisher, publish, isOfSeed, kept } = setUp(t);
    for (let seed = 1; seed <= 9; seed++) await publish(GUILD, '봄', seed);
    assert.deepEqual(await kept(GUILD, '봄'), [4, 5, 6, 7, 8]);
    await publisher.rollBack(GUILD, '봄', 4);
    await publish(GUILD, '봄', 10);
    const [parent] = await kept(GUILD, '봄');
    assert.equal(parent, 4);
    await publisher.rollBack(GUILD, '봄');
    assert.equal(await isOfSeed(GUILD, '봄', 4), true);
  });

  it('may go while they are listed', async (t) => {
    const { publisher, publish, library, kept } = setUp(t);
    for (let seed = 1; seed <= 2; seed++) await publish(GUILD, '봄', seed);
    // Names of files that are not there any more when they are looked at.
    const folder = library.folderOf(GUILD);
    await symlink('gone', path.join(folder, '.versions', '봄', '7.safetensors'));
    await symlink('gone', path.join(folder, '여름.safetensors'));
    assert.deepEqual(await kept(GUILD, '봄'), [1]);
    assert.ok((await publisher.usage(GUILD)).bytes > 0);
  });

  it('hold what was put there by hand, damaged or not', async (t) => {
    const { folder, publisher, publish, isOfSeed, kept } = setUp(t);
    await writeCheckpoint(folder, 'ballad', { seed: 1 });
    assert.equal(await publish(OWNERS_PLACE, 'ballad', 2), 2);
    await truncate(path.join(folder, 'ballad.safetensors'), 300);
    assert.equal(await publish(OWNERS_PLACE, 'ballad', 3), 3);
    assert.deepEqual(await kept(OWNERS_PLACE, 'ballad'), [1, 2]);
    await publisher.rollBack(OWNERS_PLACE, 'ballad', 1);
    assert.equal(await isOfSeed(OWNERS_PLACE, 'ballad', 1), true);
  });

  it('of a first model lead to the one that it was trained from', async (t) => {
    const { library, publisher, publish, trained } = setUp(t);
    await publish(OWNERS_PLACE, 'ballad', 1);
    const lineage = { parent: 'ballad' };
    await publisher.publish(await trained(2), { place: GUILD, name: '봄', asDefault: true, lineage });
    const back = await publisher.rollBack(GUILD, '봄');
    assert.deepEqual(back, { kind: 'default', name: 'ballad', from: '봄' });
    assert.equal(await library.defaultName(GUILD), 'ballad');
    assert.ok((await library.names(GUILD)).includes('봄'));
    await assert.rejects(publisher.rollBack(GUILD, '봄'), code('rollbackNone'));
    await assert.rejects(publisher.rollBack(GUILD, 'ballad'), code('modelOfAll'));
  });

  it('are the same whatever is published at once', async (t) => {
    const { publish, kept } = setUp(t);
    const numbers = await Promise.all([1, 2, 3, 4].map((seed) => publish(GUILD, '봄', seed)));
    assert.deepEqual([...numbers].sort(), [1, 2, 3, 4]);
    assert.deepEqual(await kept(GUILD, '봄'), [1, 2, 3]);
  });
});

describe('another name', () => {
  it('goes with the versions and with those who chose the model', async (t) => {
    const { library, publisher, publish, isOfSeed, kept, settings } = setUp(t);
    await publish(GUILD, '봄', 1);
    await publish(GUILD, '봄', 2, true);
    await publisher.rename(GUILD, '봄', '여름');
    assert.deepEqual(await library.names(GUILD), ['여름']);
    assert.equal(await library.defaultName(GUILD), '여름');
    assert.equal(settings.of(GUILD).model, '여름');
    assert.deepEqual(await kept(GUILD, '여름'), [1]);
    await publisher.rollBack(GUILD, '여름');
    assert.equal(await isOfSeed(GUILD, '여름', 1), true);
  });

  it('of a model of all is followed by every place that chose it, but not by those with one of that name', async (t) => {
    const { publisher, publish, settings } = setUp(t);
    await publish(OWNERS_PLACE, '봄', 1);
    await publish(OTHER, '봄', 2, true);
    await settings.set(GUILD, { model: '봄', locale: 'en' });
    await publisher.rename(OWNERS_PLACE, '봄', '여름');
    assert.deepEqual(settings.of(GUILD), { model: '여름', locale: 'en' });
    assert.deepEqual(settings.of(OTHER), { model: '봄' });
  });

  it('must be free, and the model the place’s own', async (t) => {
    const { publisher, publish, isOfSeed } = setUp(t);
    await publish(OWNERS_PLACE, 'ballad', 1);
    await publish(GUILD, '봄', 2);
    await publish(GUILD, '여름', 3);
    await assert.rejects(publisher.rename(GUILD, '봄', '여름'), code('modelExists'));
    await assert.rejects(publisher.rename(GUILD, '봄', 'ballad'), code('modelExists'));
    await assert.rejects(publisher.rename(GUILD, 'ballad', '가을'), code('modelOfAll'));
    await assert.rejects(publisher.rename(OTHER, '봄', '가을'), code('modelUnknown'));
    await assert.rejects(publisher.rename(OWNERS_PLACE, 'ballad', '가을'), code('modelInUse'));
    assert.equal(await isOfSeed(GUILD, '봄', 2), true);
    assert.equal(await isOfSeed(GUILD, '여름', 3), true);
  });
});

describe('a model that is removed', () => {
  it('is gone with its versions; a new one of that name begins anew', async (t) => {
    const { library, publisher, publish, kept } = setUp(t);
    await publish(OWNERS_PLACE, 'ballad', 9);
    await publish(GUILD, '봄', 1);
    await publish(GUILD, '봄', 2);
    await publisher.remove(GUILD, '봄');
    assert.deepEqual(await library.names(GUILD), ['ballad']);
    assert.equal(await publish(GUILD, '봄', 3), 1);
    assert.deepEqual(await kept(GUILD, '봄'), []);
  });

  it('is nobody’s default, and the place’s own', async (t) => {
    const { publisher, publish, settings } = setUp(t);
    await publish(OWNERS_PLACE, 'ballad', 1);
    await publish(OWNERS_PLACE, '모두', 2);
    await publish(GUILD, '봄', 3, true);
    await settings.set(OTHER, { model: '모두' });
    await assert.rejects(publisher.remove(GUILD, '봄'), code('modelInUse'));
    await assert.rejects(publisher.remove(GUILD, 'ballad'), code('modelOfAll'));
    await assert.rejects(publisher.remove(OTHER, '봄'), code('modelUnknown'));
    await assert.rejects(publisher.remove(OWNERS_PLACE, 'ballad'), code('modelInUse'));
    await assert.rejects(publisher.remove(OWNERS_PLACE, '모두'), code('modelInUse'));
    await settings.set(OTHER, {});
    await publisher.remove(OWNERS_PLACE, '모두');
  });

  it('may be a default where one of all has the same name', async (t) => {
    const { publisher, publish, isOfSeed } = setUp(t);
    await publish(GUILD, '봄', 1, true);
    await publisher.share(GUILD, '봄', '봄', '2026-11-27T10:00:00.000Z');
    await publish(GUILD, '봄', 2);
    await publisher.remove(GUILD, '봄');
    assert.equal(await isOfSeed(GUILD, '봄', 1), true);
  });
});

describe('a place', () => {
  it('has room for so many models and bytes, versions counted; the owner for any', async (t) => {
    const bytes = (await stat(await writeCheckpoint(temporaryFolder(t), 'one'))).size;
    const { publisher, publish, library } = setUp(t, { models: 2, bytes: 4 * bytes, fileBytes: 1 });
    await publish(GUILD, '봄', 1);
    await publish(GUILD, '여름', 2);
    await assert.rejects(publisher.assertRoom(GUILD, '가을'), code('quotaModels'));
    await assert.rejects(publish(GUILD, '가을', 3), code('quotaModels'));
    await publish(GUILD, '여름', 4);
    assert.equal((await publisher.usage(GUILD)).models, 2);
    await assert.rejects(publish(GUILD, '여름', 5), code('quotaBytes'));
    assert.deepEqual(await library.names(GUILD), ['봄', '여름']);
    await publish(OTHER, '가을', 1);
    for (let seed = 1; seed < 8; seed++) await publish(OWNERS_PLACE, `m${seed}`, seed);
  });

  it('shares a copy: its own stays, and what stood there for all becomes an earlier version', async (t) => {
    const { library, publisher, publish, isOfSeed, kept } = setUp(t);
    await publish(OWNERS_PLACE, '봄', 1);
    await publish(GUILD, '여름', 2);
    assert.equal(await publisher.share(GUILD, '여름', '봄', '2026-11-27T10:00:00.000Z'), 2);
    assert.equal(await isOfSeed(OTHER, '봄', 2), true);
    assert.deepEqual(await kept(OTHER, '봄'), [1]);
    assert.ok((await library.names(GUILD)).includes('여름'));
  });
});
