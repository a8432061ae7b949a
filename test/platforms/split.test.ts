import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { splitText } from '../../src/platforms/split.ts';

describe('splitText', () => {
  it('keeps text that fits, and cuts what does not at line ends', () => {
    assert.deepEqual(splitText('', 10), ['']);
    assert.deepEqual(splitText('가나\n다라', 5), ['가나\n다라']);
    assert.deepEqual(splitText('가나다\n라마바\n사', 5), ['가나다', '라마바\n사']);
    assert.deepEqual(splitText('가나다\n라마바', 3), ['가나다', '라마바']);
    assert.deepEqual(splitText('가나다\n\n라마바', 4), ['가나다', '라마바']);
    assert.deepEqual(splitText('가나다\n', 3), ['가나다']);
    assert.deepEqual(splitText('가가\n\n\n가', 2), ['가가', '가']);
    assert.deepEqual(splitText('\n\n\n', 2), ['']);
  });

  it('cuts a line that is too long between words, and a word between characters', () => {
    assert.deepEqual(splitText('사랑은 그대를 부르네', 8), ['사랑은 그대를', '부르네']);
    assert.deepEqual(splitText('🙂🙂🙂', 5), ['🙂🙂', '🙂']);
  });

  it('loses nothing but white space where it cut, within the limit, whatever the text', () => {
    const text = fc.string({ unit: fc.constantFrom('가', 'a', '🙂', ' ', '\n', '*'), maxLength: 200 });
    const cost = (character: string) => (character === '*' ? 2 : character.length);
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 40 }), (text, limit) => {
        const pieces = splitText(text, limit, cost);
        let at = 0;
        for (const piece of pieces) {
          assert.ok([...piece].reduce((sum, character) => sum + cost(character), 0) <= limit);
          assert.ok(piece.trim() !== '' || text.trim() === '');
          assert.doesNotMatch(piece, /\p{Surrogate}/u);
          at = text.indexOf(piece, at) + piece.length;
          assert.ok(at >= piece.length, `${JSON.stringify(pieces)} of ${JSON.stringify(text)}`);
        }
        const letters = (some: string) => some.replace(/\s/g, '');
        assert.equal(letters(pieces.join('')), letters(text));
      }),
    );
  });
});
