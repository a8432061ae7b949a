/** /train on Discord, from an upload or the channel's messages to what becomes of the model: buttons, pictures, restarts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Discord } from '../../src/platforms/discord.ts';
import { closeServices, openTestServices, writeLastingBase } from '../support/services.ts';
import { songs } from '../support/songs.ts';
import { connect, isWhole, startTestBot, type TestBot, until } from './bot.ts';
import type { StoredInteraction, StoredMessage } from './messages.ts';
import { PERMISSIONS, press, slash } from './people.ts';
import type { DiscordServer } from './server.ts';

const admin = { permissions: PERMISSIONS.manageGuild, locale: 'ko' };
const anyone = { permissions: PERMISSIONS.viewChannel, locale: 'en-US' };
/** A member of another server, who may do anything there. */
const stranger = { ...admin, guild: '333333333333333333' };

const inChannel = (server: DiscordServer, pattern: RegExp): StoredMessage | undefined =>
  server.messages.find((message) => !message.isDeleted && pattern.test(message.text));
async function seen(server: DiscordServer, pattern: RegExp): Promise<StoredMessage> {
  await until(() => inChannel(server, pattern) !== undefined, String(pattern));
  return inChannel(server, pattern)!;
}
async function told(answer: StoredInteraction, pattern: RegExp): Promise<void> {
  await until(() => answer.answers.some(({ text }) => text !== ''), String(pattern));
  await until(() => pattern.test(answer.text), `${pattern} in ${answer.text}`);
}

/** A process that begins again at once is told to wait by the gateway, and does. */
const faultsOf = ({ faults }: DiscordServer): string[] => faults.filter((fault) => !/identified/.test(fault));

/** Asks for a training; returns the question. */
async function ask(server: DiscordServer, options: Parameters<typeof slash>[2] = {}): Promise<StoredMessage> {
  const file = server.upload('노래 모음.txt', Buffer.from(songs(40)));
  slash(server, 'train', { file, name: 'spring', epochs: 1, ...options }, admin);
  return seen(server, /학습할까요/);
}

/** The process is gone, and another one begins over the same files. */
async function restart(
  t: Parameters<typeof openTestServices>[0],
  { server, discord, services, folder }: TestBot,
  options: Partial<ConstructorParameters<typeof Discord>[0]> = {},
): Promise<TestBot> {
  await discord.stop();
  await closeServices(services);
  const next = await openTestServices(t, folder);
  const bot = { server, ...next, ...(await connect(server, next, options)) };
  await next.services.training.wake();
  await next.services.jobMessages.resume();
  return bot;
}

describe('training on Discord', () => {
  it('asks, shows how it goes, and ends with a picture and a question; each is answered by an admin, once', async (t) => {
    const bot = await startTestBot(t);
    const { server } = bot;
    const second = server.upload('둘.lrc', Buffer.from('[00:01.00]바다에 남은 편지 하나'));
    const question = await ask(server, { file_2: second });
    assert.match(question.text, /ballad 모델에서 이어 spring 모델을 학습할까요\?[\s\S]*노래 41곡/);
    await told(press(server, question, '시작', anyone), /for admins/);
    await told(press(server, question, '시작', stranger), /이미 답했거나/);
    assert.deepEqual(await bot.services.training.list(), []);
    const start = press(server, question, '시작', admin);
    await told(start, /맡았습니다/);
    await told(press(server, question, '시작', admin), /이미 답했거나/);

    const progress = await seen(server, /spring 모델의 학습이 끝났습니다/);
    assert.equal(start.answers.includes(progress), false, 'an ordinary message: it outlasts the interaction');
    assert.ok(progress.states.length > 1, 'the message that showed how it went');
    await until(() => progress.files.length > 0, 'the picture, later on a busy machine');
    assert.deepEqual(progress.files, ['training-1.png']);
    const embeds = progress.body.embeds!;
    assert.ok(embeds.some((embed) => JSON.stringify(embed).includes('attachment://training-1.png')));
    const columns = embeds.flatMap(({ fields = [] }) => fields.map(({ name }) => name));
    assert.deepEqual(columns.slice(0, 2), ['학습 전', '학습 뒤'], 'side by side');
    assert.match(progress.text, /새 글 손실: \d+\.\d{3} → \d+\.\d{3}/);

    await told(press(server, progress, '곁에 두기', anyone), /for admins/);
    await told(press(server, progress, '곁에 두기', stranger), /1번/);
    const kept = press(server, progress, '곁에 두기', admin);
    await told(kept, /곁에 두었습니다/);
    assert.equal(kept.answers[0]!.isPrivate, true);
    await until(() => progress.buttons.length === 0, 'nothing left to be pressed');
    assert.match(progress.text, /곁에 두었습니다/);
    assert.deepEqual(progress.files, ['training-1.png'], 'the picture stays');
    const lyric = slash(server, 'ballad', { model: 'spring', length: 20 });
    await until(() => isWhole(lyric), 'a lyric');
    assert.deepEqual(faultsOf(server), []);
  });

  it('goes on after a restart in the same message, with the same buttons', async (t) => {
    const first = await startTestBot(t);
    const { server } = first;
    await writeLastingBase(first.folder);
    const question = await ask(server, { epochs: 1000 });
    const second = await restart(t, first);
    // The question was asked by a process that is gone.
    press(server, question, '시작', admin);
    const progress = await seen(server, /spring 모델을 학습하고 있습니다[\s\S]*반복: [1-9]/);
    const { services } = await restart(t, second);
    const before = progress.states.length;
    await until(() => progress.states.length > before + 1, 'the message goes on');
    await told(press(server, progress, '취소', anyone), /for admins/);
    press(server, progress, '잠시 멈춤', admin);
    await until(() => /잠시 멈추었습니다/.test(progress.text), 'the pause');
    press(server, progress, '취소', admin);
    await until(() => /spring 모델의 학습을 취소했습니다/.test(progress.text), 'the end');
    assert.equal(progress.buttons.length, 0);
    const others = server.messages.filter((one) => one !== progress && /모델을 학습하고/.test(one.text));
    assert.deepEqual(others, [], 'one message of the training');
    assert.equal(services.training.current, undefined);
    assert.deepEqual(faultsOf(server), []);
  });

  it('tells an end that came while nobody was connected, once', async (t) => {
    const first = await startTestBot(t);
    const { server, services } = first;
    press(server, await ask(server), '시작', admin);
    const progress = await seen(server, /1번: spring/);
    const job = async () => (await services.training.list())[0]!;
    while (!(await job()).message?.ids) await sleep(10);
    await services.jobMessages.close();
    while ((await job()).state !== 'done') await sleep(50);
    const second = await restart(t, first);
    await until(() => /학습이 끝났습니다/.test(progress.text), 'the end in its message');
    await until(() => progress.files.length > 0, 'the picture, later on a busy machine');
    assert.deepEqual(progress.files, ['training-1.png']);
    const before = progress.states.length;
    const third = await restart(t, second);
    await third.services.jobMessages.close();
    assert.equal(progress.states.length, before, 'told once');
    assert.deepEqual(faultsOf(server), []);
  });

  it('is told anew at the end where somebody has removed its message', async (t) => {
    const bot = await startTestBot(t);
    const { server } = bot;
    press(server, await ask(server, { epochs: 30 }), '시작', admin);
    // As soon as it is there: a fast machine is done before it is edited.
    const progress = await seen(server, /1번: spring/);
    progress.isDeleted = true;
    const end = await seen(server, /학습이 끝났습니다/);
    assert.notEqual(end, progress);
    await until(() => end.files.length > 0, 'the picture, later on a busy machine');
    assert.deepEqual(end.files, ['training-1.png']);
    await told(press(server, end, '버리기', admin), /버렸습니다/);
    await until(() => /버렸습니다/.test(end.text) && end.buttons.length === 0, 'the decision in it');
    assert.deepEqual(faultsOf(server), []);
  });
});

describe('the messages of a channel on Discord', () => {
  const refuses = '444444444444444444';

  it('are not read unless that is configured, with Discord too, and allowed in the channel', async (t) => {
    const bot = await startTestBot(t);
    const { server } = bot;
    for (let i = 0; i < 20; i++) server.history.write({ user: refuses, text: `노래 ${i}` });
    const give = () => slash(server, 'train', { messages: 50 }, admin);
    await told(give(), /MESSAGE.{0,2}CONTENT=true/);
    assert.equal(server.history.pages, 0);
    await restart(t, bot, { messageContent: true });
    server.history.showsContent = false;
    await told(give(), /Message Content Intent를 켜야/);
    server.history.mayRead = false;
    await told(give(), /메시지를 읽을 수 없습니다/);
    assert.deepEqual(faultsOf(server), []);
  });

  it('are read by pages, without bots and without those who refused', async (t) => {
    const bot = await restart(t, await startTestBot(t), { messageContent: true });
    const { server, services } = bot;
    await told(slash(server, 'privacy', { training: 'refuse' }, { ...anyone, user: refuses }), /not used/);
    const lines = songs(60).split('\n').filter(Boolean);
    for (const [i, line] of lines.entries()) {
      server.history.write({ user: `55555555555555555${i % 10}`, text: `${line} <@1234> <:smile:99>` });
    }
    for (let i = 0; i < 30; i++) {
      server.history.write({ user: refuses, text: `나의 비밀 ${i}` });
      server.history.write({ user: '666666666666666666', text: '봇의 광고', bot: true });
      server.history.write({ user: '666666666666666666', text: '훅의 광고', webhook: true });
      server.history.write({ user: '777777777777777777', text: '들어왔습니다', type: 7 });
    }
    slash(server, 'train', { messages: 350, name: 'chat' }, admin);
    const question = await seen(server, /학습할까요/);
    assert.match(question.text, /메시지 350개를 읽어 230개를 씁니다.*거부한 사람의 메시지 30개/);
    assert.equal(server.history.pages, 4);
    const { custom_id: id } = question.buttons[0]!;
    const draft = /"start":"([^"]+)"/.exec(id)![1]!;
    // The text alone: ids are random digits.
    const { text } = (await services.drafts.get(draft)) as { text: string };
    assert.doesNotMatch(text, /비밀|광고|들어왔|1234|smile/);
    const [early, late] = [lines.at(-20)!, lines.at(-1)!];
    assert.ok(text.includes(late));
    assert.ok(text.indexOf(early) < text.indexOf(late), 'in the order in which they were written');
    assert.deepEqual(faultsOf(server), []);
  });
});
