import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { it } from 'node:test';

const MODULE = new URL('../../src/platforms/discord-rejections.js', import.meta.url).href;
const CLIENT = createRequire(import.meta.url).resolve('@discordjs/ws');

/** A process in which a rejection is left to nobody; `file` is where its error seems to come from. */
function run(message: string, file: string) {
  const script = `
    const { surviveEarlySending } = await import(${JSON.stringify(MODULE)});
    const release = surviveEarlySending(() => console.log('told'));
    const error = new Error(${JSON.stringify(message)});
    error.stack = error.message + '\\n    at WebSocketShard.send (' + ${JSON.stringify(file)} + ':799:23)';
    Promise.reject(error);
    await new Promise((resolve) => setTimeout(resolve, 20));
    release();
    console.log('alive', process.listenerCount('unhandledRejection'));
  `;
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  return { status, stdout };
}

it('a rejection of the gateway client that means nothing is survived; any other ends the process', () => {
  const early = 'WebSocket is not open: readyState 0 (CONNECTING)';
  assert.deepEqual(run(early, CLIENT), { status: 0, stdout: 'told\nalive 0\n' });
  assert.deepEqual(run('something else', CLIENT), { status: 1, stdout: '' });
  assert.deepEqual(run(early, path.resolve('ours.js')), { status: 1, stdout: '' });
});
