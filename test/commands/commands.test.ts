/** Every command through the dispatcher, with real models, as any platform would give it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Block, Message } from '../../src/commands/message.ts';
import { writeCheckpoint } from '../support/checkpoint.ts';
import { request } from '../support/platform.ts';
import { createTestServices, writeLastingBase } from '../support/services.ts';
import { until } from '../support/until.ts';

/** Where `request` is. */
const HERE = { platform: 'test', id: 'somewhere' };

type Lyric = Extract<Block, { kind: 'lyric' }>;
const lyrics = (message: Message): Lyric[] => message.blocks.filter((block) => block.kind === 'lyric');
const notes = (message: Message): string[] =>
  message.blocks.flatMap((block) => (block.kind === 'note' ? [block.text] : []));

describe('/ballad', () => {
  it('streams a lyric that only grows, and finishes with all that gives it again', async (t) => {
    const { dispatcher } = await createTestServices(t);
    const one = request('ballad', { prime_text: '사랑은', length: 100, seed: 5, temperature: 0.8 });
    assert.equal(await dispatcher.dispatch(one), 'answered');
    const { updates, finished } = one.reply;
    assert.ok(updates.length >= 50);
    let before = '';
    for (const update of updates) {
      const { primeText, text } = lyrics(update)[0]!;
      assert.equal(primeText, '사랑은');
      assert.ok(text.startsWith(before) && text.length > before.length);
      before = text;
    }
    const [lyric] = lyrics(finished[0]!);
    assert.equal(lyric!.complete, true);
    assert.equal([...lyric!.text].length, 100);
    assert.ok(lyric!.text.startsWith(before));
    const fields = Object.fromEntries(finished[0]!.fields!.map(({ label, value }) => [label, value]));
    assert.deepEqual([fields.모델, fields.온도, fields.시드], ['ballad', '0.8', '5']);
  });

  it('has buttons that are commands: as they come, or after JSON', async (t) => {
    const { dispatcher } = await createTestServices(t);
    const one = request('ballad', { prime_text: '사랑은', length: 30, seed: 5, temperature: 1.95, top_k: 4 });
    await dispatcher.dispatch(one);
    const actions = one.reply.finished[0]!.actions!;
    assert.deepEqual(
      actions.map(({ label, options }) => [label, options.temperature, options.seed]),
      [
        ['다시', 1.95, undefined],
        ['이어서', 1.95, 5],
        ['더 차분하게', 1.8, undefined],
        ['더 자유롭게', 2, undefined],
      ],
    );
    for (const action of actions) {
      const { command, options } = JSON.parse(JSON.stringify(action));
      const again = request(command, options);
      assert.equal(await dispatcher.dispatch(again), 'answered');
      assert.ok(lyrics(again.reply.finished[0]!)[0]!.primeText.startsWith('사랑은'));
    }
  });

  it('writes several lyrics at once, each as its seed gives it alone', async (t) => {
    const { dispatcher } = await createTestServices(t);
    const together = request('ballad', { prime_text: '밤', length: 30, seed: 2 ** 32 - 2, count: 4 });
    await dispatcher.dispatch(together);
    const texts = lyrics(together.reply.finished[0]!).map(({ text }) => text);
    const seeds = [2 ** 32 - 2, 2 ** 32 - 1, 0, 1];
    for (const [i, seed] of seeds.entries()) {
      const alone = request('ballad', { prime_text: '밤', length: 30, seed });
      await dispatcher.dispatch(alone);
      assert.equal(lyrics(alone.reply.finished[0]!)[0]!.text, texts[i]);
    }
  });

  it('needs no options, and then never gives the same twice', async (t) => {
    const { dispatcher } = await createTestServices(t);
    const answers = [request('ballad'), request('ballad')];
    for (const one of answers) assert.equal(await dispatcher.dispatch(one), 'answered');
    const [a, b] = answers.map(({ reply }) => lyrics(reply.finished[0]!)[0]!.text);
    assert.notEqual(a, b);
  });

  it('ends where it is when the person cancels, and says so', async (t) => {
    const { dispatcher } = await createTestServices(t);
    const cancellation = new AbortController();
    const one = request('ballad', { length: 1000, seed: 1 }, { signal: cancellation.signal });
    const { reply } = one;
    const update = reply.update.bind(reply);
    reply.update = (message) => {
      update(message);
      if (reply.updates.length === 10) cancellation.abort();
    };
    assert.equal(await dispatcher.dispatch(one), 'answered');
    const { length } = lyrics(reply.finished[0]!)[0]!.text;
    assert.ok(length >= 10 && length < 1000);
    assert.equal(notes(reply.finished[0]!).length, 1);
  });
});

describe('/train, /cancel, /models, /status', () => {
  const bytes = Buffer.from('사랑은 눈물의 별빛\n'.repeat(400));
  const file = (content: Buffer) => [{ name: '별빛 노래.txt', read: async () => content }];
  const asAdmin = { isAdmin: () => true };

  it('are refused to those who are no admins, where they change something', async (t) => {
    const { dispatcher, services } = await createTestServices(t);
    for (const [name, options] of [
      ['train', { file: file(bytes) }],
      ['cancel', {}],
    ] as const) {
      const one = request(name, options);
      assert.equal(await dispatcher.dispatch(one), 'refused');
      assert.match(one.reply.failures[0]!, /관리자만/);
    }
    assert.equal(services.training.current, undefined);
  });

  it('train an upload, show how it goes in a message of its own, and keep the model', async (t) => {
    const { dispatcher, services } = await createTestServices(t);
    const order = request('train', { file: file(bytes), epochs: 2, start: 'now' }, asAdmin);
    assert.equal(await dispatcher.dispatch(order), 'answered', order.reply.failures[0]);
    assert.equal(order.reply.finished.length, 1);
    const [post] = order.reply.posts;
    const cancelButton = post!.updates[0]!.actions![0]!;
    assert.equal(services.commands.find(({ name }) => name === cancelButton.command)?.admin, true);
    const status = request('status');
    await dispatcher.dispatch(status);
    assert.match(JSON.stringify(status.reply.finished[0]), /별빛-노래 \d+%/);

    await until(() => post!.finished.length > 0, 'the end');
    const kept = request('settle', { as: 'keep' }, asAdmin);
    assert.equal(await dispatcher.dispatch(kept), 'answered', kept.reply.failures[0]);
    await dispatcher.close(1000);
    assert.equal(post!.finished.length, 1);
    assert.match(notes(post!.finished[0]!)[0]!, /별빛-노래 모델의 학습이 끝났습니다/);
    const info = (await services.models.list(HERE)).find(({ name }) => name === '별빛-노래');
    assert.equal(info?.header?.training.parent, 'ballad');
    const sung = await services.models.use(HERE, '별빛-노래', ({ sampler }) =>
      sampler.sample({ primeText: '눈물', length: 20, temperature: 1, seed: 1 }),
    );
    assert.deepEqual(sung.unseen, [], 'the vocabulary has grown by the new characters');
  });

  it('take a free name after the file, and cancel within a second or so', async (t) => {
    const { dispatcher, services, folder } = await createTestServices(t);
    await writeCheckpoint(folder, '별빛-노래');
    await writeLastingBase(folder);
    const order = request('train', { file: file(bytes), epochs: 1000, start: 'now' }, asAdmin);
    assert.equal(await dispatcher.dispatch(order), 'answered', order.reply.failures[0]);
    assert.equal((await services.training.list(HERE))[0]?.name, '별빛-노래-2');
    const started = performance.now();
    const cancel = request('cancel', {}, asAdmin);
    assert.equal(await dispatcher.dispatch(cancel), 'answered');
    assert.ok(performance.now() - started < 3000);
    await dispatcher.close(1000);
    await services.jobMessages.close();
    assert.match(notes(order.reply.posts[0]!.finished[0]!)[0]!, /취소했습니다/);
    assert.ok(!(await services.models.names(HERE)).includes('별빛-노래-2'));
  });
});
