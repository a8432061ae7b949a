/** Slack's variables: what they become, and what is missing beside others. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { UserError } from '../../src/errors.ts';

const BOT = { SLACK_BOT_TOKEN: 'xoxb-1' };
const APP = { SLACK_APP_TOKEN: 'xapp-1' };
const HTTP = { SLACK_SIGNING_SECRET: 'a1', SLACK_PORT: '3000' };

function faultsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    assert.ok(error instanceof UserError);
    return (error.facts as { faults: { variable: string }[] }).faults.map(({ variable }) => variable);
  }
}

describe('the configuration of Slack', () => {
  it('chooses Socket Mode, or HTTP where a secret and a port are given', () => {
    assert.equal(readConfig({}).slack, undefined);
    assert.deepEqual(readConfig({ ...BOT, ...APP }).slack, {
      botToken: 'xoxb-1',
      connection: { kind: 'socket', appToken: 'xapp-1' },
      admins: [],
      apiUrl: undefined,
    });
    const more = { SLACK_ADMINS: 'U1, U2', SLACK_API_URL: 'http://127.0.0.1:1/api/' };
    assert.deepEqual(readConfig({ ...BOT, ...APP, ...HTTP, ...more }).slack, {
      botToken: 'xoxb-1',
      connection: { kind: 'http', signingSecret: 'a1', port: 3000 },
      admins: ['U1', 'U2'],
      apiUrl: 'http://127.0.0.1:1/api/',
    });
  });

  it('names what is missing or mixed up, and nothing twice', () => {
    assert.deepEqual(faultsOf(BOT), ['SLACK_APP_TOKEN']);
    assert.deepEqual(faultsOf(APP), ['SLACK_BOT_TOKEN']);
    assert.deepEqual(faultsOf(HTTP), ['SLACK_BOT_TOKEN']);
    assert.deepEqual(faultsOf({ ...BOT, SLACK_PORT: '3000' }), ['SLACK_SIGNING_SECRET']);
    assert.deepEqual(faultsOf({ ...BOT, ...APP, SLACK_SIGNING_SECRET: 'a1' }), ['SLACK_PORT']);
    assert.deepEqual(faultsOf({ SLACK_BOT_TOKEN: 'xapp-1', SLACK_APP_TOKEN: 'xoxb-1' }), [
      'SLACK_BOT_TOKEN',
      'SLACK_APP_TOKEN',
    ]);
    assert.deepEqual(faultsOf({ ...BOT, ...HTTP, SLACK_PORT: '0' }), ['SLACK_PORT']);
    assert.deepEqual(faultsOf({ ...BOT, ...APP, SLACK_ADMINS: '@someone', SLACK_API_URL: 'slack.com' }), [
      'SLACK_ADMINS',
      'SLACK_API_URL',
    ]);
    assert.deepEqual(faultsOf({ SLACK_BOT_TOKEN: ' ', SLACK_APP_TOKEN: '' }), [], 'empty is not set');
  });
});
