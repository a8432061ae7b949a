import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readableLog } from './support/log.ts';

it('redacts secrets by path', () => {
  const { log, text } = readableLog();
  log.info({ token: 'xoxb-1', options: { token: 'xoxb-2', headers: { authorization: 'xoxb-3' } } }, 'one');
  log.error({ err: Object.assign(new Error('refused'), { config: { botToken: 'xoxb-4' } }) }, 'two');
  assert.ok(!text().includes('xoxb'), text());
  assert.equal(text().split('[redacted]').length - 1, 4);
});
