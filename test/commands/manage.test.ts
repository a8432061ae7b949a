/** `/models`, `/model`, `/rollback`: what they say and do, with real models. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Place } from '../../src/commands/command.ts';
import type { ListItem } from '../../src/commands/message.ts';
import type { CommandRequest } from '../../src/platforms/platform.ts';
import { OWNERS_PLACE } from '../../src/store/places.ts';
import { writeCheckpoint } from '../support/checkpoint.ts';
import { request } from '../support/platform.ts';
import { createTestServices } from '../support/services.ts';

const HERE: Place = { platform: 'discord', id: '111111111111111111' };

async function setUp(t: TestContext) {
  const bot = await createTestServices(t);
  const { publisher } = bot.services;
  const trained = (seed: number) => writeCheckpoint(path.join(bot.folder, '.work'), `${seed}`, { seed });
  const publish = async (name: string, seed: number, asDefault = false) =>
    publisher.publish(await trained(seed), {
      place: HERE,
      name,
      asDefault,
      lineage: {
        parent: 'ballad',
        date: '2026-11-27T10:00:00.000Z',
        losses: { new_text: { before: 4.5, after: 3.25 }, base_text: { before: 2.9, after: 2.95 } },
      },
    });
  const give = async (
    command: string,
    options: CommandRequest['options'] = {},
    more: Partial<CommandRequest> & { readonly withoutActions?: true } = {},
  ) => {
    const { withoutActions, ...rest } = more;
    const one = request(command, options, { place: HERE, isAdmin: () => true, locale: 'en', ...rest });
    if (withoutActions) Object.assign(one.reply, { withoutActions });
    await bot.dispatcher.dispatch(one);
    return one.reply;
  };
  const sing = async (model: string): Promise<string> => {
    const reply = await give('ballad', { model, prime_text: '밤', length: 60, seed: 4 });
    const [block] = reply.finished[0]!.blocks;
    return block!.kind === 'lyric' ? block!.text : '';
  };
  return { ...bot, trained, publish, give, sing };
}

type Reply = Awaited<ReturnType<Awaited<ReturnType<typeof setUp>>['give']>>;
const items = (reply: Reply): readonly ListItem[] =>
  reply.finished[0]!.blocks.flatMap((block) => (block.kind === 'list' ? block.items : []));
const note = (reply: Reply): string =>
  reply.finished[0]!.blocks.flatMap((block) => (block.kind === 'note' ? [block.text] : [])).join();

describe('/models', () => {
  it('says where each model came from, whose it is, and how much room is left', async (t) => {
    const { publish, give } = await setUp(t);
    await publish('봄', 1);
    await publish('봄', 2, true);
    const reply = await give('models');
    const [ballad, spring] = items(reply);
    assert.equal(ballad!.title, 'ballad');
    assert.match(ballad!.details.at(-1)!, /MB · of all$/);
    assert.equal(spring!.title, '봄 (default)');
    assert.deepEqual(spring!.details.slice(1, 3), [
      'trained on nothing, 0 epochs, going on from ballad',
      'loss: new text 4.500 → 3.250, base text 2.900 → 2.950',
    ]);
    assert.match(spring!.details[3]!, /^version 2 · 2026-11-27 · 0\.0MB$/);
    assert.equal(spring!.details[4], 'can go back to version 1');
    assert.match(note(reply), /1 of 5, 0\.0MB of 1\.0MB/);
  });

  it('names a damaged file in a chat without the folders of the machine', async (t) => {
    const { folder, give } = await setUp(t);
    await writeFile(path.join(folder, 'odd.safetensors'), 'no checkpoint');
    const odd = items(await give('models')).find(({ title }) => title === 'odd');
    assert.match(odd!.details[0]!, /cannot be used: odd\.safetensors: /);
  });

  it('says to the owner nothing of places', async (t) => {
    const { publish, give } = await setUp(t);
    await publish('봄', 1);
    const reply = await give('models', {}, { place: OWNERS_PLACE });
    assert.deepEqual(
      items(reply).map(({ title }) => title),
      ['ballad (default)'],
    );
    assert.equal(note(reply), '');
  });
});

describe('/rollback', () => {
  it('takes the default back, and lyrics in flight end on what they began on', async (t) => {
    const { publish, give, sing, services } = await setUp(t);
    await publish('봄', 1);
    const first = await sing('봄');
    await publish('봄', 2, true);
    const second = await sing('봄');
    assert.notEqual(second, first);
    await services.models.use(HERE, '봄', async ({ sampler }) => {
      assert.match(note(await give('rollback')), /봄 is back at version 1/);
      assert.equal(await sing('봄'), first);
      const { text } = await sampler.sample({ primeText: '밤', length: 60, temperature: 0.9, seed: 4 });
      assert.equal(text, second, 'the old network is there for as long as it is used');
    });
    assert.match(note(await give('rollback', '봄 version:2')), /version 2/);
    assert.equal(await sing('봄'), second);
    const refused = await give('rollback', { model: '봄', version: 7 });
    assert.match(refused.failures[0]!, /cannot go back to version 7; kept: 1/);
  });

  it('of a first version makes its parent the default again', async (t) => {
    const { publish, give, services } = await setUp(t);
    await publish('봄', 1, true);
    assert.match(note(await give('rollback')), /the default here is ballad again/);
    assert.equal(await services.models.defaultName(HERE), 'ballad');
    assert.match((await give('rollback', { model: '봄' })).failures[0]!, /no earlier version/);
  });
});

describe('/model', () => {
  it('renames, and the default goes with it', async (t) => {
    const { publish, give, services } = await setUp(t);
    await publish('봄', 1, true);
    assert.match((await give('model', '봄 action:rename')).failures[0]!, /option name/);
    for (const name of ['../봄', 'none', '.여름', 'a/b', '']) {
      const refused = await give('model', { model: '봄', action: 'rename', name });
      assert.match(refused.failures[0]!, /a model name has/, name);
    }
    assert.match(note(await give('model', '봄 action:rename name:여름')), /봄 is called 여름 now/);
    assert.equal(await services.models.defaultName(HERE), '여름');
    assert.deepEqual(await services.models.names(HERE), ['ballad', '여름']);
  });

  it('deletes after asking, and only what was asked about', async (t) => {
    const { publish, give, services } = await setUp(t);
    await publish('봄', 1);
    const asked = await give('model', { model: '봄', action: 'delete' });
    assert.match(note(asked), /Delete 봄\? This cannot be undone/);
    const [button] = asked.finished[0]!.actions!;
    assert.equal(button!.danger, true);
    // Another was published meanwhile.
    await publish('봄', 2);
    const again = await give('model', button!.options);
    assert.match(note(again), /with 1 earlier versions/);
    assert.ok((await services.models.names(HERE)).includes('봄'));
    assert.equal(note(await give('model', again.finished[0]!.actions![0]!.options)), 'Deleted 봄.');
    assert.deepEqual(await services.models.names(HERE), ['ballad']);
    assert.deepEqual(await services.models.loaded(HERE), []);
  });

  it('deletes at once where nothing can be pressed', async (t) => {
    const { publish, give, services } = await setUp(t);
    await publish('봄', 1);
    const reply = await give('model', '봄 action:delete', { withoutActions: true });
    assert.equal(note(reply), 'Deleted 봄.');
    assert.deepEqual(await services.models.names(HERE), ['ballad']);
  });

  it('deletes no default, and nothing that a training works with', async (t) => {
    const { publish, give, services } = await setUp(t);
    await publish('봄', 1, true);
    await publish('여름', 2);
    assert.match((await give('model', '봄 action:delete')).failures[0]!, /is the default model/);
    const { training } = services;
    const list = training.list.bind(training);
    for (const job of [{ name: '여름' }, { name: '가을', baseName: '여름' }]) {
      for (const state of ['queued', 'running', 'paused']) {
        training.list = async () => [{ baseName: null, ...job, state, place: HERE }] as never;
        for (const options of ['여름 action:delete', '여름 action:rename name:겨울']) {
          assert.match((await give('model', options)).failures[0]!, /a training works with 여름/);
        }
      }
    }
    training.list = list;
    assert.match(note(await give('model', '여름 action:delete')), /Delete 여름/);
  });

  it('exports a file that can be taken in again, here or elsewhere, as the same network', async (t) => {
    const { publish, give, sing, services } = await setUp(t);
    await publish('봄', 2);
    await publish('봄', 1);
    const [file] = (await give('model', '봄 action:export')).finished[0]!.files!;
    assert.equal(file!.name, '봄.safetensors');
    const incoming = [{ name: file!.name, read: async () => file!.bytes }];
    assert.match(note(await give('import-model', { file: incoming })), /봄-2 is there/);
    assert.equal(await sing('봄-2'), await sing('봄'));
    const place = { platform: 'slack', id: 'T1' };
    assert.match(
      note(await give('import-model', { file: incoming, name: '새봄' }, { place })),
      /새봄 is there/,
    );
    const info = (await services.models.list(place)).find(({ name }) => name === '새봄');
    assert.equal(info!.header!.training.version, 1, 'versions are counted anew');
    assert.equal(info!.header!.training.date, '2026-11-27T10:00:00.000Z');
  });

  it('exports what belongs to all, too', async (t) => {
    const { give } = await setUp(t);
    assert.equal((await give('model', 'ballad action:export')).finished[0]!.files!.length, 1);
  });
});

describe('/train with the name of a model that is there', () => {
  it('makes its next version where it goes on from that one and is the place’s own, and is refused else', async (t) => {
    const { publish, give } = await setUp(t);
    await publish('봄', 1);
    const bytes = Buffer.from('사랑은 눈물의 별빛\n'.repeat(400));
    const file = [{ name: 'songs.txt', read: async () => bytes }];
    const asked = await give('train', { file, base: '봄', name: '봄' });
    assert.equal(asked.failures[0], undefined);
    assert.ok(asked.finished[0]!.actions!.length >= 2);
    for (const options of [
      { file, base: 'ballad', name: '봄' },
      { file, base: 'ballad', name: 'ballad' },
      { file, base: 'none', name: '봄' },
    ]) {
      assert.match((await give('train', options)).failures[0]!, /there is already a model/);
    }
  });
});
