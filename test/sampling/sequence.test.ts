import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SongLengths } from '../../src/model/checkpoint-metadata.ts';
import { START, UNKNOWN } from '../../src/model/network.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { Decoder } from '../../src/sampling/decoding.ts';
import type { SampleRequest } from '../../src/sampling/request.ts';
import { Sequence } from '../../src/sampling/sequence.ts';
import { sampleRequest } from './fixtures.ts';

const vocabulary = Vocabulary.of('가나 \n');
const decoder = new Decoder(vocabulary.size);
const idOf = (character: string) => (character === '^' ? START : vocabulary.encode(character)[0]!);

/** Feeds a sequence whose network wants these characters one after another (`^`: a new song). */
function sing(wanted: string, given: Partial<SampleRequest>, songs?: SongLengths) {
  const pieces: string[] = [];
  const request = sampleRequest({ primeText: '', length: 100, argmax: true, stopAtEnd: true, ...given });
  const sequence = new Sequence(request, { vocabulary, songs }, (piece) => pieces.push(piece));
  const fed: number[] = [];
  for (const character of wanted) {
    if (sequence.phase === 'finished') break;
    fed.push(sequence.token);
    const logits = new Float32Array(vocabulary.size).fill(-1);
    logits[idOf(character)] = 5;
    logits[idOf('가')]! += 2; // the second choice
    sequence.advance(decoder, {}, logits, 0);
  }
  const result = sequence.result(new Float32Array(1));
  assert.equal(pieces.join(''), result.text);
  assert.equal([...result.text].length, result.characters);
  return { ...result, fed, finished: sequence.phase === 'finished' };
}

describe('a sequence', () => {
  it('feeds the start of a song, then the prime text, then what it samples', () => {
    assert.deepEqual(sing('가나', {}).fed, [START, idOf('가')]);
    const { fed, text } = sing('...나나', { primeText: '나가나' });
    assert.deepEqual(fed, [START, idOf('나'), idOf('가'), idOf('나'), idOf('나')]);
    assert.equal(text, '나나');
  });

  it('feeds unseen syllables as composed, other unseen characters as unknown, and names them once', () => {
    const { fed, unseen } = sing('....나.', { primeText: '다가다é' });
    const composed = -'다'.codePointAt(0)!;
    assert.deepEqual(fed, [START, composed, idOf('가'), composed, UNKNOWN, idOf('나')]);
    assert.deepEqual(unseen, ['다', 'é']);
  });

  it('reads a prime text in NFC with any line ends', () => {
    const { fed, unseen } = sing('....', { primeText: '가\r\n\r'.normalize('NFD') });
    assert.deepEqual(fed, [START, idOf('가'), idOf('\n'), idOf('\n')]);
    assert.deepEqual(unseen, []);
  });

  it('ends after the characters that were asked for', () => {
    const { text, end } = sing('가나가나가나', { length: 4 });
    assert.equal(text, '가나가나');
    assert.equal(end, 'length');
    assert.equal(sing('가\n\n가', { length: 3 }).text, '가\n\n');
  });

  it('ends at two blank lines, without them', () => {
    const { text, end, finished } = sing('가\n나\n\n가\n\n\n나', {});
    assert.equal(text, '가\n나\n\n가');
    assert.equal(end, 'song');
    assert.ok(finished);
  });

  it('ends neither at blank lines nor at the start of another song before it is as long as songs are', () => {
    const { text, end } = sing('가\n\n\n나^\n\n\n나', {}, { shortest: 8 });
    assert.equal(text, '가\n\n\n나가');
    assert.equal(end, 'song');
    assert.equal(sing('가\n\n\n나^\n\n\n나', {}, { shortest: 9 }).text, '가\n\n\n나가\n\n\n나');
  });

  it('ends with its verse when it is long', () => {
    const wanted = '가\n\n나\n\n가나\n나\n\n나';
    // When a verse ends, the first of its two line ends has been fed: 2, 5 and 11 characters.
    for (const [long, text] of [
      [2, '가'],
      [3, '가\n\n나'],
      [5, '가\n\n나'],
      [6, '가\n\n나\n\n가나\n나'],
      [100, wanted],
      [undefined, wanted],
    ] as const) {
      const sung = sing(wanted, { length: 13 }, { shortest: 1, long });
      assert.deepEqual([sung.text, sung.end], [text, text === wanted ? 'length' : 'song'], `${long}`);
    }
    assert.equal(sing(wanted, { length: 13, stopAtEnd: false }, { shortest: 1, long: 3 }).text, wanted);
    assert.equal(
      sing(wanted, { length: 13 }, { shortest: 100, long: 3 }).text,
      wanted,
      'not before the shortest',
    );
  });

  it('does not count songs that are longer than its memory', () => {
    const verse = '가나가나\n\n';
    const sung = sing(verse.repeat(250), { length: 1500 }, { shortest: 1, long: 1025 });
    assert.deepEqual([sung.characters, sung.end], [1500, 'length']);
    assert.equal(sing(verse.repeat(250), { length: 1500 }, { shortest: 1, long: 1024 }).end, 'song');
  });

  it('ends at the start of another song', () => {
    const { text, end } = sing('가나\n^나', {});
    assert.equal(text, '가나');
    assert.equal(end, 'song');
  });

  it('is never empty: before the first word nothing ends it', () => {
    assert.equal(sing('^나^', {}).text, '가나');
    assert.equal(sing('\n\n\n\n 나^', {}).text, '\n\n\n\n 나');
  });

  it('goes on into the next song where asked, which begins as the first', () => {
    const { text, end, fed } = sing('나^^나\n\n\n\n나', { stopAtEnd: false, length: 8 });
    assert.equal(text, '나가나\n\n\n\n나');
    assert.equal(end, 'length');
    assert.deepEqual(fed.slice(0, 4), [START, idOf('나'), START, idOf('가')]);
  });

  it('remembers what was fed of the song, and forgets it where the next one begins', () => {
    const songAfter = (wanted: string) => sing(wanted, { stopAtEnd: false }).continuation.song;
    assert.deepEqual(songAfter('가나가'), [idOf('가'), idOf('나')]);
    assert.deepEqual(songAfter('가나^가나'), [idOf('가')]);
  });

  it('goes on from where another ended', () => {
    const first = sing('나\n\n', { length: 3 });
    const { continuation } = first;
    assert.deepEqual(continuation.tokens, [idOf('\n')]);
    const second = sing('\n', { from: continuation });
    assert.deepEqual(second.fed, [idOf('\n')]);
    assert.equal(second.end, 'song', 'the third line end in a row');
    assert.equal(second.text, '');
    assert.equal(sing('^나', { from: second.continuation }).text, '가나', 'another song, not empty');
    const interrupted = sing('.', { primeText: '가나' }).continuation;
    assert.deepEqual(sing('...', { from: interrupted }).fed, [idOf('가'), idOf('나'), idOf('가')]);
    const led = sing('..나', { from: continuation, primeText: '가나' });
    assert.deepEqual(led.fed, [idOf('\n'), idOf('가'), idOf('나')]);
  });
});
