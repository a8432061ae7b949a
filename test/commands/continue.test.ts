/** Going on with a lyric: as if it had never ended, in another process too. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Action, Block, Message } from '../../src/commands/message.ts';
import { Kept } from '../../src/store/kept.ts';
import { writeCheckpoint } from '../support/checkpoint.ts';
import { request } from '../support/platform.ts';
import { createTestServices } from '../support/services.ts';

type Lyric = Extract<Block, { kind: 'lyric' }>;
const lyrics = (message: Message): Lyric[] => message.blocks.filter((block) => block.kind === 'lyric');
const texts = (one: ReturnType<typeof request>): string[] =>
  lyrics(one.reply.finished[0]!).map(({ text }) => text);
const button = (one: ReturnType<typeof request>, label: string): Action =>
  one.reply.finished[0]!.actions!.find((action) => action.label === label)!;

async function setUp(t: Parameters<typeof createTestServices>[0]) {
  const bot = await createTestServices(t);
  const give = async (options: Action['options'], more = {}) => {
    const one = request('ballad', options, more);
    assert.equal(await bot.dispatcher.dispatch(one), 'answered', one.reply.failures[0]);
    return one;
  };
  return { ...bot, give };
}

describe('continuing a lyric', () => {
  it('gives what one lyric of the joint length would have been, again and again', async (t) => {
    const { give } = await setUp(t);
    const order = { prime_text: '사랑은', seed: 5, temperature: 1.2, top_k: 9 };
    const [whole] = texts(await give({ ...order, length: 90 }));
    const first = await give({ ...order, length: 30 });
    const second = await give(button(first, '이어서').options);
    const third = await give(button(second, '이어서').options);
    assert.equal([first, second, third].flatMap(texts).join(''), whole);
  });

  it('shows the line that it goes on with', async (t) => {
    const { give } = await setUp(t);
    const first = await give({ prime_text: '어제의 일\n사랑은', seed: 5, length: 30 });
    const second = await give(button(first, '이어서').options);
    const [lyric] = lyrics(second.reply.finished[0]!);
    assert.equal(lyric!.primeText, `사랑은${texts(first)[0]}`);
  });

  it('goes on with all lyrics of an answer', async (t) => {
    const { give } = await setUp(t);
    const first = await give({ prime_text: '밤', seed: 2 ** 32 - 1, length: 20, count: 3 });
    const second = await give(button(first, '이어서').options);
    const whole = await give({ prime_text: '밤', seed: 2 ** 32 - 1, length: 40, count: 3 });
    assert.deepEqual(
      texts(first).map((text, i) => text + texts(second)[i]),
      texts(whole),
    );
  });

  it('with another seed or temperature goes another way from the same place', async (t) => {
    const { give } = await setUp(t);
    const first = await give({ prime_text: '사랑은', seed: 5, length: 30 });
    const second = await give(button(first, '이어서').options);
    const others = [await give(button(second, '다시').options), await give(button(second, '다시').options)];
    others.push(await give(button(second, '더 자유롭게').options));
    const shown = new Set([second, ...others].map((one) => lyrics(one.reply.finished[0]!)[0]!.primeText));
    assert.equal(shown.size, 1);
    assert.equal(new Set([second, ...others].flatMap(texts)).size, 4);
  });

  it('is refused when the model has changed, and when the time is over', async (t) => {
    const { give, folder, services, dispatcher } = await setUp(t);
    const first = await give({ seed: 5, length: 30 });
    await writeCheckpoint(folder, 'ballad', { rnnSize: 32, seed: 2 });
    const changed = request('ballad', button(first, '이어서').options, { locale: 'en' });
    assert.equal(await dispatcher.dispatch(changed), 'refused');
    assert.match(changed.reply.failures[0]!, /another model/);

    const late = new Kept({ folder: path.join(folder, 'kept'), lifetimeMs: 1, now: () => Date.now() + 9e7 });
    Object.assign(services, { kept: late });
    const expired = request('ballad', button(first, '이어서').options, { locale: 'en' });
    assert.equal(await dispatcher.dispatch(expired), 'refused');
    assert.match(expired.reply.failures[0]!, /no longer kept/);
  });

  it('is not offered where nothing can be pressed, nor where it cannot be kept: the lyric comes all the same', async (t) => {
    const { give, services, dispatcher } = await setUp(t);
    const at = request('ballad', { length: 20 });
    Object.assign(at.reply, { withoutActions: true });
    assert.equal(await dispatcher.dispatch(at), 'answered');
    assert.equal(
      at.reply.finished[0]!.actions!.some(({ label }) => label === '이어서'),
      false,
    );

    Object.assign(services, { kept: new Kept({ folder: '/dev/null/kept', lifetimeMs: 1 }) });
    const one = await give({ length: 20 });
    assert.equal(button(one, '이어서'), undefined);
    assert.ok(one.reply.finished[0]!.blocks.some(({ kind }) => kind === 'note'));
  });
});
