import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../../src/errors.ts';
import { Random } from '../../src/random.ts';
import { type Parts, type SplitOptions, splitText } from '../../src/training/split.ts';
import { ALPHABETS, perturbedCopy, randomSong } from './lyrics.ts';

const PARTS = ['train', 'val', 'test'] as const;
const BLOCKS: SplitOptions = { mode: 'blocks', batchSize: 4, seqLength: 16, trainFrac: 0.9, valFrac: 0.05 };
const count = (text: string): number => [...text].length;

/** char-rnn's loader (CharSplitLMMinibatchLoader.lua), with 0-based indices: inputs and targets, [part][batch][row]. */
function charRnn(
  text: string,
  { batchSize, seqLength, trainFrac, valFrac }: SplitOptions,
): [string, string][][][] {
  const all = [...text];
  const data = all.slice(0, batchSize * seqLength * Math.floor(all.length / (batchSize * seqLength)));
  const shifted = [...data.slice(1), data[0]];
  const rowLength = data.length / batchSize;
  const batches = Array.from({ length: rowLength / seqLength }, (_, batch) =>
    Array.from({ length: batchSize }, (_, row): [string, string] => {
      const from = row * rowLength + batch * seqLength;
      return [data.slice(from, from + seqLength).join(''), shifted.slice(from, from + seqLength).join('')];
    }),
  );
  const testFrac = Math.max(0, 1 - (trainFrac + valFrac));
  const train = Math.floor(batches.length * trainFrac);
  const val = testFrac === 0 ? batches.length - train : Math.floor(batches.length * valFrac);
  return [batches.slice(0, train), batches.slice(train, train + val), batches.slice(train + val)];
}

test('streams are laid out as char-rnn does, inputs and targets', () => {
  const fractions = fc.constantFrom([0.95, 0.05], [0.9, 0.05], [0.5, 0.25], [0.7, 0.3], [1, 0]);
  const characters = fc.array(fc.constantFrom('가', '나', '🎤', '\n', 'x'), {
    minLength: 40,
    maxLength: 400,
  });
  fc.assert(
    fc.property(
      characters,
      fractions,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 2, max: 4 }),
      (...drawn) => {
        const [letters, [trainFrac, valFrac], batchSize, seqLength] = drawn;
        const options: SplitOptions = { mode: 'streams', batchSize, seqLength, trainFrac, valFrac };
        const expected = charRnn(letters.join(''), options);
        const parts = splitText(letters.join(''), options);
        for (const [i, part] of PARTS.entries()) {
          const rows = parts[part].map(({ text, song }) => {
            assert.equal(song, false);
            return [[...text].slice(0, -1).join(''), [...text].slice(1).join('')];
          });
          const wanted = Array.from({ length: expected[i].length > 0 ? batchSize : 0 }, (_, row) =>
            [0, 1].map((side) => expected[i].map((batch) => batch[row][side]).join('')),
          );
          assert.deepEqual(rows, wanted, part);
        }
      },
    ),
  );
});

test('streams always leave a batch to train on', () => {
  const parts = splitText('가'.repeat(40), {
    ...BLOCKS,
    mode: 'streams',
    seqLength: 10,
    trainFrac: 0.1,
    valFrac: 0.1,
  });
  assert.deepEqual([parts.train.length, parts.val.length, parts.test.length], [4, 0, 0]);
});

test('tail: the parts are consecutive, whole characters, rounded as nanoGPT does', () => {
  const text = Array.from({ length: 101 }, (_, i) => ['가', '나', '🎤', '\n'][i % 4]).join('');
  const lengths = (trainFrac: number, valFrac: number): number[] => {
    const parts = splitText(text, { ...BLOCKS, mode: 'tail', trainFrac, valFrac });
    const segments = PARTS.flatMap((part) => parts[part]);
    assert.equal(segments.map((segment) => segment.text).join(''), text);
    assert.ok(segments.every(({ song }) => !song));
    assert.ok(PARTS.every((part) => parts[part].length <= 1));
    return PARTS.map((part) => count(parts[part].map((segment) => segment.text).join('')));
  };
  assert.deepEqual(lengths(0.9, 0.1), [90, 11, 0]);
  assert.deepEqual(lengths(0.7, 0.3), [70, 31, 0]);
  assert.deepEqual(lengths(0.9, 0.05), [90, 5, 6]);
  assert.deepEqual(lengths(1, 0), [101, 0, 0]);
  assert.deepEqual(lengths(0.001, 0), [1, 0, 100]);
});

/** A text of songs, some of them in perturbed copies; `families[i]` holds the versions of a song. */
function corpusOfCopies(seed: number): { text: string; families: string[][] } {
  const random = new Random(seed);
  const families = Array.from({ length: 40 }, () => {
    const song = randomSong(random, ALPHABETS.KOREAN);
    return [
      song,
      ...Array.from({ length: random.below(4) }, () => perturbedCopy(random, ALPHABETS.KOREAN, song)),
    ];
  });
  return { text: random.shuffle(families.flat()).join('\n\n\n'), families };
}

const partsWith = (parts: Parts, song: string): string[] =>
  PARTS.filter((part) => parts[part].some(({ text }) => text === song));

test('blocks: every song stands whole on one side, with all its near-duplicates', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { text, families } = corpusOfCopies(seed);
    const parts = splitText(text, { ...BLOCKS, trainFrac: 0.6, valFrac: 0.2 });
    const segments = PARTS.flatMap((part) => parts[part]);
    assert.ok(segments.every(({ song }) => song));
    assert.deepEqual(segments.map((segment) => segment.text).sort(), families.flat().sort());
    for (const family of families) {
      const sides = new Set(family.flatMap((song) => partsWith(parts, song)));
      assert.equal(sides.size, 1, `seed ${seed}: ${[...sides]}`);
    }
    for (const part of PARTS) assert.ok(parts[part].length > 0, part);
  }
});

test('blocks: each part has its share of the characters, to about a song', () => {
  for (let seed = 0; seed < 10; seed++) {
    const random = new Random(seed);
    const songs = Array.from({ length: 200 }, () => randomSong(random, ALPHABETS.KOREAN));
    const total = songs.reduce((sum, song) => sum + count(song), 0);
    const longest = Math.max(...songs.map(count));
    for (const [trainFrac, valFrac] of [
      [0.9, 0.05],
      [0.95, 0.05],
      [0.5, 0.25],
      [0.8, 0],
    ]) {
      const parts = splitText(songs.join('\n\n\n'), { ...BLOCKS, trainFrac, valFrac });
      const shares = [trainFrac, valFrac, 1 - trainFrac - valFrac];
      for (const [i, part] of PARTS.entries()) {
        const characters = parts[part].reduce((sum, { text }) => sum + count(text), 0);
        assert.ok(Math.abs(characters - shares[i] * total) <= 1.5 * longest, `${part} ${characters / total}`);
        if (shares[i] < 1e-9) assert.equal(characters, 0, part);
      }
    }
  }
});

test('blocks: the sides depend on the text alone, not on line ends or stray spaces', () => {
  const { text } = corpusOfCopies(1);
  const parts = splitText(text, BLOCKS);
  assert.deepEqual(splitText(text, { ...BLOCKS, batchSize: 9 }), parts);
  assert.deepEqual(splitText(text.replaceAll('\n', '\r\n'), BLOCKS), parts);
  assert.deepEqual(splitText(`\n${text.replaceAll('\n\n\n', ' \n\t\n\n')}\n\n`, BLOCKS), parts);
});

test('blocks: with few songs each part that was asked for still gets one', () => {
  const random = new Random(7);
  const text = Array.from({ length: 3 }, () => randomSong(random, ALPHABETS.KOREAN)).join('\n\n\n');
  const parts = splitText(text, BLOCKS);
  assert.deepEqual(
    PARTS.map((part) => parts[part].length),
    [1, 1, 1],
  );
  assert.equal(splitText(text, { ...BLOCKS, valFrac: 0.1 }).test.length, 0);
});

test('blocks: copies of one song leave nothing to hold out', () => {
  const song = randomSong(new Random(8), ALPHABETS.KOREAN);
  const parts = splitText(Array.from({ length: 20 }, () => song).join('\n\n\n'), BLOCKS);
  assert.deepEqual(
    PARTS.map((part) => parts[part].length),
    [20, 0, 0],
  );
});

test('blocks: a text without blank lines is cut between lines, and nothing of it is lost', () => {
  const random = new Random(9);
  const text = Array.from({ length: 40 }, () =>
    randomSong(random, ALPHABETS.ENGLISH).replaceAll('\n\n', '\n'),
  ).join('\n');
  const parts = splitText(text, BLOCKS);
  const segments = PARTS.flatMap((part) => parts[part]);
  assert.ok(segments.every((segment) => !segment.song && text.includes(segment.text)));
  assert.equal(
    segments.reduce((sum, segment) => sum + segment.text.length, 0),
    text.length,
  );
  for (const part of PARTS) {
    const share = parts[part].reduce((sum, segment) => sum + segment.text.length, 0) / text.length;
    assert.ok(Math.abs(share - { train: 0.9, val: 0.05, test: 0.05 }[part]) < 0.02, `${part} ${share}`);
  }
});

test('a text of less than two sequences is refused with what is needed', () => {
  const refused = (text: string, options: SplitOptions, needed: number) =>
    assert.throws(
      () => splitText(text, options),
      (error) =>
        error instanceof UserError &&
        error.code === 'textTooSmall' &&
        error.message.includes(`where ${needed} are`),
    );
  refused('가'.repeat(31), BLOCKS, 32);
  refused('🎤'.repeat(31), BLOCKS, 32);
  refused('가'.repeat(63), { ...BLOCKS, mode: 'streams' }, 64);
  refused('가'.repeat(31), { ...BLOCKS, mode: 'streams', batchSize: 1 }, 32);
  refused('', BLOCKS, 32);
  assert.ok(splitText('가'.repeat(32), BLOCKS).train.length > 0);
});

test('any text is split or refused, and something is left to train on', () => {
  const text = fc.string({
    unit: fc.constantFrom('가', '나', '다', '\n', '\n', ' ', '\r', '🎤', '!'),
    maxLength: 400,
  });
  fc.assert(
    fc.property(
      text,
      fc.constantFrom('streams' as const, 'tail' as const, 'blocks' as const),
      (drawn, mode) => {
        let parts: Parts;
        try {
          parts = splitText(drawn, { ...BLOCKS, mode });
        } catch (error) {
          assert.ok(error instanceof UserError, String(error));
          return;
        }
        assert.ok(parts.train.length > 0);
        for (const part of PARTS) for (const segment of parts[part]) assert.notEqual(segment.text, '');
      },
    ),
    { numRuns: 500 },
  );
});
