import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { SuffixArray } from '../../scripts/corpus/suffix-array.ts';

const pointsOf = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0)!);

/** Few letters, one of them beyond 16 bits, so that much repeats. */
const word = fc
  .array(fc.constantFrom('a', 'b', '가', '🎵', '\n'), { maxLength: 14 })
  .map((all) => all.join(''));
const texts = fc.array(word, { minLength: 1, maxLength: 5 });

/** By looking everywhere: the longest run from the beginning of a query that stands in one of the texts. */
function longestPrefix(texts: readonly string[], query: string): number {
  const characters = [...query];
  let length = characters.length;
  while (!texts.some((text) => text.includes(characters.slice(0, length).join('')))) length--;
  return length;
}

function longestShared(texts: readonly string[]): number {
  let longest = 0;
  for (const [i, text] of texts.entries()) {
    const characters = [...text];
    for (let from = 0; from < characters.length; from++) {
      const others = texts.filter((_, j) => j !== i);
      if (others.length > 0) {
        longest = Math.max(longest, longestPrefix(others, characters.slice(from).join('')));
      }
    }
  }
  return longest;
}

test('finds the longest run of a query that stands in one of the texts', () => {
  fc.assert(
    fc.property(texts, word, (texts, query) => {
      const suffixes = new SuffixArray(texts);
      for (let from = 0; from <= [...query].length; from++) {
        assert.equal(
          suffixes.longestMatch(pointsOf(query), from),
          longestPrefix(texts, [...query].slice(from).join('')),
        );
      }
    }),
  );
});

test('finds the longest run that two texts share, and what it says', () => {
  fc.assert(
    fc.property(texts, (texts) => {
      const suffixes = new SuffixArray(texts);
      const runs = [...suffixes.sharedBetweenTexts()];
      assert.equal(Math.max(0, ...runs.map(({ length }) => length)), longestShared(texts));
      for (const { texts: owners, start, length } of runs) {
        const run = suffixes.textAt(start, length);
        assert.equal([...run].length, length);
        assert.notEqual(owners[0], owners[1]);
        for (const owner of owners) assert.ok(texts[owner].includes(run));
      }
    }),
  );
});

test('long repeats are sorted too', () => {
  const suffixes = new SuffixArray([`${'ab'.repeat(3000)}c`, `x${'ab'.repeat(2000)}`]);
  assert.equal(suffixes.longestMatch(pointsOf(`${'ab'.repeat(2500)}c`), 0), 5001);
  assert.equal(Math.max(...Array.from(suffixes.sharedBetweenTexts(), ({ length }) => length)), 4000);
});
