import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import {
  comparedLines,
  compareSongs,
  returningLines,
  sampleLines,
  TrainingText,
} from '../../scripts/corpus/copies.ts';
import { START } from '../../src/model/network.ts';
import { saveCheckpoint } from '../../src/store/checkpoints.ts';
import { constantCheckpoint, createSampler, randomCheckpoint } from '../sampling/fixtures.ts';
import { lyrics, smallJob, temporaryFolder } from '../training/fixtures/runs.ts';
import { runScript } from './support.ts';

const song = (text: string) => ({ text, song: true });

test('overlaps are measured in characters of a line, within one song of the training text', () => {
  const training = new TrainingText([song('나는 오늘도 바다로 간다\n파도가 운다'), song('별이 지는 밤에')]);
  const compared = training.compare([
    '나는 오늘도 바다로 간다', // a whole line
    '오늘도 바다로', // within one
    '운다별이 지는', // not across two songs
    '처음 보는 말이야', // blanks and 는 alone
  ]);
  assert.equal(compared.lines, 4);
  assert.equal(compared.whole_lines, 1 / 4);
  assert.equal(compared.verbatim, 2 / 4);
  assert.equal(compared.longest_overlap.max, [...'나는 오늘도 바다로 간다'].length);
  assert.equal(training.longestOverlap('운다별이 지는'), [...'별이 지는'].length);
  assert.equal(training.longestOverlap('처음 보는 말이야'), [...'는 '].length);
  assert.equal(compared.longest_overlap.median, 5);
  assert.equal(compared.longest_overlap_share.max, 1);
  assert.throws(() => training.compare([]), /no line of 5 syllables/);
});

test('short lines and repeats of a lyric are not compared', () => {
  assert.deepEqual(comparedLines('나는 간다\n\n나는 떠나간다\n나는 떠나간다\n너는 남았다'), [
    '나는 떠나간다',
    '너는 남았다',
  ]);
});

test('lines that return are counted within their own song alone', () => {
  const chorus = '돌아와 달라고 불렀네';
  assert.equal(returningLines([`${chorus}\n나는 떠나간다\n\n${chorus}\n짧다\n짧다`, chorus]), 1 / 4);
  assert.equal(returningLines(['짧다']), 0);
});

test('songs are as long as their characters are many', () => {
  const songs = ['🎵', '봄이 오면', '그대를\n본다'];
  const { song_length } = compareSongs(new TrainingText([{ text: '봄', song: true }]), ['봄'], songs);
  assert.deepEqual([song_length.median, song_length.max], [5, 6]);
});

/** Writes lines of one syllable, of random length. */
const stutterer = () => {
  const { vocabulary } = randomCheckpoint();
  const [syllable, newline] = ['사', '\n'].map((character) => vocabulary.encode(character)[0]);
  const never = Object.fromEntries(Array.from({ length: vocabulary.size }, (_, id) => [id, -99]));
  return constantCheckpoint({ ...never, [syllable]: 6, [newline]: 3.5, [START]: -1 });
};

test('the same lines whatever the number of lyrics at once', async (t) => {
  const order = { lines: 70, temperature: 0.9, seed: 5 };
  const [one, many, other] = await Promise.all([
    sampleLines(await createSampler(t, stutterer(), 1), order),
    sampleLines(await createSampler(t, stutterer(), 16), order),
    sampleLines(await createSampler(t, stutterer(), 16), { ...order, seed: 500 }),
  ]);
  assert.equal(one.lines.length, 70);
  const sampler = await createSampler(t, stutterer(), 1);
  const lyrics: string[] = [];
  for (let seed = 5; lyrics.length < 70; seed++) {
    const { text, end } = await sampler.sample({ primeText: '', length: 2000, temperature: 0.9, seed });
    lyrics.push(...comparedLines(end === 'song' ? text : text.slice(0, text.lastIndexOf('\n') + 1)));
  }
  assert.deepEqual(one.lines, lyrics.slice(0, 70), 'seed after seed');
  assert.deepEqual(many, one);
  assert.notDeepEqual(other.lines, one.lines);
  for (const line of one.lines) assert.match(line, /^사{5,}$/);
});

test('a network that writes no lines comes to an end', async (t) => {
  const sampler = await createSampler(t, constantCheckpoint({ 5: 9 }), 16);
  assert.deepEqual((await sampleLines(sampler, { lines: 3, temperature: 1, seed: 1 })).lines, []);
});

test('the script finds a copyist', async (t) => {
  const folder = await temporaryFolder(t);
  const model = path.join(folder, 'copyist.safetensors');
  await saveCheckpoint(model, stutterer());
  const common = [
    '--model',
    model,
    '--data-dir',
    folder,
    '--lines',
    '50',
    '--train-frac',
    '1',
    '--val-frac',
    '0',
  ];

  await smallJob(folder, {}, `${lyrics(6)}\n\n${'사'.repeat(400)}\n`);
  const found = await runScript('copies', [...common, '--json'], folder);
  assert.equal(found.stderr, '');
  const { sampled, held_out } = JSON.parse(found.stdout);
  assert.equal(sampled.lines, 50);
  assert.equal(sampled.verbatim, 1);
  assert.equal(sampled.whole_lines, 0);
  assert.equal(held_out, null);

  await smallJob(folder, {}, lyrics(6));
  const innocent = await runScript('copies', common, folder);
  assert.match(innocent.stdout, /stand in the training text +0\.00 %/);
  assert.match(innocent.stdout, /longest overlap, max +1\n/);
});
