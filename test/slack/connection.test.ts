/** How the bot comes to Slack, stays there and leaves: wrong tokens, broken connections, HTTP. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { OpenMessages } from '../../src/commands/open-messages.ts';
import { UserError } from '../../src/errors.ts';
import type { PlatformHost } from '../../src/platforms/platform.ts';
import { Slack, type SlackOptions } from '../../src/platforms/slack.ts';
import { readableLog } from '../support/log.ts';
import { freePort, listen, SECRET, sendSigned } from './http.ts';
import { APP_TOKEN, BOT_TOKEN, SlackServer } from './server.ts';
import { readable, Workspace } from './workspace.ts';

async function startFails(
  t: TestContext,
  change: (options: SlackOptions, server: SlackServer) => SlackOptions,
) {
  const server = new SlackServer();
  await server.start();
  t.after(() => server.stop());
  const options: SlackOptions = {
    botToken: BOT_TOKEN,
    connection: { kind: 'socket', appToken: APP_TOKEN },
    admins: [],
    apiUrl: server.apiUrl,
  };
  const { log, text } = readableLog();
  const services = { commands: [], messages: new OpenMessages() };
  const host = { log, services } as unknown as PlatformHost;
  const slack = new Slack(change(options, server));
  const error = await slack.start(host).then(
    () => undefined,
    (reason) => reason,
  );
  await slack.stop();
  assert.ok(error instanceof UserError, String(error));
  assert.doesNotMatch(text() + error.message, /xoxb-|xapp-/);
  return error;
}

describe('a start that cannot be', () => {
  it('names the token that is wrong', async (t) => {
    const bot = await startFails(t, (options) => ({ ...options, botToken: 'xoxb-wrong' }));
    assert.deepEqual(bot.facts, { variable: 'SLACK_BOT_TOKEN', fault: 'invalid_auth' });
    const app = await startFails(t, (options) => ({
      ...options,
      connection: { kind: 'socket', appToken: 'xapp-wrong' },
    }));
    assert.deepEqual(app.facts, { variable: 'SLACK_APP_TOKEN', fault: 'invalid_auth' });
    const scope = await startFails(t, (options, server) => {
      server.fail('apps.connections.open', 'missing_scope');
      return options;
    });
    assert.deepEqual(scope.facts, { variable: 'SLACK_APP_TOKEN', fault: 'missing_scope' });
  });

  it('says where Slack was not reached, or that the port is taken', async (t) => {
    const port = await freePort();
    const apiUrl = `http://127.0.0.1:${port}/api/`;
    const clock = performance.now();
    const unreachable = await startFails(t, (options) => ({ ...options, apiUrl }));
    assert.deepEqual(unreachable.facts, { address: apiUrl });
    assert.ok(performance.now() - clock < 8000);
    const taken = createServer();
    await listen(taken, port);
    t.after(() => new Promise<void>((resolve) => void taken.close(() => resolve())));
    const http = await startFails(t, (options) => ({
      ...options,
      connection: { kind: 'http', signingSecret: SECRET, port },
    }));
    assert.deepEqual(http.facts, { port });
  });
});

describe('a connection that breaks', { concurrency: true }, () => {
  const answers = async (w: Workspace) => {
    w.server.messages.length = 0;
    await w.command('/ballad', '밤 length:20');
    await w.ended();
  };

  it('comes back at once when Slack renews it, or when it is lost', async (t) => {
    const w = await Workspace.open(t);
    for (const lose of [() => w.server.refresh(), () => w.server.drop(), () => w.server.refresh()]) {
      const { connections } = w.server;
      const clock = performance.now();
      lose();
      await w.until(() => w.server.connections > connections && w.server.isConnected);
      assert.ok(performance.now() - clock < 4000, 'long before a person gives up');
      await answers(w);
    }
    assert.deepEqual(w.server.violations, []);
  });

  it('is tried again for as long as Slack is not there, and nothing crashes', async (t) => {
    const w = await Workspace.open(t);
    w.server.fail('apps.connections.open', 'invalid_auth');
    w.server.deadAddresses = 1;
    w.server.drop();
    await w.until(() => w.server.connections === 2 && w.server.isConnected);
    await answers(w);
    assert.deepEqual(w.server.violations, []);
    assert.ok(w.logged.some(({ msg }) => msg === 'Slack is not connected'));
    assert.ok(w.logged.some(({ msg }) => msg === 'connected to Slack again'));
  });

  it('does not come back once the bot has stopped, and stopping while it is lost ends', async (t) => {
    const w = await Workspace.open(t);
    w.server.fail('apps.connections.open', ...Array.from({ length: 50 }, () => ({ status: 500 })));
    w.server.drop();
    await w.until(() => w.logged.some(({ msg }) => msg === 'Slack is not connected'));
    const clock = performance.now();
    await w.slack.stop();
    assert.ok(performance.now() - clock < 4000);
    w.server.fail('apps.connections.open');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(w.server.connections, 1);
  });

  it('finishes what was asked before the bot stops', async (t) => {
    const w = await Workspace.open(t);
    await w.command('/ballad', '밤 length:5000 count:4');
    await w.message(() => true);
    await w.dispatcher.close(10_000);
    await w.slack.stop();
    assert.match(readable(w.server.messages.at(-1)!), /길이 20,000자/);
    assert.deepEqual(w.server.violations, []);
  });
});

describe('HTTP in place of Socket Mode', () => {
  it('takes signed requests alone, each once', async (t) => {
    const port = await freePort();
    const w = await Workspace.open(t, { connection: { kind: 'http', signingSecret: SECRET, port } });
    const payload = w.commandPayload('/ballad', '사랑은 length:20', { user: 'UPLAIN', channel: 'C1' });
    const statusOf = async (options = {}) => (await sendSigned(port, payload, options)).status;
    assert.equal(await statusOf({ secret: 'wrong' }), 401);
    assert.equal(await statusOf({ age: 600 }), 401, 'an old request, played again');
    assert.equal(await statusOf({ path: '/' }), 404);
    assert.equal(w.server.messages.length, 0);
    assert.equal(await statusOf(), 200);
    assert.equal(await statusOf(), 200);
    const message = await w.ended();
    const pressed = await sendSigned(port, w.pressPayload(message, '다시'));
    assert.equal(pressed.status, 200);
    assert.ok(pressed.ms < 2500, `acknowledged after ${pressed.ms} ms`);
    await w.ended(({ ts }) => ts !== message.ts);
    assert.equal(w.server.messages.length, 2);
    assert.equal(w.server.connections, 0);
    assert.deepEqual(w.server.violations, []);
  });
});
