/** /train from the question to what becomes of the model, on no platform: who may, once, here, in time. */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChatLine } from '../../src/commands/history.ts';
import type { Action, Message } from '../../src/commands/message.ts';
import type { Draft } from '../../src/commands/train-draft.ts';
import type { CommandRequest } from '../../src/platforms/platform.ts';
import { Kept } from '../../src/store/kept.ts';
import type { RecordingReply } from '../support/platform.ts';
import { request } from '../support/platform.ts';
import { createTestServices, writeLastingBase } from '../support/services.ts';
import { songs } from '../support/songs.ts';

const PATIENCE_MS = 60_000;
const HERE = { platform: 'test', id: 'somewhere' };
const asAdmin = { isAdmin: () => true };
const file = (content: string, name = '봄.txt') => ({ name, read: async () => Buffer.from(content) });

const text = ({ blocks, fields = [] }: Message): string =>
  [
    ...blocks.map((block) => JSON.stringify(block)),
    ...fields.map(({ label, value }) => `${label} ${value}`),
  ].join('\n');
const actionOf = (message: Message, label: string): Action => {
  const action = message.actions?.find((one) => one.label === label);
  assert.ok(action, `${label} is not among ${message.actions?.map((one) => one.label)}`);
  return action;
};

async function setUp(t: TestContext) {
  const bot = await createTestServices(t);
  const { dispatcher, services } = bot;
  const give = async (
    command: string,
    options: CommandRequest['options'],
    more: Partial<CommandRequest> = {},
  ) => {
    const one = request(command, options, { ...asAdmin, ...more });
    await dispatcher.dispatch(one);
    return one.reply;
  };
  const press = ({ command, options }: Action, more: Partial<CommandRequest> = {}) =>
    give(command, options, more);
  /** A question that was asked. */
  const ask = async (options: object = {}, more: Partial<CommandRequest> = {}) => {
    const reply = await give('train', { file: [file(songs(40))], epochs: 1, ...options }, more);
    assert.deepEqual(reply.failures, []);
    return reply.finished[0]!;
  };
  const until = async <T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> => {
    const impatient = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = await look();
      if (found) return found;
      assert.ok(performance.now() < impatient, `never: ${look}`);
      await sleep(20);
    }
  };
  const endOf = (reply: RecordingReply) => until(() => reply.posts[0]?.finished[0]);
  return { ...bot, services, give, press, ask, until, endOf };
}

const refusal = (reply: RecordingReply): string => {
  assert.equal(reply.finished.length, 0);
  assert.equal(reply.posts.length, 0);
  return reply.failures[0]!;
};

describe('the question before a training', () => {
  it('says what is in the texts and what it will take, and starts nothing', async (t) => {
    const { ask, services } = await setUp(t);
    const message = await ask({
      file: [
        file(songs(40)),
        file('[00:12.00]바다에 편지 하나 겹쳐요 https://x.example/a @누구\n', '둘.lrc'),
      ],
      epochs: 3,
    });
    const said = text(message);
    for (const expected of [
      /ballad 모델에서 이어 봄 외 1개|ballad 모델에서 이어 봄/,
      /글 [\d,]+자, 노래 4\d곡, [\d,]+줄/,
      /새 글자 \d+가지: ./,
      /중복 비슷한 노래 \d+곡, 되풀이되는 줄 \d+줄/,
      /언어 한글 \d+%, 로마자 \d+%/,
      /반복 3회/,
      /예상 시간 약 .*(어림한 속도|잰 속도)/,
      /메모리 \d+MB 이상/,
      /뺀 것: 주소 1개, 멘션 1개/,
    ]) {
      assert.match(said, expected);
    }
    assert.doesNotMatch(said, /x\.example/);
    assert.deepEqual(
      message.actions?.map(({ label, asks }) => [label, asks]),
      [
        ['시작', true],
        ['취소', true],
      ],
    );
    assert.deepEqual(await services.training.list(HERE), []);
  });

  it('keeps what the owner wants of going on from a model, and what was asked for', async (t) => {
    const { ask, services } = await setUp(t);
    const wanted = { replay: 0.2, maxBaseLossIncrease: 0.01, patience: 7 };
    Object.assign(services, { fineTuning: { ...services.fineTuning, ...wanted } });
    const { start } = actionOf(await ask({ epochs: 3 }), '시작').options;
    const { settings } = (await services.drafts.get(String(start))) as Draft;
    assert.deepEqual({ ...settings, ...wanted, maxEpochs: 3 }, settings);
  });

  it('is not asked about what cannot be trained on', async (t) => {
    const { give } = await setUp(t);
    for (const [options, expected] of [
      [{}, /학습할 글이 없습니다/],
      [{ file: [file('')] }, /봄\.txt/],
      [{ file: [file('사랑')] }, /봄\.txt/],
      [{ file: [file(songs(40))], name: '../x' }, /이름/],
      [{ file: [file(songs(40))], base: 'nope' }, /nope/],
      [{ messages: 50 }, /읽을 메시지가 없습니다/],
    ] as const) {
      assert.match(refusal(await give('train', options)), expected);
    }
  });

  it('is answered once, by an admin, at its place, in time, and by its own button', async (t) => {
    const { ask, press, give, services, endOf } = await setUp(t);
    const start = actionOf(await ask(), '시작');
    for (const isAdmin of [() => false, () => Promise.reject(new Error('unknown')), () => 1 as never]) {
      assert.match(refusal(await press(start, { isAdmin })), /관리자만/);
    }
    const elsewhere = { place: { platform: 'test', id: 'elsewhere' } };
    assert.match(refusal(await press(start, elsewhere)), /이미 답했거나/);
    const lyric = await services.drafts.put([{ command: 'train', options: {} }]);
    for (const forged of ['x', '../../settings', '0mx0hjy82-2391ca2475a9ca93', lyric, '']) {
      assert.match(
        refusal(await give('train', { start: forged })),
        /이미 답했거나|학습할 글이 없습니다/,
        forged,
      );
    }
    assert.deepEqual(await services.training.list(), [], 'nothing has started');

    const both = await Promise.all([press(start), press(start)]);
    assert.equal(both.filter(({ finished }) => finished.length === 1).length, 1, 'two presses, one training');
    assert.match(refusal(await press(start)), /이미 답했거나/);
    assert.equal((await services.training.list(HERE)).length, 1);
    await endOf(both.find(({ finished }) => finished.length === 1)!);
  });

  it('is not answered with a second training of the same name', async (t) => {
    const { ask, press, give, services, folder } = await setUp(t);
    await writeLastingBase(folder);
    const [first, second] = [await ask({ epochs: 1000 }), await ask()];
    await press(actionOf(first, '시작'));
    assert.match(
      refusal(await press(actionOf(second, '시작'))),
      /봄 모델을 만드는 학습이 이미 있습니다\(1번\)/,
    );
    assert.match(
      refusal(await give('train', { file: [file(songs(40))], name: '봄' })),
      /봄 모델을 만드는 학습/,
    );
    const jobs = await services.training.list(HERE);
    assert.equal(jobs.length, 1);
    await services.training.cancel(HERE, jobs[0]!.id);
    assert.deepEqual((await press(actionOf(second, '시작'))).failures, []);
    for (const { id } of await services.training.list(HERE)) await services.training.cancel(HERE, id);
  });

  it('is answered with one training of a name where two are pressed at once', async (t) => {
    const { ask, press, services, folder } = await setUp(t);
    await writeLastingBase(folder);
    const questions = [await ask({ epochs: 1000 }), await ask({ epochs: 1000 })];
    const replies = await Promise.all(questions.map((question) => press(actionOf(question, '시작'))));
    const refused = replies.filter(({ failures }) => failures.length > 0);
    assert.equal(refused.length, 1);
    assert.match(refusal(refused[0]!), /봄 모델을 만드는 학습이 이미 있습니다\(1번\)/);
    const jobs = await services.training.list(HERE);
    assert.deepEqual(
      jobs.map(({ name }) => name),
      ['봄'],
    );
    await services.training.cancel(HERE, jobs[0]!.id);
    // The other's question stands.
    assert.deepEqual((await press(actionOf(questions[replies.indexOf(refused[0]!)]!, '시작'))).failures, []);
    await services.training.cancel(HERE, 2);
  });

  it('is dropped with its text', async (t) => {
    const { ask, press } = await setUp(t);
    const message = await ask();
    assert.match(refusal(await press(actionOf(message, '취소'), { isAdmin: () => false })), /관리자만/);
    const dropped = await press(actionOf(message, '취소'));
    assert.match(text(dropped.finished[0]!), /하지 않기로/);
    assert.match(refusal(await press(actionOf(message, '시작'))), /이미 답했거나/);
  });

  it('can be answered again where the order was refused', async (t) => {
    const { ask, press, services, folder } = await setUp(t);
    await writeLastingBase(folder);
    const { training } = services;
    const questions = await Promise.all(
      Array.from({ length: 5 }, (_, i) => ask({ name: `m${i}`, epochs: 1000 })),
    );
    const replies: RecordingReply[] = [];
    for (const question of questions) replies.push(await press(actionOf(question, '시작')));
    assert.match(refusal(replies[4]!), /4/);
    const jobs = await training.list(HERE);
    await training.cancel(HERE, jobs.at(-1)!.id);
    const again = await press(actionOf(questions[4]!, '시작'));
    assert.deepEqual(again.failures, []);
    for (const { id, state } of await training.list(HERE)) {
      if (state !== 'cancelled') await training.cancel(HERE, id);
    }
  });

  it('goes, the oldest first, where there are too many bytes of texts; what else is kept stays', async (t) => {
    const { ask, press, services, folder } = await setUp(t);
    const bytes = 3 * JSON.stringify(songs(40)).length;
    Object.assign(services, {
      drafts: new Kept({ folder: `${folder}/drafts`, lifetimeMs: 60_000, mostBytes: bytes }),
    });
    const button = await services.kept.put(['a lyric']);
    const questions = [];
    for (let i = 0; i < 8; i++) questions.push(await ask({ name: `m${i}` }));
    const sizes = readdirSync(`${folder}/drafts`).map((name) => statSync(`${folder}/drafts/${name}`).size);
    assert.ok(sizes.reduce((sum, size) => sum + size) <= bytes, `${sizes}`);
    assert.match(refusal(await press(actionOf(questions[0]!, '시작'))), /기한이 지났습니다/);
    assert.deepEqual((await press(actionOf(questions[7]!, '취소'))).failures, []);
    assert.deepEqual(await services.kept.get(button), ['a lyric']);
  });

  it('expires', async (t) => {
    const { ask, press, services, folder } = await setUp(t);
    let now = Date.now();
    Object.assign(services, {
      drafts: new Kept({ folder: `${folder}/drafts`, lifetimeMs: 1000, now: () => now }),
    });
    const start = actionOf(await ask(), '시작');
    now += 1001;
    assert.match(refusal(await press(start)), /기한이 지났습니다/);
  });
});

describe('a training in its message', () => {
  it('goes from its place in the queue to a picture and a question, which an admin answers once', async (t) => {
    const { ask, press, services, endOf, until } = await setUp(t);
    const started = await press(actionOf(await ask({ epochs: 2 }), '시작'));
    assert.match(text(started.finished[0]!), /맡았습니다 \(1번\)/);
    const end = await endOf(started);
    const { updates } = started.posts[0]!;
    assert.ok(
      updates.some(
        (one) => /학습하고 있습니다/.test(text(one)) && one.blocks.some(({ kind }) => kind === 'bar'),
      ),
    );
    assert.match(
      text(end),
      /학습이 끝났습니다[\s\S]*학습 전[\s\S]*학습 뒤[\s\S]*새 글 손실 \d+\.\d{3} → \d+\.\d{3}/,
    );
    const [picture] = end.files!;
    assert.equal(picture!.name, 'training-1.png');
    assert.match(picture!.alt, /봄 모델의 학습 곡선: 새 글 손실/);
    assert.deepEqual([...picture!.bytes.subarray(1, 4)], [...Buffer.from('PNG')]);

    const keep = actionOf(end, '곁에 두기');
    assert.match(refusal(await press(keep, { isAdmin: () => false })), /관리자만/);
    assert.match(refusal(await press(keep, { place: { platform: 'test', id: 'elsewhere' } })), /1번/);
    const kept = await press(keep);
    assert.match(text(kept.finished[0]!), /곁에 두었습니다/);
    assert.match(refusal(await press(actionOf(end, '버리기'))), /이미/);
    await until(async () => (await services.models.names(HERE)).includes('봄'));
  });

  it('becomes the default where it got better, and says why where it must not', async (t) => {
    const { ask, press, give, services, endOf } = await setUp(t);
    const end = await endOf(await press(actionOf(await ask({ epochs: 2 }), '시작')));
    const publish = actionOf(end, '기본 모델로');
    assert.match(refusal(await press(publish, { isAdmin: () => false })), /관리자만/);
    await press(publish);
    assert.equal(await services.models.defaultName(HERE), '봄');
    const short = file(`${'바다에 편지 하나 남아있죠 '.repeat(12)}`, '짧은.txt');
    const kept = await endOf(await press(actionOf(await ask({ file: [short], epochs: 2 }), '시작')));
    assert.match(text(kept), /잴 수 없으므로 기본 모델로는 내놓지 않습니다/);
    assert.deepEqual(
      kept.actions?.map(({ label }) => label),
      ['곁에 두기', '버리기'],
    );
    assert.match(refusal(await give('settle', { as: 'publish', job: 2 })), /2번/);
    assert.equal(await services.models.defaultName(HERE), '봄');
    await give('settle', { as: 'discard' });
    assert.deepEqual((await services.models.names(HERE)).sort(), ['ballad', '봄']);
  });

  it('shows each verse, is paused and resumed by its buttons, and ends when it is cancelled', async (t) => {
    const { ask, press, until, folder } = await setUp(t);
    await writeLastingBase(folder);
    const started = await press(actionOf(await ask({ epochs: 1000 }), '시작'));
    const post = started.posts[0]!;
    const latest = (pattern: RegExp) => until(() => post.updates.findLast((one) => pattern.test(text(one))));
    const running = await latest(/1회째 반복 뒤:/);
    assert.match(text(running), /반복 \d[\s\S]*손실 \d/);
    const pause = actionOf(running, '잠시 멈춤');
    assert.match(refusal(await press(pause, { isAdmin: () => false })), /관리자만/);
    await press(pause);
    const paused = await latest(/잠시 멈추었습니다/);
    assert.match(refusal(await press(actionOf(paused, '계속'), { isAdmin: () => false })), /관리자만/);
    const before = post.updates.length;
    await press(actionOf(paused, '계속'));
    await until(() => post.updates.slice(before).some((one) => /학습하고 있습니다/.test(text(one))));
    assert.match(refusal(await press(actionOf(paused, '취소'), { isAdmin: () => false })), /관리자만/);
    await press(actionOf(paused, '취소'));
    const end = await until(() => post.finished[0]);
    assert.match(text(end), /취소했습니다/);
    assert.equal(end.actions, undefined);
  });
});

describe('messages as a text', () => {
  const chat: ChatLine[] = Array.from({ length: 300 }, (_, i) => ({
    author: i % 3 === 0 ? 'refuses' : `person-${i % 5}`,
    text: i % 3 === 0 ? `비밀이야 ${i}` : songs(1).split('\n')[i % 6]! + i,
  }));
  const history = { readHistory: async (count: number) => ({ lines: chat.slice(-count), read: count + 7 }) };

  it('leaves out those who refused, says so, and asks again when somebody refuses before the start', async (t) => {
    const { give, ask, press, services } = await setUp(t);
    const refused = await give('privacy', { training: 'refuse' }, { user: 'refuses', isAdmin: () => false });
    assert.match(text(refused.finished[0]!), /쓰지 않습니다/);
    assert.match(text((await give('privacy', {}, { user: 'other' })).finished[0]!), /쓸 수 있습니다/);

    const message = await ask({ file: undefined, messages: 250 }, history);
    const used = chat.slice(-250).filter(({ author }) => author !== 'refuses').length;
    assert.match(
      text(message),
      new RegExp(`메시지 257개를 읽어 ${used}개를 씁니다.*거부한 사람의 메시지 ${250 - used}개`),
    );
    const start = actionOf(message, '시작');
    const kept = JSON.stringify(await services.drafts.get(String(start.options.start)));
    assert.ok(
      /[가-힣]+에 [가-힣]+ 하나/.test(kept) && !kept.includes('비밀이야'),
      'their words are not even kept',
    );

    await give('privacy', { training: 'refuse' }, { user: 'person-1', isAdmin: () => false });
    assert.match(refusal(await press(start)), /학습을 거부했습니다/);
    await give('privacy', { training: 'allow' }, { user: 'person-1', isAdmin: () => false });
    const started = await press(start);
    assert.deepEqual(started.failures, []);
    const [job] = await services.training.list(HERE);
    await services.training.cancel(HERE, job!.id);
  });

  it('is none where everybody refused', async (t) => {
    const { give, services } = await setUp(t);
    for (const { author } of chat) await services.privacy.set('test', author, false);
    const reply = await give('train', { messages: 50 }, history);
    assert.match(refusal(reply), /학습에 쓸 글이 없습니다 \(학습을 거부한 사람의 메시지 50개\)/);
  });
});
