/** `/cancel`, `/pause` and `/resume`, through the dispatcher. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveSettings } from '../../src/training/settings.ts';
import { request } from '../support/platform.ts';
import { createTestServices } from '../support/services.ts';
import { until } from '../support/until.ts';
import { lyrics, SMALL } from '../training/fixtures/runs.ts';

const HERE = { platform: 'test', id: 'somewhere' };
const THERE = { platform: 'test', id: 'elsewhere' };

const order = (place = HERE, name = 'songs') => ({
  place,
  user: 'someone',
  locale: 'ko' as const,
  name,
  text: { name: 'songs.txt', bytes: Buffer.from(lyrics(24)) },
  base: null,
  replayFile: null,
  settings: resolveSettings({ ...SMALL, maxEpochs: 10_000, patience: 0 }),
});

test('a training is paused, gone on with and cancelled, by those who may, in their own place', async (t) => {
  const { dispatcher, services } = await createTestServices(t);
  const { training } = services;
  const { id } = await training.add(order());
  const other = await training.add(order(THERE, 'theirs'));
  const give = async (name: string, options = {}, isAdmin = true) => {
    const one = request(name, options, { isAdmin: () => isAdmin });
    const outcome = await dispatcher.dispatch(one);
    return { outcome, text: one.reply.failures[0] ?? JSON.stringify(one.reply.finished[0]) };
  };
  const state = async () => (await training.get(HERE, id)).state;

  for (const name of ['pause', 'resume', 'cancel']) {
    assert.match((await give(name, {}, false)).text, /관리자만/);
    assert.match((await give(name, { job: other.id })).text, new RegExp(`${other.id}번 학습이 없습니다`));
  }
  assert.equal(await state(), 'running');

  assert.match((await give('pause')).text, /1번 학습\(songs\)을 멈추었습니다/);
  assert.equal(await state(), 'paused');
  assert.match((await give('pause')).text, /그럴 수 있는 학습이 없습니다/);
  await until(() => training.current?.id === other.id, "the other's turn");
  assert.match((await give('재개')).text, /앞에 1개가 있습니다/);
  assert.equal(await state(), 'queued');
  assert.match((await give('cancel', 'job:1')).text, /1번 학습\(songs\)을 취소했습니다/);
  assert.equal(await state(), 'cancelled');
  assert.match((await give('resume', { job: id })).text, /'취소' 상태/);
  assert.equal((await training.get(THERE, other.id)).state, 'running');
});
