import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutPieces, cutSongs } from '../../src/training/songs.ts';

test('songs are cut at two blank lines where there are any, stanzas stay together', () => {
  assert.deepEqual(cutSongs('하나\n둘\n\n셋\n\n\n넷\n\n\n\n\n다섯\n'), ['하나\n둘\n\n셋', '넷', '다섯']);
});

test('without two blank lines songs are cut at one', () => {
  assert.deepEqual(cutSongs('하나\n둘\n\n셋\n'), ['하나\n둘', '셋']);
});

test('blank lines around the text separate nothing', () => {
  assert.deepEqual(cutSongs('\n\n\n하나\n\n둘\n\n\n\n'), ['하나', '둘']);
});

test('line ends of other systems and stray white space on blank lines do not matter', () => {
  const songs = ['하나\n둘\n\n셋', '넷'];
  for (const separator of ['\n \n\t\n', '\n\u3000\n\u00a0\n', '  \n\n\n']) {
    assert.deepEqual(cutSongs(songs.join(separator)), songs, JSON.stringify(separator));
  }
  for (const end of ['\r\n', '\r', '\u2028']) {
    assert.deepEqual(cutSongs(songs.join('\n\n\n').replaceAll('\n', end)), songs, JSON.stringify(end));
  }
});

test('a text of white space has no songs', () => {
  assert.deepEqual(cutSongs(' \n\n\n\t\n'), []);
});

test('pieces are the text again, of the length that was asked for, never half a character', () => {
  const text = fc.string({ unit: fc.constantFrom('가', '나', '\n', '🎤', ' '), maxLength: 300 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), (lines, length) => {
      const pieces = cutPieces(lines, length);
      assert.equal(pieces.join(''), lines);
      for (const [i, piece] of pieces.entries()) {
        assert.ok(piece.length >= length || i === pieces.length - 1);
        assert.ok(piece.length <= 2 * length + 1);
        assert.ok(!/^[\udc00-\udfff]/.test(piece));
      }
    }),
  );
});
