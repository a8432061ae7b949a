import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { shortestOf } from '../../src/training/song-length.ts';
import { train } from '../../src/training/trainer.ts';
import { collect, lyrics, smallJob, temporaryFolder, testEngine } from './fixtures/runs.ts';

const songs = (...lengths: number[]) => lengths.map((length) => ({ text: '가'.repeat(length), song: true }));

test('songs are as long as all but the shortest hundredth of them', () => {
  assert.equal(shortestOf(songs(30, 20, 40)), 20);
  const many = Array.from({ length: 300 }, (_, i) => 100 + i);
  assert.equal(shortestOf(songs(...many)), 103);
  assert.equal(shortestOf([{ text: '노래🎵', song: true }]), 3);
});

test('what a network knew of songs before makes them no longer, and no songs say nothing', () => {
  assert.equal(shortestOf(songs(30, 20), 10), 10);
  assert.equal(shortestOf(songs(30, 20), 25), 20);
  const pieces = [{ text: 'piece', song: false }];
  assert.equal(shortestOf(pieces), undefined);
  assert.equal(shortestOf(pieces, 10), 10);
});

test('a checkpoint knows how short the songs are that it learnt, and those of its parent', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  const job = await smallJob(folder, { maxEpochs: 1 }, lyrics(24));
  await collect(train(job, { engine }));
  const { shortestSong } = await loadCheckpoint(job.checkpoint);
  assert.ok(shortestSong! > 10, `${shortestSong}`);
  const couplets = Array.from({ length: 60 }, (_, i) => `하나 ${i % 7}\n둘 ${i % 5}`).join('\n\n\n');
  const next = await smallJob(await temporaryFolder(t), { maxEpochs: 1, trainFrac: 0.8 }, couplets);
  await collect(train({ ...next, initFrom: job.checkpoint }, { engine }));
  assert.equal((await loadCheckpoint(next.checkpoint)).shortestSong, 8);
  const streams = await smallJob(await temporaryFolder(t), { maxEpochs: 1, split: 'streams' }, lyrics(24));
  await collect(train(streams, { engine }));
  assert.equal((await loadCheckpoint(streams.checkpoint)).shortestSong, undefined);
});
