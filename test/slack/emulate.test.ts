/**
 * The bot on a Slack that others wrote: `emulate` knows chat.*, users.* and views, neither Socket Mode nor
 * slash commands, which come over HTTP here.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEmulator } from 'emulate';
import { Slack } from '../../src/platforms/slack.ts';
import { readableLog } from '../support/log.ts';
import { createTestServices } from '../support/services.ts';
import { freePort, SECRET, sendSigned } from './http.ts';

const TOKEN = 'xoxb-emulated';
const CHANNEL = 'C000000001';
const ADMIN = 'U000000001';

interface Posted {
  readonly ts: string;
  readonly text: string;
  readonly blocks?: readonly { readonly type: string; readonly elements?: readonly object[] }[];
}

it('posts, changes and opens forms on another’s Slack', async (t) => {
  const { services, dispatcher } = await createTestServices(t);
  const emulator = await createEmulator({ service: 'slack', port: await freePort() });
  t.after(() => emulator.close());
  const ask = async (method: string, args: Record<string, string>) => {
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const url = `${emulator.url}/api/${method}`;
    const response = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(args) });
    return response.json() as Promise<{ messages?: Posted[]; trigger_id?: string; ok: boolean }>;
  };
  const history = async () => (await ask('conversations.history', { channel: CHANNEL })).messages ?? [];
  const until = async (fits: (message: Posted) => boolean): Promise<Posted> => {
    for (let i = 0; i < 500; i++) {
      const found = (await history()).find(fits);
      if (found) return found;
      await sleep(20);
    }
    throw new Error(`not seen: ${fits} in ${JSON.stringify(await history())}`);
  };

  const port = await freePort();
  const slack = new Slack({
    botToken: TOKEN,
    connection: { kind: 'http', signingSecret: SECRET, port },
    admins: [],
    apiUrl: `${emulator.url}/api/`,
  });
  const { log, lines } = readableLog();
  await slack.start({ dispatcher, services, log, leave: () => {} });
  t.after(() => slack.stop());

  const isEnded = ({ blocks = [] }: Posted) => blocks.some(({ type }) => type === 'actions');
  const command = async (
    name: string,
    text: string,
    trigger: string,
    response_url = `${emulator.url}/none`,
  ) => {
    const origin = { team_id: 'T000000001', channel_id: CHANNEL, user_id: ADMIN };
    const payload = { command: name, text, ...origin, trigger_id: trigger, response_url };
    assert.equal((await sendSigned(port, payload)).status, 200);
  };
  await command('/ballad', '사랑은 <3 length:5000 count:2 seed:7', '1');
  const streamed = await until(({ text }) => text.startsWith('사랑은'));
  assert.ok(streamed.text.startsWith('사랑은 &lt;3'));
  await until(isEnded);
  const whole = (await history()).find(({ ts }) => ts === streamed.ts)!;
  assert.ok(whole.text.length >= streamed.text.length);

  const { trigger_id: trigger } = await ask('views.generateTriggerId', { user: ADMIN });
  await command('/train', '', trigger!);
  for (let i = 0; ; i++) {
    const page = await (await fetch(`${emulator.url}/?tab=views`)).text();
    if (page.includes('<td>학습</td>')) break;
    assert.ok(i < 200, 'the form was not opened');
    await sleep(20);
  }
  assert.ok(!lines.some(({ level }) => level > 30), JSON.stringify(lines));
});
