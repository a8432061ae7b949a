import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../src/random.ts';
import { groupSimilar, groupSimilarGently } from '../../src/training/similarity.ts';
import { ALPHABETS, perturbedCopy, randomSong } from './lyrics.ts';

for (const [name, alphabet] of Object.entries(ALPHABETS)) {
  test(`perturbed copies form a group, other songs do not (${name})`, () => {
    for (let seed = 0; seed < 10; seed++) {
      const random = new Random(seed);
      const songs: string[] = [];
      const families: number[] = [];
      for (let family = 0; family < 30; family++) {
        const original = randomSong(random, alphabet);
        const copies = Array.from({ length: random.below(4) }, () =>
          perturbedCopy(random, alphabet, original),
        );
        const first = songs.length;
        for (const song of [original, ...copies]) {
          songs.push(song);
          families.push(first);
        }
      }
      assert.deepEqual(groupSimilar(songs), families, `seed ${seed}`);
    }
  });
}

test('likeness is transitive: a chain of revisions is one group', () => {
  const random = new Random(3);
  const chain = [randomSong(random, ALPHABETS.KOREAN)];
  for (let i = 0; i < 12; i++) {
    const lines = chain[i].split('\n');
    lines[(2 * i) % lines.length] = randomSong(random, ALPHABETS.KOREAN).split('\n')[0];
    chain.push(lines.join('\n'));
  }
  random.shuffle(chain);
  assert.deepEqual(
    groupSimilar(chain),
    chain.map(() => 0),
  );
});

test('a short refrain does not tie together the songs that hold it', () => {
  const random = new Random(4);
  const refrain = '라라라 라라 라라라 그대여';
  const songs = Array.from({ length: 5 }, () => `${randomSong(random, ALPHABETS.KOREAN)}\n${refrain}`);
  assert.deepEqual(groupSimilar([...songs, refrain, `${refrain}!`]), [0, 1, 2, 3, 4, 5, 5]);
});

test('texts without letters are compared too', () => {
  assert.deepEqual(groupSimilar(['♪♪', '', '♪♪', '!', '']), [0, 1, 0, 3, 1]);
  assert.deepEqual(groupSimilar([]), []);
});

test('a sample of the shingles is enough to find copies', () => {
  const random = new Random(5);
  const songs = Array.from({ length: 40 }, () => randomSong(random, ALPHABETS.KOREAN));
  const twice = [...songs, ...songs.map((song) => song.replaceAll(' ', ''))];
  const expected = [...songs.keys(), ...songs.keys()];
  assert.deepEqual(groupSimilar(twice, 1000), expected);
});

test('the gentle way finds the same groups and lets timers run', async () => {
  const random = new Random(6);
  const songs = Array.from({ length: 2500 }, () => randomSong(random, ALPHABETS.KOREAN));
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const groups = await groupSimilarGently(songs, 10_000);
  clearInterval(timer);
  assert.deepEqual(groups, groupSimilar(songs, 10_000));
  assert.ok(turns > 1, `${turns} turns`);
});

test('any texts can be grouped, and each group is named by its first member', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      const groups = groupSimilar(texts);
      assert.equal(groups.length, texts.length);
      for (const [text, first] of groups.entries()) {
        assert.ok(first <= text);
        assert.equal(groups[first], first);
        assert.equal(groups[texts.indexOf(texts[text])], first);
      }
    }),
  );
});

test('time grows with the texts, not with their pairs', () => {
  /** Milliseconds of this thread for so many texts of three syllables. */
  const work = (count: number): number => {
    const texts = Array.from({ length: count }, (_, i) =>
      String.fromCharCode(
        0xac00 + (i % 100),
        0xac00 + (Math.floor(i / 100) % 100),
        0xac00 + Math.floor(i / 10_000),
      ),
    );
    const before = process.cpuUsage();
    assert.equal(new Set(groupSimilar(texts)).size, count);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const small = Math.min(work(20_000), work(20_000));
  const large = work(160_000);
  assert.ok(large < 24 * small, `${small} ms, of 8 times as many ${large} ms`);
});
