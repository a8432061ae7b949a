import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../../src/errors.ts';
import { START, UNKNOWN } from '../../src/model/network.ts';
import { normalizeText, Vocabulary } from '../../src/model/vocabulary.ts';

const anyText = fc.string({ unit: 'binary' });
const hasFault = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;

test('a text comes back from its token ids in NFC, half surrogate pairs as U+FFFD', () => {
  fc.assert(
    fc.property(
      fc.oneof(anyText, fc.string({ unit: fc.constantFrom('\ud83d', '\ude00', 'ᄉ', 'ᅡ', 'é') })),
      (text) => {
        assert.equal(Vocabulary.of(text).decode(Vocabulary.of(text).encode(text)), normalizeText(text));
      },
    ),
  );
  assert.equal(normalizeText('a\ud83db'), 'a\ufffdb');
});

test('a vocabulary comes back from its JSON', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const vocabulary = Vocabulary.of(text);
      const again = Vocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)));
      assert.deepEqual(again.toJSON(), vocabulary.toJSON());
      assert.deepEqual(again.encode(text), vocabulary.encode(text));
    }),
  );
});

test('the same characters give the same ids, whatever their order in the text', () => {
  assert.deepEqual(Vocabulary.of('나가다').toJSON(), Vocabulary.of('다나가가').toJSON());
});

test('decomposed and composed Hangul are the same characters', () => {
  const vocabulary = Vocabulary.of('사랑');
  assert.deepEqual(vocabulary.encode('사랑'.normalize('NFD')), vocabulary.encode('사랑'));
  assert.equal(vocabulary.size, 4);
});

test('a character outside the basic plane is one token', () => {
  const vocabulary = Vocabulary.of('🎤');
  assert.deepEqual([...vocabulary.encode('🎤🎤')], [2, 2]);
  assert.equal(vocabulary.character(2), '🎤');
});

test('unseen characters are fed as UNKNOWN and named in order of appearance', () => {
  const vocabulary = Vocabulary.of('사랑');
  assert.deepEqual([...vocabulary.encode('햏사뷁')], [UNKNOWN, vocabulary.encode('사')[0], UNKNOWN]);
  assert.deepEqual(vocabulary.unseen('햏사뷁햏'), ['햏', '뷁']);
  assert.equal(vocabulary.has('사'), true);
  assert.equal(vocabulary.has('햏'), false);
});

test('names of reserved ids are no characters of the text', () => {
  const vocabulary = Vocabulary.of('<unk>');
  assert.equal(vocabulary.has('<unk>'), false);
  assert.equal(vocabulary.decode(vocabulary.encode('<unk>')), '<unk>');
});

test('reserved ids print as nothing and as U+FFFD; ids out of range are a defect', () => {
  const vocabulary = Vocabulary.of('가');
  assert.equal(vocabulary.character(START), '');
  assert.equal(vocabulary.character(UNKNOWN), '\ufffd');
  for (const id of [-1, 3, 0.5, Number.NaN]) assert.throws(() => vocabulary.character(id), RangeError);
});

test('extending keeps the ids that are there', () => {
  fc.assert(
    fc.property(anyText, anyText, (before, added) => {
      const vocabulary = Vocabulary.of(before);
      const extended = vocabulary.extended(added);
      assert.deepEqual(extended.toJSON().slice(0, vocabulary.size), vocabulary.toJSON());
      assert.deepEqual(
        extended.unseen(added).filter((character) => character !== '\ufffd'),
        [],
      );
    }),
  );
});

test('an array that is no vocabulary is refused, naming the entry', () => {
  const faulty: [unknown, number][] = [
    [null, 0],
    [{ 0: '<unk>' }, 0],
    [[], 0],
    [['<unk>'], 1],
    [['가', '<s>'], 0],
    [['<unk>', '<s>', '가', '가'], 3],
    [['<unk>', '<s>', '가나'], 2],
    [['<unk>', '<s>', ''], 2],
    [['<unk>', '<s>', 7], 2],
    [['<unk>', '<s>', '\ud83d'], 2],
    [['<unk>', '<s>', '\ufffd'], 2],
  ];
  for (const [value, index] of faulty) {
    assert.throws(
      () => Vocabulary.fromJSON(value, 'song.safetensors'),
      (error) =>
        hasFault('vocabularyEntry')(error) && (error as UserError<'vocabularyEntry'>).facts.index === index,
      JSON.stringify(value),
    );
  }
});
