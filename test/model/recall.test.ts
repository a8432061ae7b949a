import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LENGTHS, PLACES, type Recall, recallWeight, SongMemory, TIMES } from '../../src/model/recall.ts';

const LINE_END = 9;

function remember(tokens: readonly number[]): SongMemory {
  const memory = new SongMemory(LINE_END);
  for (const token of tokens) memory.push(token);
  return memory;
}

function followersOf(memory: SongMemory): Record<number, number> {
  const [ids, counts] = [new Int32Array(20), new Int32Array(20)];
  const distinct = memory.followers(ids, counts);
  return Object.fromEntries(Array.from({ length: distinct }, (_, i) => [ids[i]!, counts[i]!]));
}

/** The definition, word for word: all earlier places, each run compared token by token. */
function bySearch(tokens: readonly number[]) {
  const end = tokens.length;
  const runs = Array.from({ length: Math.max(0, end - 1) }, (_, i) => {
    const j = i + 1;
    let length = 0;
    while (length < j && tokens[j - 1 - length] === tokens[end - 1 - length]) length++;
    return { j, length };
  }).filter(({ j, length }) => length > 0 && length < end - j);
  const longest = Math.max(0, ...runs.map(({ length }) => length));
  const places = runs.filter(({ length }) => length === longest);
  const followers: Record<number, number> = {};
  for (const { j } of places) {
    if (tokens[j]! >= 0) followers[tokens[j]!] = (followers[tokens[j]!] ?? 0) + 1;
  }
  return { longest, times: places.length, followers };
}

describe('the memory of a song', () => {
  it('finds what a search by the definition finds', () => {
    const songs = fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 80 });
    fc.assert(
      fc.property(songs, (tokens) => {
        const memory = remember(tokens);
        const { longest, times, followers } = bySearch(tokens);
        assert.deepEqual([memory.longest, memory.times], [longest, times]);
        assert.deepEqual(followersOf(memory), followers);
      }),
      { numRuns: 3000 },
    );
  });

  it('recalls what came after a line when it begins again', () => {
    const memory = remember([1, 2, 3, 4, LINE_END, 5, 6, LINE_END, 1, 2]);
    assert.deepEqual([memory.longest, memory.times, followersOf(memory)], [2, 1, { 3: 1 }]);
  });

  it('does not go round in circles: right after a repeat there is nothing to recall', () => {
    const line = [1, 2, 3, 4, LINE_END];
    assert.equal(remember([...line, ...line]).longest, 0);
    assert.equal(remember([...line, 5, LINE_END, ...line]).longest, 5);
  });

  it('knows where the next token stands', () => {
    const placeAfter = (...tokens: number[]) => remember(tokens).place;
    assert.deepEqual(
      [placeAfter(), placeAfter(1), placeAfter(1, LINE_END), placeAfter(1, LINE_END, LINE_END)],
      [0, 0, 1, 2],
    );
  });

  it('forgets the song when it is cleared, and keeps the end of one without end', () => {
    const memory = remember([1, 2, 1]);
    memory.clear();
    assert.deepEqual([memory.longest, memory.times, memory.tokens.length], [0, 0, 0]);
    const song = Array.from({ length: 5000 }, (_, i) => (i * i) % 7);
    const endless = remember(song);
    const kept = [...endless.tokens];
    assert.ok(kept.length >= 1024);
    assert.deepEqual(kept, song.slice(-kept.length));
    const again = remember(kept);
    assert.deepEqual([endless.longest, endless.times], [again.longest, again.times]);
    assert.deepEqual(followersOf(endless), followersOf(again));
  });
});

it('the weight is that of the place, the times and the length, the last of each for more', () => {
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);
  const weights = range(PLACES).map((p) =>
    range(TIMES).map((t) => range(LENGTHS).map((l) => (p * 100 + t * 20 + l) / 1000)),
  );
  const recall: Recall = { weights };
  const weight = (place: number, times: number, longest: number) =>
    recallWeight(recall, { place, times, longest });
  assert.equal(weight(1, 2, 5), 0.124);
  assert.equal(weight(2, 9, 99), 0.255);
  assert.equal(weight(2, 0, 0), 0);
});
