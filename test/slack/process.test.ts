/** The whole program on Slack, as people start it. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { startBot } from '../support/bot.ts';
import { temporaryFolder, writeCheckpoint } from '../support/checkpoint.ts';
import { APP_TOKEN, BOT_TOKEN, SlackServer } from './server.ts';

async function open(t: TestContext, environment: Readonly<Record<string, string>> = {}) {
  const server = new SlackServer();
  await server.start();
  t.after(() => server.stop());
  const folder = temporaryFolder(t);
  await writeCheckpoint(folder, 'ballad');
  const bot = startBot(folder, {
    SLACK_BOT_TOKEN: BOT_TOKEN,
    SLACK_APP_TOKEN: APP_TOKEN,
    SLACK_API_URL: server.apiUrl,
    VAR_DIR: folder,
    ...environment,
  });
  return { server, bot };
}

describe('npm start with tokens of Slack', () => {
  it('answers, and on SIGTERM finishes the lyric in flight and ends with 0', async (t) => {
    const { server, bot } = await open(t, { MAX_LENGTH: '30000' });
    await bot.saw(/"msg":"started"/);
    const acknowledged = server.send('slash_commands', {
      command: '/ballad',
      text: '사랑은 length:30000',
      user_id: 'U1',
      channel_id: 'C1',
      team_id: 'T1',
      response_url: server.responseUrl('C1', 'U1'),
      trigger_id: server.trigger(),
    });
    await acknowledged;
    while (server.messages.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const { code, stdout, stderr } = await bot.kill('SIGTERM');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '');
    const last = server.messages.at(-1)!;
    assert.match(JSON.stringify(last.blocks), /길이 30,000자/);
    assert.equal(server.isConnected, false);
    assert.deepEqual(server.violations, []);
    for (const line of stderr.trim().split('\n')) JSON.parse(line);
    assert.doesNotMatch(stderr, /사랑은|xoxb-|xapp-/);
  });

  it('says in one line which token is wrong, and ends with 1', async (t) => {
    const { bot } = await open(t, { SLACK_APP_TOKEN: 'xapp-wrong', LOCALE: 'en', LOG_LEVEL: 'fatal' });
    const { code, stdout, stderr } = await bot.end();
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^Slack does not accept SLACK_APP_TOKEN \(invalid_auth\); .*docs\/slack\.md.*\n$/);
  });

  it('reports tokens that are set by halves, all at once and without values', async (t) => {
    const { bot } = await open(t, {
      SLACK_BOT_TOKEN: '',
      SLACK_PORT: '70000',
      SLACK_API_URL: 'nonsense',
      LOCALE: 'en',
    });
    const { code, stderr } = await bot.end();
    assert.equal(code, 1);
    for (const name of ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_PORT', 'SLACK_API_URL']) {
      assert.match(stderr, new RegExp(`^ {2}${name}: `, 'm'));
    }
    assert.doesNotMatch(stderr, /70000|nonsense|xapp-1/);
  });
});
