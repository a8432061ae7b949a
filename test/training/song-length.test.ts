import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { songLengths } from '../../src/training/song-length.ts';
import { train } from '../../src/training/trainer.ts';
import { collect, lyrics, smallJob, temporaryFolder, testEngine } from './fixtures/runs.ts';

const songs = (...lengths: number[]) => lengths.map((length) => ({ text: '가'.repeat(length), song: true }));

test('all but the shortest hundredth are as long as the shortest, and a quarter longer than what is long', () => {
  assert.deepEqual(songLengths(songs(30, 20, 40)), { shortest: 20, long: 40 });
  const many = Array.from({ length: 300 }, (_, i) => 100 + i);
  assert.deepEqual(songLengths(songs(...many)), { shortest: 103, long: 325 });
  assert.deepEqual(songLengths([{ text: '노래🎵', song: true }]), { shortest: 3, long: 3 });
});

test('what a network knew before makes the shortest no longer and the long no shorter', () => {
  assert.deepEqual(songLengths(songs(30, 20), { shortest: 10, long: 50 }), { shortest: 10, long: 50 });
  assert.deepEqual(songLengths(songs(30, 20), { shortest: 25, long: 25 }), { shortest: 20, long: 30 });
  assert.deepEqual(songLengths(songs(30, 20), { shortest: 25 }), { shortest: 20, long: 30 });
});

test('no songs say nothing', () => {
  const pieces = [{ text: 'piece', song: false }];
  assert.equal(songLengths(pieces), undefined);
  assert.deepEqual(songLengths(pieces, { shortest: 10, long: 20 }), { shortest: 10, long: 20 });
});

test('a checkpoint knows how long the songs are that it learnt, and those of its parent', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  const job = await smallJob(folder, { maxEpochs: 1 }, lyrics(24));
  await collect(train(job, { engine }));
  const learnt = (await loadCheckpoint(job.checkpoint)).songs!;
  assert.ok(learnt.shortest > 10 && learnt.long! >= learnt.shortest, JSON.stringify(learnt));
  const couplets = Array.from({ length: 60 }, (_, i) => `하나 ${i % 7}\n둘 ${i % 5}`).join('\n\n\n');
  const next = await smallJob(await temporaryFolder(t), { maxEpochs: 1, trainFrac: 0.8 }, couplets);
  await collect(train({ ...next, initFrom: job.checkpoint }, { engine }));
  assert.deepEqual((await loadCheckpoint(next.checkpoint)).songs, { shortest: 8, long: learnt.long });
  const streams = await smallJob(await temporaryFolder(t), { maxEpochs: 1, split: 'streams' }, lyrics(24));
  await collect(train(streams, { engine }));
  assert.equal((await loadCheckpoint(streams.checkpoint)).songs, undefined);
});
