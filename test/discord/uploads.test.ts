/** Uploads on Discord: which files are taken; training.test.ts has what is done with them. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { UserError } from '../../src/errors.ts';
import { incomingFile } from '../../src/platforms/discord-files.ts';
import { startTestBot, until } from './bot.ts';
import { addCommands, posts } from './commands-for-tests.ts';
import { PERMISSIONS, slash } from './people.ts';

const admin = { permissions: PERMISSIONS.manageGuild, locale: 'ko' };
const SONG = '사랑은 바람처럼 불어와\n그대 곁에 머물다 가네\n\n'.repeat(60);

describe('files given to /train on Discord', () => {
  it('refuses files that are expired, too large, larger than Discord says, foreign or no text', async (t) => {
    const { server } = await startTestBot(t);
    const large = Buffer.alloc(200_000, '가');
    for (const [file, expected] of [
      [server.upload('a.txt', Buffer.from(SONG), { isExpired: true }), /could not be downloaded/],
      [server.upload('b.txt', large), /too large: 200000 bytes/],
      [server.upload('c.txt', large, { size: 10 }), /too large/],
      [server.upload('d.txt', large, { url: 'http://example.com/d.txt' }), /not uploaded here/],
      [
        server.upload('e.txt', large, { url: 'https://cdn.discordapp.com.example.com/e.txt' }),
        /not uploaded here/,
      ],
      [server.upload('f.png', Buffer.from([137, 80, 78, 71, 0, 1, 2, 3, 0, 0])), /not a text file/],
      [server.upload('g.txt', Buffer.alloc(0)), /no text/],
    ] as const) {
      const one = slash(server, 'train', { file }, { ...admin, locale: 'en-US' });
      await until(() => one.answers.length > 0, String(expected));
      assert.match(one.text, expected);
      assert.ok(one.answers.every(({ isPrivate }) => isPrivate));
    }
    assert.deepEqual(server.faults, []);
  });
});

describe('a message of its own', () => {
  it('comes as a further answer where the bot may not post, or is refused', async (t) => {
    const { server, ...bot } = await startTestBot(t);
    addCommands(bot, posts());
    const known = slash(server, 'posts', {}, { botPermissions: 0n });
    await until(() => known.followUps.at(-1)?.text === '마침', 'the end');
    server.mayPost = false;
    const refused = slash(server, 'posts');
    await until(() => refused.followUps.at(-1)?.text === '마침', 'the end');
    assert.equal(server.requests.filter((request) => request.startsWith('POST /channels')).length, 1);
    for (const { followUps } of [known, refused]) {
      assert.match(
        followUps.at(-1)!.states[0]!.embeds![0]!.description!,
        /15분 동안만 바뀌고/,
        'said in time',
      );
      assert.doesNotMatch(followUps.at(-1)!.text, /15분/, 'not any more, when nothing is to come');
    }
    assert.deepEqual(server.faults, []);
  });

  it('goes on with the asker when the interaction ends where the bot may not post', async (t) => {
    const { server, ...bot } = await startTestBot(t, { tokenMs: 400 });
    addCommands(bot, posts(800));
    const user = '555555555555555555';
    const one = slash(server, 'posts', {}, { botPermissions: 0n, user, locale: 'en-US' });
    await until(() => server.directTo(user).some(({ text }) => text.startsWith('마침')), 'the end');
    assert.match(one.followUps.at(-1)!.text, /changes for 15 minutes, then it goes on in a direct message/);
    assert.equal(server.directTo(user).length, 1);
    assert.deepEqual(server.faults, []);
  });
});

describe('downloads', () => {
  it('end as soon as there is too much, and follow no redirection', async (t) => {
    const MOST = 50_000_000;
    let sent = 0;
    const http = createServer((request, response) => {
      if (request.url === '/moved') {
        response.writeHead(302, { location: '/file' }).end();
        return;
      }
      const more = () => {
        sent += 65_536;
        // A reader that never has enough fails this test; it does not hang.
        if (sent > MOST) {
          response.end();
          return;
        }
        if (!response.destroyed && response.write(Buffer.alloc(65_536))) setImmediate(more);
        else response.once('drain', more);
      };
      more();
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      http.closeAllConnections();
      http.close();
    });
    const { port } = http.address() as AddressInfo;
    const at = (path: string) =>
      incomingFile({ name: 'x.txt', url: `http://127.0.0.1:${port}${path}`, size: 1 }, '127.0.0.1');
    const code = (wanted: string) => (error: unknown) => error instanceof UserError && error.code === wanted;
    await assert.rejects(at('/file').read(1_000_000), code('dataTooLarge'));
    assert.ok(sent < MOST, `${sent} bytes were sent`);
    await assert.rejects(at('/moved').read(1_000_000), code('attachmentLost'));
    await assert.rejects(
      incomingFile({ name: 'x', url: `http://127.0.0.1:${port}/file`, size: 1 }, undefined).read(9),
      code('attachmentForeign'),
    );
  });
});
