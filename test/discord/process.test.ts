/** The bot as people start it, on a test server: a process with its configuration. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { runScript } from '../scripts/support.ts';
import { startBot } from '../support/bot.ts';
import { temporaryFolder, writeCheckpoint } from '../support/checkpoint.ts';
import { isWhole, startServer, until } from './bot.ts';
import { press, slash } from './people.ts';
import { type DiscordServer, TOKEN } from './server.ts';

const environment = (folder: string, { apiUrl }: DiscordServer, more = {}) => ({
  DISCORD_TOKEN: TOKEN,
  DISCORD_API_URL: apiUrl,
  VAR_DIR: path.join(folder, 'var'),
  LOCALE: 'en',
  ...more,
});

describe('npm start with DISCORD_TOKEN', () => {
  it('answers, ends on SIGTERM with what is being answered, and knows its buttons afterwards', async (t) => {
    const server = await startServer(t);
    const folder = temporaryFolder(t);
    await writeCheckpoint(folder, 'ballad', { rnnSize: 64 });
    const first = startBot(folder, environment(folder, server));
    await first.saw(/"started"/);
    const lyric = slash(server, 'ballad', { prime_text: '사랑은 '.repeat(30), length: 30 });
    await until(() => isWhole(lyric), 'a lyric');
    const long = slash(server, 'ballad', { length: 1000, count: 4 });
    await until(() => long.response !== undefined, 'an acknowledgement');
    const { code, stdout, stderr } = await first.kill('SIGTERM');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '');
    assert.ok(long.answers.length > 0, 'what was being answered');
    assert.ok(!stderr.includes('사랑은'));
    assert.ok(!stderr.includes(TOKEN));
    for (const line of stderr.trim().split('\n')) JSON.parse(line);

    const second = startBot(folder, environment(folder, server));
    await second.saw(/"started"/);
    const again = press(server, lyric.answers[0]!, '다시');
    await until(() => isWhole(again), 'an answer to the button');
    assert.equal((await second.kill('SIGTERM')).code, 0);
    assert.deepEqual(server.faults, []);
  });

  it('ends lyrics that take too long where they are, and is gone ten seconds after SIGTERM', async (t) => {
    const server = await startServer(t);
    const folder = temporaryFolder(t);
    await writeCheckpoint(folder, 'ballad', { rnnSize: 1500 });
    const bot = startBot(folder, environment(folder, server, { MAX_LENGTH: '100000' }));
    await bot.saw(/"started"/);
    const long = slash(server, 'ballad', { length: 100_000 }, { locale: 'en-US' });
    await until(() => long.answers.length > 0, 'the beginning of a lyric');
    const clock = performance.now();
    const { code, stderr } = await bot.kill('SIGTERM');
    const ms = performance.now() - clock;
    assert.equal(code, 0, stderr);
    assert.ok(ms < 12_000, `it took ${ms} ms`);
    assert.match(long.text, /Stopped/, 'what there is of it is said, and that it was ended');
    assert.deepEqual(server.faults, []);
  });

  it('says what is wrong in one line and exits with 1', async (t) => {
    const server = await startServer(t);
    const folder = temporaryFolder(t);
    mkdirSync(path.join(folder, 'var'));
    const wrong = { DISCORD_TOKEN: 'MTIz.wrong.token' };
    const refused = await startBot(folder, environment(folder, server, wrong)).end();
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /^Discord does not accept DISCORD_TOKEN.*\n$/);
    assert.ok(!refused.stderr.includes('wrong'));
    const away = { DISCORD_API_URL: 'http://127.0.0.1:1' };
    const unreachable = await startBot(folder, environment(folder, server, away)).end();
    assert.equal(unreachable.code, 1);
    assert.match(
      unreachable.stderr,
      /^Discord at http:\/\/127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\).*\n$/,
    );
  });
});

describe('npm run register-commands', () => {
  it('registers, takes back, and asks for a token', async (t) => {
    const server = await startServer(t);
    const folder = temporaryFolder(t);
    const run = (args: string[] = [], more = {}) => {
      const settings = Object.entries(environment(folder, server, more));
      writeFileSync(
        path.join(folder, '.env'),
        settings.map(([name, value]) => `${name}=${value}\n`).join(''),
      );
      return runScript('register-commands', args, folder);
    };
    assert.match((await run()).stdout, /^\d+ commands are registered everywhere\.\n$/);
    assert.ok(server.commands.get('global')!.length > 5);
    assert.match((await run(['--remove'])).stdout, /^0 commands/);
    assert.equal(server.commands.get('global')!.length, 0);
    const without = await run([], { DISCORD_TOKEN: '' });
    assert.equal(without.code, 1);
    assert.match(without.stderr, /DISCORD_TOKEN is not set/);
    assert.deepEqual(server.faults, []);
  });
});
