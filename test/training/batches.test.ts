import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { START } from '../../src/model/network.ts';
import {
  type BatchPlan,
  replayedPredictions,
  shuffledBatches,
  streamBatches,
  type TokenSegment,
} from '../../src/training/batches.ts';

/** Each row's (input, target) pairs over one epoch, in order, without what is not counted. */
function rowsOfEpoch(plan: BatchPlan, epoch: number): [number, number][][] {
  const rows = Array.from({ length: plan.batchSize }, (): [number, number][] => []);
  for (let i = 0; i < plan.stepsPerEpoch; i++) {
    const { inputs, targets } = plan.batch(epoch * plan.stepsPerEpoch + i);
    assert.equal(inputs.length, plan.seqLength * plan.batchSize);
    for (const [position, target] of targets.entries()) {
      if (target >= 0) rows[position % plan.batchSize]!.push([inputs[position]!, target]);
    }
  }
  return rows;
}

/** Songs whose characters are all different: a target says where it stands in the text. */
const songs = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 }).map((lengths) => {
  let next = START + 1;
  return lengths.map((length): TokenSegment => {
    const tokens = Int32Array.from({ length }, () => next++);
    return { tokens, song: true };
  });
});
const sizes = fc.record({
  batchSize: fc.integer({ min: 1, max: 6 }),
  seqLength: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(),
});

test('in every epoch each character of each song is predicted once, after the one before it, and each end once', () => {
  fc.assert(
    fc.property(songs, sizes, fc.integer({ min: 0, max: 3 }), (segments, options, epoch) => {
      const plan = shuffledBatches(segments, options);
      const pairs = rowsOfEpoch(plan, epoch).flat();
      assert.equal(pairs.length, plan.targetsPerEpoch);
      const expected = segments.flatMap(({ tokens }) => {
        const around = [START, ...tokens, START];
        return around.slice(1).map((target, i): [number, number] => [around[i]!, target]);
      });
      const sorted = (list: [number, number][]) => list.map(String).sort();
      assert.deepEqual(sorted(pairs), sorted(expected));
    }),
    { numRuns: 200 },
  );
});

test('the rows of an epoch are contiguous, equal but for the end, and fresh at its beginning alone', () => {
  fc.assert(
    fc.property(songs, sizes, (segments, options) => {
      const plan = shuffledBatches(segments, options);
      const rows = rowsOfEpoch(plan, 1);
      const joined = rows.flat();
      for (let i = 1; i < joined.length; i++) assert.equal(joined[i]![0], joined[i - 1]![1]);
      const full = Math.ceil(plan.targetsPerEpoch / plan.batchSize);
      const last = rows.findLastIndex((row) => row.length > 0);
      for (const row of rows.slice(0, last)) assert.equal(row.length, full);
      for (let step = 0; step < 2 * plan.stepsPerEpoch; step++) {
        const { fresh } = plan.batch(step);
        assert.equal(fresh?.every((b) => b === 1) ?? false, step % plan.stepsPerEpoch === 0);
      }
    }),
    { numRuns: 100 },
  );
});

test('a batch depends on the seed and its step alone, not on what was asked for before', () => {
  const segments = Array.from({ length: 9 }, (_, i) => ({
    tokens: Int32Array.of(2 + i, 20 + i),
    song: true,
  }));
  const options = { batchSize: 2, seqLength: 4, seed: 5 };
  const plan = shuffledBatches(segments, options);
  const inOrder = Array.from({ length: 4 * plan.stepsPerEpoch }, (_, step) => plan.batch(step));
  for (let step = inOrder.length - 1; step >= 0; step--) {
    assert.deepEqual(shuffledBatches(segments, options).batch(step), inOrder[step]);
  }
  const epoch = (number: number) => JSON.stringify(rowsOfEpoch(plan, number));
  assert.notEqual(epoch(0), epoch(1));
  assert.notEqual(
    epoch(0),
    JSON.stringify(rowsOfEpoch(shuffledBatches(segments, { ...options, seed: 6 }), 0)),
  );
});

/** Songs of a base text, of ids that no song of the new text has. */
const FIRST_BASE = 10_000;
const baseSongs = fc
  .array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 })
  .map((lengths) => {
    let next = FIRST_BASE;
    return lengths.map((length): TokenSegment => {
      const tokens = Int32Array.from({ length }, () => next++);
      return { tokens, song: true };
    });
  });
const shares = fc.double({ min: 0.01, max: 0.9, noNaN: true });
const isBase = (token: number) => token >= FIRST_BASE;

test('a replay: every epoch has all of the new text once, and of the base its share, to a character', () => {
  fc.assert(
    fc.property(
      songs,
      baseSongs,
      shares,
      sizes,
      fc.nat({ max: 3 }),
      (segments, base, share, options, epoch) => {
        const plan = shuffledBatches(segments, { ...options, replay: { songs: base, share } });
        const pairs = rowsOfEpoch(plan, epoch).flat();
        assert.equal(pairs.length, plan.targetsPerEpoch);
        for (let i = 1; i < pairs.length; i++) assert.equal(pairs[i]![0], pairs[i - 1]![1]);
        const own = segments.reduce((sum, { tokens }) => sum + tokens.length + 1, 0);
        assert.equal(plan.targetsPerEpoch - own, Math.round((own * share) / (1 - share)));
        assert.equal(replayedPredictions(segments, { songs: base, share }), plan.targetsPerEpoch - own);
        const newTargets = pairs
          .map(([, target]) => target)
          .filter((target) => target !== START && !isBase(target));
        const all = segments.flatMap(({ tokens }) => [...tokens]);
        assert.deepEqual(
          newTargets.sort((a, b) => a - b),
          all,
        );
        // Songs of the base are whole, each from its start; only the last of the epoch may be cut off.
        for (const [i, [input, target]] of pairs.entries()) {
          if (!isBase(target)) continue;
          const first = base.some(({ tokens }) => tokens[0] === target);
          assert.equal(input, first ? START : target - 1);
          const last = base.some(({ tokens }) => tokens.at(-1) === target);
          if (i < pairs.length - 1) assert.equal(pairs[i + 1]![1], last ? START : target + 1);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('a replay depends on the seed and the step alone, and brings other songs in each epoch', () => {
  const song = (first: number): TokenSegment => ({
    tokens: Int32Array.from({ length: 5 }, (_, i) => first + i),
    song: true,
  });
  const segments = [song(2), song(12), song(22)];
  const replay = { songs: Array.from({ length: 40 }, (_, i) => song(FIRST_BASE + 10 * i)), share: 0.5 };
  const options = { batchSize: 2, seqLength: 4, seed: 5, replay };
  const plan = shuffledBatches(segments, options);
  const inOrder = Array.from({ length: 4 * plan.stepsPerEpoch }, (_, step) => plan.batch(step));
  for (let step = inOrder.length - 1; step >= 0; step--) {
    assert.deepEqual(shuffledBatches(segments, options).batch(step), inOrder[step]);
  }
  const replayed = (epoch: number) =>
    new Set(
      rowsOfEpoch(plan, epoch)
        .flat()
        .map(([, target]) => target)
        .filter(isBase),
    );
  const both = new Set([...replayed(0), ...replayed(1)]);
  assert.ok(replayed(0).size > 10 && both.size > 1.5 * replayed(0).size);
});

test('pieces that are no songs are set apart from what is replayed', () => {
  const piece = { tokens: Int32Array.of(2, 3, 4), song: false };
  const replay = { songs: [{ tokens: Int32Array.of(FIRST_BASE, FIRST_BASE + 1), song: true }], share: 0.5 };
  const plan = shuffledBatches([piece], { batchSize: 1, seqLength: 8, seed: 1, replay });
  const [row] = rowsOfEpoch(plan, 0);
  assert.deepEqual(
    row!.filter(([, target]) => target === 2 || target === FIRST_BASE).map(([input]) => input),
    [START, START, START], // the last of a song that is cut off: the share is 4 of 8
  );
});

test('streams: row b goes through stream b in order, the same in every epoch, and the state is never reset', () => {
  const streams = [
    [2, 3, 4, 5, 6, 7, 8],
    [9, 10, 11, 12, 13, 14, 15],
  ].map((tokens) => ({ tokens: Int32Array.from(tokens), song: false }));
  const plan = streamBatches(streams, 3);
  assert.deepEqual([plan.batchSize, plan.stepsPerEpoch, plan.targetsPerEpoch], [2, 2, 12]);
  assert.deepEqual([...plan.batch(0).inputs], [2, 9, 3, 10, 4, 11]);
  assert.deepEqual([...plan.batch(0).targets], [3, 10, 4, 11, 5, 12]);
  assert.deepEqual([...plan.batch(1).targets], [6, 13, 7, 14, 8, 15]);
  assert.deepEqual(plan.batch(2), plan.batch(0));
  for (let step = 0; step < 4; step++) assert.equal(plan.batch(step).fresh, undefined);
});
