/** /train on Slack: the form, the shortcut, files that cannot be had, progress and cancelling. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { APP_TOKEN, BOT_TOKEN } from './server.ts';
import { readable, sharedWorkspace, type Workspace } from './workspace.ts';

const SONGS = Array.from(
  { length: 60 },
  (_, i) => `그대를 기다리는 밤 ${i}\n바람이 분다 ${i * 7}\n눈물이 난다 ${i * 13}\n사랑은 ${i * 31}`,
).join('\n\n\n');

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
      ['file', 'name', 'base', 'epochs', 'seed'],
    );
    assert.deepEqual(element('file'), {
      action_id: 'value',
      type: 'file_input',
      filetypes: ['txt', 'text', 'md', 'csv'],
      max_files: 1,
    });
    assert.equal((element('name') as { initial_value: string }).initial_value, '노래');
    assert.equal((element('epochs') as { initial_value: string }).initial_value, '2');
    assert.ok(!('initial_value' in element('seed')), 'a value that Slack would refuse');
    assert.ok(!JSON.stringify(view).includes(BOT_TOKEN));
  });

  it('trains on the file of the form while lyrics are written, shows progress, and the model is there', async () => {
    await openForm();
    assert.ok((await w.submit({ file: [w.server.describeFile('F1')], name: 'songs', epochs: '2' })) < 1000);
    await told(/songs 모델의 학습을 시작했습니다/);
    const progress = await told(/songs 모델을 학습하고 있습니다[\s\S]*[█░]{20} \d+%/);
    assert.ok(
      progress.blocks.some(({ type }) => type === 'actions'),
      'with a button that cancels',
    );
    await w.command('/ballad', '밤 length:20', { user: 'UENGLISH' });
    await told(/model ballad/);
    await told(/songs 모델의 학습이 끝났습니다\. \/ballad model:songs/);
    assert.match(readable(progress), /학습이 끝났습니다/, 'in the message that showed the progress');
    assert.deepEqual(w.server.downloads, [{ id: 'F1', authorization: `Bearer ${BOT_TOKEN}` }]);
    await w.command('/ballad', '밤 model:songs length:20', { user: 'UENGLISH' });
    await told(/model songs/);
  });

  it('trains on a posted file by the shortcut of its message, and is cancelled by a button', async () => {
    await w.shortcut('train', [w.server.describeFile('F1')]);
    const progress = await told(/학습하고 있습니다/);
    await w.press(progress, '취소', { user: 'UENGLISH' });
    await told(/\/cancel is for admins/);
    await w.press(progress, '취소', { user: 'UOWNER' });
    await told(/학습을 취소했습니다/);
    await told(/모델의 학습을 취소했습니다/);
  });

  it('fetches the address of a file that comes without it', async () => {
    await w.shortcut('train', [{ id: 'F1', name: 'songs.txt', file_access: 'check_file_info' }]);
    await told(/학습하고 있습니다/);
    await w.command('/cancel', '', { user: 'UADMIN' });
    await told(/모델의 학습을 취소했습니다/);
  });

  it('says what is wrong with a message without a file, with two, or with a text too short', async () => {
    await w.shortcut('train', []);
    await told(/파일\(file\): 파일 하나/);
    w.server.messages.length = 0;
    await w.shortcut('train', [w.server.describeFile('F1'), w.server.describeFile('F1')]);
    await told(/파일\(file\): 파일 하나/);
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
