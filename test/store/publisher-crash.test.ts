/**
 * A process may end between any two steps of what changes models. Here it "ends" at each in turn: a call of the file
 * system never comes back, so nothing after it runs, no cleaning up either. What is on the disk then must be whole,
 * and the same order must end what was begun.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sameNetwork } from '../../src/model/checkpoint.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { Library } from '../../src/store/library.ts';
import { OWNERS_PLACE, type Place } from '../../src/store/places.ts';
import { Publisher } from '../../src/store/publisher.ts';
import { Settings } from '../../src/store/settings.ts';
import { writeCheckpoint } from '../support/checkpoint.ts';

const GUILD: Place = { platform: 'discord', id: '1' };
const CHANGING = ['copyFile', 'link', 'mkdir', 'open', 'rename', 'rm', 'unlink', 'writeFile'] as const;
const KILLED = fileURLToPath(new URL('fixtures/publish-for-ever.js', import.meta.url));

type Calls = Record<string, (...given: unknown[]) => Promise<unknown>>;
const fs: Calls = createRequire(import.meta.url)('node:fs/promises');

/**
 * Runs `work` until the file system is asked for the `at`-th change (counted from 1), which happens or not and then
 * never comes back. Returns whether it came so far.
 */
async function endAt(at: number, when: 'before' | 'after', work: () => Promise<unknown>): Promise<boolean> {
  const originals = CHANGING.map((name) => [name, fs[name]!] as const);
  let calls = 0;
  let end!: () => void;
  const ended = new Promise<boolean>((resolve) => {
    end = () => resolve(true);
  });
  for (const [name, original] of originals) {
    fs[name] = async (...given) => {
      const isLast = ++calls === at;
      if (calls > at) return new Promise(() => {});
      const result = isLast && when === 'before' ? undefined : await original(...given);
      if (!isLast) return result;
      // A process that ends has no files open.
      await (result as { close?(): Promise<void> } | undefined)?.close?.();
      end();
      return new Promise(() => {});
    };
  }
  syncBuiltinESMExports();
  try {
    return await Promise.race([ended, work().then(() => false)]);
  } finally {
    for (const [name, original] of originals) fs[name] = original;
    syncBuiltinESMExports();
  }
}

async function open(folder: string) {
  const settings = await Settings.open(path.join(folder, 'settings.json'));
  const library = new Library({ folder, settings });
  const quota = { models: 10, bytes: 1e9, fileBytes: 1e9 };
  return { settings, library, publisher: new Publisher({ library, settings, quota }) };
}
type Opened = Awaited<ReturnType<typeof open>>;

const publication = (name: string) => ({ place: GUILD, name, asDefault: true });

/** What is tested is the order of things, not that they reach the disk: in memory, where there is such a folder. */
const IN_MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** 봄 in its versions 1 and 2 (standing), by those seeds, and the default; 3 is trained, as `.work/3`. */
async function begin(t: TestContext): Promise<string> {
  template ??= prepare();
  const folder = mkdtempSync(path.join(IN_MEMORY, 'balladeer-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(await template, folder, { recursive: true });
  return folder;
}

let template: Promise<string> | undefined;
after(async () => {
  if (template) await rm(await template, { recursive: true, force: true });
});

async function prepare(): Promise<string> {
  const folder = mkdtempSync(path.join(IN_MEMORY, 'balladeer-'));
  const { publisher } = await open(folder);
  for (const seed of [1, 2, 3]) {
    const file = await writeCheckpoint(path.join(folder, '.work'), `${seed}`, { seed });
    if (seed < 3) await publisher.publish(file, publication('봄'));
  }
  return folder;
}

const trained = (folder: string, seed: number) => path.join(folder, '.work', `${seed}.safetensors`);

/** The seeds of every checkpoint below a folder; each must be whole. */
async function seedsBelow(folder: string): Promise<Set<number>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(({ name }) => name.endsWith('.safetensors') && !name.startsWith('.'));
  const checkpoints = await Promise.all(
    files.map(({ parentPath, name }) => loadCheckpoint(path.join(parentPath, name))),
  );
  return new Set(checkpoints.map(({ training }) => training.seed));
}

/** What was published before is still there. */
async function assertNoneLost(folder: string): Promise<void> {
  const seeds = await seedsBelow(path.join(folder, 'places'));
  assert.ok(seeds.has(1) && seeds.has(2), `only ${[...seeds]} are left`);
}

async function standingSeed({ library }: Opened, place: Place, name: string): Promise<number> {
  return (await loadCheckpoint((await library.find(place, name)).file)).training.seed;
}

const ORDERS: Readonly<
  Record<
    string,
    {
      readonly order: (bot: Opened, folder: string) => Promise<unknown>;
      /** What must be so after any ending. */
      readonly between: (bot: Opened, folder: string) => Promise<void>;
      /** What must be so when the order was given again. */
      readonly after: (bot: Opened, folder: string) => Promise<void>;
    }
  >
> = {
  publish: {
    order: ({ publisher }, folder) => publisher.publish(trained(folder, 3), publication('봄')),
    async between(bot) {
      assert.ok([2, 3].includes(await standingSeed(bot, GUILD, '봄')));
    },
    async after(bot) {
      assert.equal(await standingSeed(bot, GUILD, '봄'), 3);
      const [info] = await bot.library.list(GUILD);
      assert.deepEqual([info!.kept, info!.header?.training.version], [[1, 2], 3]);
      assert.equal(bot.settings.of(GUILD).model, '봄');
    },
  },
  'publish the first of a name': {
    order: ({ publisher }, folder) => publisher.publish(trained(folder, 3), publication('여름')),
    async between({ library }) {
      const name = await library.defaultName(GUILD);
      assert.ok((await library.names(GUILD)).includes(name), 'a default that is there');
    },
    async after(bot) {
      assert.equal(await standingSeed(bot, GUILD, '여름'), 3);
      assert.equal(await bot.library.defaultName(GUILD), '여름');
    },
  },
  'keep beside': {
    order: ({ publisher }, folder) =>
      publisher.publish(trained(folder, 3), { ...publication('봄'), asDefault: false, beside: true }),
    async between(bot) {
      assert.equal(await standingSeed(bot, GUILD, '봄'), 2);
    },
    async after(bot) {
      assert.equal(await standingSeed(bot, GUILD, '봄'), 2);
      assert.deepEqual((await bot.library.list(GUILD))[0]!.kept, [1, 3]);
    },
  },
  'roll back': {
    // Given again it must not go back once more: as people do, who look first.
    order: async (bot) => {
      if ((await standingSeed(bot, GUILD, '봄')) === 2) await bot.publisher.rollBack(GUILD, '봄');
    },
    async between(bot) {
      assert.ok([1, 2].includes(await standingSeed(bot, GUILD, '봄')));
    },
    async after(bot) {
      assert.equal(await standingSeed(bot, GUILD, '봄'), 1);
      assert.deepEqual((await bot.library.list(GUILD))[0]!.kept, [2]);
    },
  },
  rename: {
    order: async ({ publisher, library }) => {
      if ((await library.names(GUILD)).includes('봄')) await publisher.rename(GUILD, '봄', '여름');
    },
    async between(bot) {
      assert.equal(await standingSeed(bot, GUILD, await bot.library.defaultName(GUILD)), 2);
    },
    async after(bot) {
      assert.deepEqual(await bot.library.names(GUILD), ['여름']);
      assert.equal(bot.settings.of(GUILD).model, '여름');
      assert.deepEqual((await bot.library.list(GUILD))[0]!.kept, [1]);
    },
  },
  share: {
    order: ({ publisher }) => publisher.share(GUILD, '봄', '모두', '2026-11-27T10:00:00.000Z'),
    async between(bot) {
      assert.equal(await standingSeed(bot, GUILD, '봄'), 2);
    },
    async after(bot) {
      assert.equal(await standingSeed(bot, OWNERS_PLACE, '모두'), 2);
    },
  },
};

for (const [name, { order, between, after: ended }] of Object.entries(ORDERS)) {
  describe(`${name}, ended at any step`, () => {
    for (const when of ['before', 'after'] as const) {
      it(`${when} what is asked of the file system: all checkpoints are there, and the order can be given again`, async (t) => {
        let at = 1;
        for (; ; at++) {
          const folder = await begin(t);
          const first = await open(folder);
          if (!(await endAt(at, when, () => order(first, folder)))) break;
          await assertNoneLost(folder);
          const again = await open(folder);
          await between(again, folder);
          await order(again, folder);
          await ended(again, folder);
          await assertNoneLost(folder);
        }
        assert.ok(at > 3, `only ${at} steps were seen`);
      });
    }
  });
}

describe('a process that publishes and is killed', () => {
  it('leaves a whole model and its versions, at any moment', async (t) => {
    const folder = await begin(t);
    for (const ms of [0, 5, 19]) {
      const child = spawn(process.execPath, [KILLED, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, ms));
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      const { library, publisher } = await open(folder);
      assert.ok((await seedsBelow(path.join(folder, 'places'))).size >= 2);
      const { file } = await library.find(GUILD, '봄');
      assert.equal(await library.defaultName(GUILD), '봄');
      await publisher.publish(trained(folder, 3), publication('봄'));
      assert.ok(sameNetwork(await readFile(file), await readFile(trained(folder, 3))));
    }
  });
});
