/**
 * Whose models are whose, over all commands: what belongs to one place cannot be seen, used, completed, gone on with
 * or trained on in another, and what belongs to all is changed by the owner alone. Commands and options come from
 * the list, so that a new one is tested or named here.
 */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Place } from '../../src/commands/command.ts';
import type { Action } from '../../src/commands/message.ts';
import type { Option, RawOptions } from '../../src/commands/option.ts';
import { printOptions } from '../../src/commands/text.ts';
import { completeLine, completeValue } from '../../src/platforms/complete.ts';
import type { CommandRequest } from '../../src/platforms/platform.ts';
import { OWNERS_PLACE } from '../../src/store/places.ts';
import { writeCheckpoint } from '../support/checkpoint.ts';
import { request } from '../support/platform.ts';
import { createTestServices } from '../support/services.ts';

const HOME: Place = { platform: 'discord', id: '111111111111111111' };
const AWAY: Place = { platform: 'discord', id: '222222222222222222' };
/** Has the id of another platform's. */
const TWIN: Place = { platform: 'slack', id: HOME.id };
const SECRET = '우리끼리';

/** One model of all, `ballad`, and one of `HOME`. */
async function setUp(t: TestContext) {
  const bot = await createTestServices(t);
  const own = bot.services.models.library.folderOf(HOME);
  await writeCheckpoint(own, SECRET, { seed: 7 });
  const give = async (
    place: Place,
    command: string,
    options: CommandRequest['options'] = {},
    more: Partial<CommandRequest> = {},
  ) => {
    const one = request(command, options, { place, isAdmin: () => true, locale: 'en', ...more });
    const outcome = await bot.dispatcher.dispatch(one);
    return { outcome, ...one.reply, all: JSON.stringify([one.reply.finished, one.reply.failures]) };
  };
  return { ...bot, give };
}

/** Everything below a folder but what is written by the way, with its length and time. */
function snapshot(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.includes('.safetensors'))
    .map((file) => {
      const { size, mtimeMs, ino } = statSync(path.join(folder, file));
      return `${file} ${size} ${mtimeMs} ${ino}`;
    })
    .sort();
}

const text = Buffer.from('사랑은 눈물의 별빛\n'.repeat(400));
const upload = [{ name: 'songs.txt', read: async () => text }];

/** Some value that an option takes. */
function someValue(option: Option): RawOptions[string] {
  switch (option.type) {
    case 'files':
      return upload;
    case 'choice':
      return option.choices[0]!.value;
    case 'integer':
    case 'number':
      return option.min;
    case 'model':
      return 'ballad';
    default:
      return '하나';
  }
}

describe('a model of one place', () => {
  it('is refused in others by every option of every command that names a model', async (t) => {
    const { services, folder, give } = await setUp(t);
    const before = snapshot(folder);
    let tried = 0;
    for (const { name, options } of services.commands) {
      for (const [key, option] of Object.entries(options)) {
        if (option.type !== 'model') continue;
        const choices = Object.entries(options).find(([, { type }]) => type === 'choice');
        const values = choices?.[1].type === 'choice' ? choices[1].choices.map(({ value }) => value) : [''];
        for (const value of values) {
          const needed = Object.entries(options).filter(
            ([each, one]) => one.required || one.type === 'files' || each === 'name',
          );
          const given = Object.fromEntries(needed.map(([each, one]) => [each, someValue(one)]));
          if (choices) given[choices[0]] = value;
          for (const place of [AWAY, TWIN]) {
            // Whoever it is that asks.
            const answer = await give(place, name, { ...given, [key]: SECRET }, { user: 'owner' });
            const where = `/${name} ${key} ${value}`;
            assert.equal(answer.outcome, 'refused', `${where}: ${answer.all}`);
            assert.match(answer.failures[0]!, /there is no model/, where);
            tried++;
          }
        }
      }
    }
    assert.ok(tried >= 10, `only ${tried}`);
    assert.deepEqual(snapshot(folder), before);
    assert.equal((await services.training.list()).length, 0);
  });

  it('is named by no command elsewhere, while it is in use', async (t) => {
    const { services, give } = await setUp(t);
    await services.models.use(HOME, SECRET, async () => {
      for (const { name, options } of services.commands) {
        if (Object.values(options).some(({ required }) => required)) continue;
        if (['ballad', 'train', 'cancel', 'pause', 'resume'].includes(name)) continue;
        const here = await give(AWAY, name);
        assert.ok(!here.all.includes(SECRET), `/${name}: ${here.all}`);
      }
      assert.match((await give(HOME, 'models')).all, new RegExp(`"${SECRET}".*MB · in memory"`));
      assert.match((await give(HOME, 'status')).all, new RegExp(SECRET));
    });
    assert.ok(!(await give(AWAY, 'ballad', { length: 20, model: '우리' })).all.includes(SECRET));
  });

  it('is completed at home alone', async (t) => {
    const { services } = await setUp(t);
    const models = services.commands.flatMap(({ name, options }) =>
      Object.entries(options)
        .filter(([, { type }]) => type === 'model')
        .map(([key, option]) => ({ name, key, option })),
    );
    for (const { name, key, option } of models) {
      assert.deepEqual(await completeValue(option, '우', HOME, services), [SECRET]);
      for (const place of [AWAY, TWIN, OWNERS_PLACE]) {
        assert.deepEqual(await completeValue(option, '우', place, services), []);
        const { candidates } = await completeLine(`/${name} ${key}:우`, place, services);
        assert.deepEqual(candidates, []);
      }
    }
  });

  it('is not gone on with, nor asked again, by a button that is pressed elsewhere', async (t) => {
    const { services, give } = await setUp(t);
    const there = await give(HOME, 'ballad', { prime_text: '사랑은', length: 30, seed: 5, model: SECRET });
    const buttons = there.finished[0]!.actions!;
    assert.equal(buttons.length, 4);
    const press = (place: Place, { command, options }: Action) => give(place, command, options);
    for (const button of buttons) {
      for (const place of [AWAY, TWIN]) {
        const answer = await press(place, button);
        assert.equal(answer.outcome, 'refused', button.label);
        assert.ok(!answer.all.includes('사랑은'), 'nor is what was written there');
      }
      assert.equal((await press(HOME, button)).outcome, 'answered', button.label);
    }
    // A model of all, but a lyric of one place.
    const shared = await give(HOME, 'ballad', {
      prime_text: '그날 밤',
      length: 30,
      seed: 5,
      model: 'ballad',
    });
    const goOn = shared.finished[0]!.actions!.find(({ options }) => options.from !== undefined)!;
    assert.equal((await press(AWAY, goOn)).outcome, 'refused');
    assert.equal((await press(HOME, goOn)).outcome, 'answered');
    // Nor by typing what a button says.
    const ballad = services.commands.find(({ name }) => name === 'ballad')!;
    assert.equal((await give(AWAY, 'ballad', printOptions(ballad, goOn.options))).outcome, 'refused');
  });

  it('is not trained on by a button that is pressed elsewhere', async (t) => {
    const { services, give } = await setUp(t);
    const asked = await give(HOME, 'train', { file: upload, base: SECRET, epochs: 1, name: '새봄' });
    assert.equal(asked.outcome, 'answered', asked.all);
    const actions = asked.finished[0]!.actions!;
    assert.ok(actions.length >= 2);
    for (const { command, options } of actions) {
      for (const place of [AWAY, TWIN]) {
        const answer = await give(place, command, options);
        assert.equal(answer.outcome, 'refused', answer.all);
        assert.ok(!answer.all.includes(SECRET) && !answer.all.includes('새봄'), answer.all);
      }
    }
    assert.equal((await services.training.list()).length, 0);
  });

  it('is the default at home without being one elsewhere', async (t) => {
    const { services, give } = await setUp(t);
    assert.equal((await give(HOME, 'settings', { model: SECRET })).outcome, 'answered');
    assert.equal(await services.models.defaultName(HOME), SECRET);
    for (const place of [AWAY, TWIN, OWNERS_PLACE]) {
      assert.equal(await services.models.defaultName(place), 'ballad');
    }
    // Its file is gone: people go on singing.
    const { file } = await services.models.library.find(HOME, SECRET);
    await services.publisher.add(await readFile(file), HOME, '둘', (one) => one);
    await rm(file);
    assert.equal((await give(HOME, 'ballad', { length: 20 })).outcome, 'answered');
  });
});

describe('a model of all', () => {
  const CHANGES = [
    ['model', { model: 'ballad', action: 'rename', name: 'b' }],
    ['model', { model: 'ballad', action: 'delete' }],
    ['rollback', { model: 'ballad' }],
    ['rollback', { model: 'ballad', version: 1 }],
  ] as const;

  it('is not changed by a place, whoever asks there', async (t) => {
    const { folder, give } = await setUp(t);
    await writeCheckpoint(path.join(folder, '.versions', 'ballad'), '1', { seed: 3 });
    const before = snapshot(folder);
    for (const [command, options] of CHANGES) {
      for (const user of ['someone', 'owner']) {
        const answer = await give(HOME, command, options, { user });
        assert.equal(answer.outcome, 'refused', answer.all);
        assert.match(answer.failures[0]!, /belongs to all/);
      }
    }
    assert.deepEqual(snapshot(folder), before);
    assert.equal((await give(OWNERS_PLACE, 'rollback', { model: 'ballad' })).outcome, 'answered');
  });

  it('is made of a place’s by the owner alone', async (t) => {
    const { services, give } = await setUp(t);
    const share = { model: SECRET, action: 'share', name: '모두' };
    for (const user of ['someone', 'OWNER', 'owner ', '']) {
      const answer = await give(HOME, 'model', share, { user });
      assert.equal(answer.outcome, 'refused');
      assert.match(answer.failures[0]!, /only the owner/);
    }
    // The owner is not therefore an admin of the place.
    const asMember = await give(HOME, 'model', share, { user: 'owner', isAdmin: () => false });
    assert.equal(asMember.outcome, 'refused');
    assert.deepEqual(await services.models.names(AWAY), ['ballad']);
    assert.equal((await give(HOME, 'model', share, { user: 'owner' })).outcome, 'answered');
    assert.deepEqual(await services.models.names(AWAY), ['ballad', '모두']);
    assert.equal((await give(AWAY, 'ballad', { length: 20, model: '모두' })).outcome, 'answered');
  });
});

describe('commands for admins', () => {
  const ADMIN = ['model', 'rollback', 'import-model', 'train', 'settings'];

  it('are refused to everybody else before anything is looked at, in every way of asking', async (t) => {
    const { services, folder, give } = await setUp(t);
    for (const name of ADMIN)
      assert.equal(services.commands.find((one) => one.name === name)?.admin, true, name);
    const before = snapshot(folder);
    const ways: Partial<CommandRequest>[] = [
      { isAdmin: () => false },
      { isAdmin: async () => false },
      { isAdmin: () => Promise.reject(new Error('unknown')) },
      { isAdmin: () => 'yes' as never },
      { isAdmin: () => false, user: 'owner' },
    ];
    for (const { name, admin, options } of services.commands) {
      if (!admin) continue;
      const given = Object.fromEntries(Object.entries(options).map(([key, one]) => [key, someValue(one)]));
      for (const way of ways) {
        const answer = await give(HOME, name, given, way);
        assert.equal(answer.outcome, 'refused', `/${name}`);
        assert.match(answer.failures[0]!, /is for admins/);
      }
    }
    assert.deepEqual(snapshot(folder), before);
  });
});
