/** /train on Slack: the form, the shortcut, files that cannot be had, progress and cancelling. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeServices, openTestServices, writeLastingBase } from '../support/services.ts';
import { songs } from '../support/songs.ts';
import { APP_TOKEN, BOT_TOKEN } from './server.ts';
import { readable, sharedWorkspace, Workspace } from './workspace.ts';

const SONGS = songs(40);

describe('/train on Slack', () => {
  const workspace = sharedWorkspace();
  let w: Workspace;
  beforeEach(() => {
    w = workspace();
    w.server.messages.length = 0;
    w.server.views.length = 0;
    w.server.downloads.length = 0;
    w.server.files.set('F1', { name: 'songs.txt', bytes: Buffer.from(SONGS) });
  });
  afterEach(() => assert.deepEqual(w.server.violations, []));

  const openForm = async (text = '', user = 'UADMIN') => {
    await w.command('/train', text, { user });
    return w.until(() => w.server.views[0]) as Promise<Record<string, never>>;
  };
  const told = (pattern: RegExp) => w.message((message) => pattern.test(readable(message)));

  it('opens a form made from the options, with what was given already', async () => {
    const view = await openForm('name:노래 epochs:2 seed:99999999999');
    const blocks = view.blocks as Record<string, never>[];
    const element = (id: string) => blocks.find(({ block_id }) => block_id === id)!.element as object;
    assert.deepEqual(
      blocks.map(({ block_id }) => block_id),
      ['file', 'messages', 'name', 'base', 'epochs', 'replay', 'seed'],
    );
    assert.deepEqual(element('file'), {
      action_id: 'value',
      type: 'file_input',
      filetypes: ['txt', 'text', 'md', 'lrc', 'csv'],
      max_files: 10,
    });
    assert.equal((element('name') as { initial_value: string }).initial_value, '노래');
    assert.equal((element('epochs') as { initial_value: string }).initial_value, '2');
    assert.ok(!('initial_value' in element('seed')), 'a value that Slack would refuse');
    assert.ok(!JSON.stringify(view).includes(BOT_TOKEN));
  });

  it('trains on the file of the form while lyrics are written, shows progress, and the model is there', async () => {
    await openForm();
    assert.ok((await w.submit({ file: [w.server.describeFile('F1')], name: 'songs', epochs: '2' })) < 1000);
    const question = await told(/ballad 모델에서 이어 songs 모델을 학습할까요/);
    assert.match(readable(question), /노래 40곡[\s\S]*메모리 \d+MB/);
    await w.press(question, '시작', { user: 'UENGLISH' });
    await told(/\/train is for admins/);
    await w.press(question, '시작', { user: 'UADMIN' });
    await told(/songs 모델의 학습을 맡았습니다/);
    await w.press(question, '시작', { user: 'UADMIN' });
    await told(/이미 답했거나/);
    const progress = await told(/1번: songs/);
    await w.command('/ballad', '밤 length:20', { user: 'UENGLISH' });
    await told(/model ballad/);
    await told(/songs 모델의 학습이 끝났습니다[\s\S]*학습 전[\s\S]*학습 뒤[\s\S]*새 글 손실/);
    assert.match(readable(progress), /학습이 끝났습니다/, 'in the message that showed the progress');
    const picture = await w.until(() => w.server.uploads.shared[0]);
    assert.deepEqual([picture.channel, picture.name], ['C1', 'training-1.png']);
    assert.match(picture.alt!, /songs 모델의 학습 곡선/);
    assert.equal(picture.bytes.toString('latin1', 1, 4), 'PNG');
    await w.press(progress, '곁에 두기', { user: 'UENGLISH' });
    await told(/\/settle is for admins/);
    await w.press(progress, '곁에 두기', { user: 'UOWNER' });
    await told(/곁에 두었습니다/);
    await w.until(() => !progress.blocks.some(({ type }) => type === 'actions'));
    assert.equal(w.server.uploads.shared.length, 1, 'the picture is sent once');
    assert.deepEqual(w.server.downloads, [{ id: 'F1', authorization: `Bearer ${BOT_TOKEN}` }]);
    await w.command('/ballad', '밤 model:songs length:20', { user: 'UENGLISH' });
    await told(/model songs/);
  });

  it('trains on a posted file by the shortcut of its message, and is cancelled by a button', async () => {
    await w.shortcut('train', [w.server.describeFile('F1')]);
    await w.press(await told(/학습할까요/), '시작', { user: 'UADMIN' });
    const progress = await told(/번: songs-2/);
    await w.press(progress, '취소', { user: 'UENGLISH' });
    await told(/\/cancel is for admins/);
    await w.press(progress, '취소', { user: 'UOWNER' });
    await w.until(() => /번: songs-2 모델의 학습을 취소했습니다/.test(readable(progress)));
  });

  it('fetches the address of a file that comes without it', async () => {
    await w.shortcut('train', [{ id: 'F1', name: 'songs.txt', file_access: 'check_file_info' }]);
    const question = await told(/학습할까요/);
    await w.press(question, '취소', { user: 'UADMIN' });
    await told(/하지 않기로/);
    await w.press(question, '시작', { user: 'UADMIN' });
    await told(/이미 답했거나/);
  });

  it('says what is wrong with a message without a file, with eleven, or with a text too short', async () => {
    await w.shortcut('train', []);
    await told(/파일\(file\): 파일 1개 이상 10개 이하/);
    w.server.messages.length = 0;
    await w.shortcut('train', Array(11).fill(w.server.describeFile('F1')));
    await told(/파일\(file\): 파일 1개 이상 10개 이하/);
    w.server.files.set('F2', { name: 'tiny.txt', bytes: Buffer.from('사랑') });
    await w.shortcut('train', [w.server.describeFile('F2')]);
    await told(/tiny\.txt/);
    assert.equal(w.services.training.current, undefined);
  });

  it('lets nobody else train, by whichever way', async () => {
    await openForm();
    await w.submit({ file: [w.server.describeFile('F1')] }, { user: 'UENGLISH' });
    await told(/\/train is for admins/);
    w.server.messages.length = 0;
    await w.shortcut('train', [w.server.describeFile('F1')], { user: 'UENGLISH' });
    await told(/\/train is for admins/);
    w.server.views.length = 0;
    w.server.messages.length = 0;
    await w.command('/train', 'name:songs', { user: 'UENGLISH' });
    await told(/\/train is for admins/);
    assert.equal(w.server.views.length, 0);
    assert.equal(w.server.downloads.length, 0, 'nothing was fetched for them');
  });

  it('reads no more than the limit, whatever the file says of itself', async () => {
    const bytes = Buffer.alloc(300_000, '가나다라 ');
    for (const [file, described] of [
      [{ name: 'big.txt', bytes }, {}],
      [{ name: 'big.txt', bytes, endless: true }, { size: 10 }],
    ] as const) {
      w.server.messages.length = 0;
      w.server.files.set('F3', file);
      await w.shortcut('train', [{ ...w.server.describeFile('F3'), ...described }]);
      await told(/big\.txt: 파일이 너무 큽니다\. \d+바이트인데 100000바이트까지/);
    }
  });

  it('sends the token to Slack alone', async () => {
    const other = `http://localhost:${new URL(w.server.origin).port}/files/F1`;
    const addresses = [
      other,
      'http://files.slack.com/f',
      'https://slack.com.evil.test/f',
      'file:///etc/passwd',
      '',
    ];
    for (const url of addresses) {
      w.server.messages.length = 0;
      await w.shortcut('train', [{ name: 'songs.txt', url_private: url, url_private_download: url }]);
      await told(/songs\.txt: Slack에서 파일을 받지 못했습니다/);
    }
    w.server.messages.length = 0;
    w.server.files.set('F4', { name: 'songs.txt', bytes: Buffer.from(''), location: other });
    await w.shortcut('train', [w.server.describeFile('F4')]);
    await told(/받지 못했습니다/);
    assert.deepEqual(
      w.server.downloads.map(({ id }) => id),
      ['F4'],
    );
  });

  it('knows an expired file, and a page for signing in where the file should be', async () => {
    const described = w.server.describeFile('F1');
    w.server.files.delete('F1');
    await w.shortcut('train', [described]);
    await told(/songs\.txt: Slack에서 파일을 받지 못했습니다/);
    w.server.messages.length = 0;
    w.server.files.set('F1', {
      name: 'songs.txt',
      bytes: Buffer.from(SONGS),
      contentType: 'text/html; charset=utf-8',
    });
    await w.shortcut('train', [described]);
    await told(/songs\.txt: Slack에서 파일을 받지 못했습니다/);
  });

  it('says so where the form cannot be opened', async () => {
    w.server.fail('views.open', 'expired_trigger_id');
    await w.command('/train', '', { user: 'UADMIN' });
    await told(/입력 창을 열지 못했습니다/);
    assert.ok(!w.logged.some((line) => JSON.stringify(line).includes(APP_TOKEN)));
  });
});

describe('a training on Slack', () => {
  const open = async (t: Parameters<typeof Workspace.open>[0]) => {
    const w = await Workspace.open(t);
    w.server.files.set('F1', { name: 'songs.txt', bytes: Buffer.from(SONGS) });
    const told = (pattern: RegExp) => w.message((message) => pattern.test(readable(message)));
    /** Orders a training by the form; returns its message. */
    const start = async (values: Readonly<Record<string, string>> = {}) => {
      await w.command('/train', '', { user: 'UADMIN' });
      await w.until(() => w.server.views[0]);
      await w.submit({ file: [w.server.describeFile('F1')], epochs: '1', ...values });
      await w.press(await told(/학습할까요/), '시작', { user: 'UADMIN' });
      return told(/번: songs/);
    };
    return { w, told, start };
  };

  it('goes on after a restart in the same message', async (t) => {
    const { w, start } = await open(t);
    await writeLastingBase(w.folder);
    const progress = await start({ epochs: '1000' });
    await w.until(() => /반복 [1-9]/.test(readable(progress)));
    await w.dispatcher.close(0);
    await w.slack.stop();
    await closeServices(w.services);
    const { services } = await openTestServices(t, w.folder);
    w.services = services;
    await w.startBot();
    await services.training.wake();
    await services.jobMessages.resume();
    const changes = progress.times.length;
    await w.until(() => progress.times.length > changes && /학습하고 있습니다/.test(readable(progress)));
    await w.press(progress, '취소', { user: 'UADMIN' });
    await w.until(() => /학습을 취소했습니다/.test(readable(progress)));
    assert.equal(w.server.messages.filter((one) => /번: songs/.test(readable(one))).length, 1);
    assert.deepEqual(w.server.violations, []);
  });

  it('sends its picture to the person where the bot is no member, and ends without where it may send none', async (t) => {
    const { w, told, start } = await open(t);
    w.server.uploads.members.delete('C1');
    const progress = await start();
    const picture = await w.until(() => w.server.uploads.shared[0]);
    assert.equal(picture.channel, 'DUADMIN');
    await w.press(progress, '버리기', { user: 'UADMIN' });
    await told(/버렸습니다/);
    w.server.messages.length = 0;
    w.server.uploads.mayWrite = false;
    const second = await start();
    await w.until(() => /학습이 끝났습니다/.test(readable(second)));
    const isTold = async () => (await w.services.training.list())[0]!.message?.told === 'done';
    while (!(await isTold())) await sleep(20);
    assert.equal(w.server.uploads.shared.length, 1);
    assert.deepEqual(w.server.violations, []);
  });

  it('reads the messages of the channel by pages where the app may, without bots and those who refused', async (t) => {
    const { w, told } = await open(t);
    const lines = songs(80).split('\n').filter(Boolean);
    const people = lines.map((text, i) => ({
      type: 'message',
      user: `U${i % 7}`,
      text: `*${text}* <@U1> :smile:`,
      ts: `${i}`,
    }));
    const others = [
      { type: 'message', user: 'UREFUSES', text: '나의 비밀', ts: '1' },
      { type: 'message', subtype: 'bot_message', bot_id: 'B2', text: '봇의 광고', ts: '2' },
      { type: 'message', user: 'U2', bot_id: 'B2', text: '봇의 광고', ts: '3' },
      { type: 'message', subtype: 'channel_join', user: 'U1', text: '들어왔습니다', ts: '4' },
    ];
    w.server.uploads.written.set('C1', [...people, ...others].reverse());
    w.server.users.set('UREFUSES', { team_id: 'T1', locale: 'ko-KR' });
    await w.command('/privacy', 'training:refuse', { user: 'UREFUSES' });
    await told(/학습에 쓰지 않습니다/);
    const ask = async (messages: string) => {
      w.server.views.length = 0;
      await w.command('/train', `messages:${messages}`, { user: 'UADMIN' });
      await w.until(() => w.server.views[0]);
      await w.submit({ messages, name: 'chat' });
    };
    w.server.uploads.mayRead = false;
    await ask('300');
    await told(/slack-manifest -- --messages/);
    w.server.uploads.mayRead = true;
    await ask('300');
    const question = await told(/메시지 300개를 읽어 296개를 씁니다.*거부한 사람의 메시지 1개/);
    const pages = w.server.calls.filter(({ method }) => method === 'conversations.history');
    assert.deepEqual(
      pages.slice(1).map(({ args }) => Number(args.limit)),
      [200, 100],
    );
    const { value } = (question.blocks.at(-1)!.elements as { value: string }[])[0]!;
    const id = /"start":"([^"]+)"/.exec(value)![1]!;
    const { text: draft } = (await w.services.drafts.get(id)) as { text: string };
    assert.doesNotMatch(draft, /비밀|광고|들어왔|U1|smile|\*/);
    assert.ok(draft.includes(lines.at(-1)!));
    assert.deepEqual(w.server.violations, []);
  });
});
