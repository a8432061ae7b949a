/** Random lyrics for tests of how texts are compared and split. */
import type { Random } from '../../src/random.ts';

const KOREAN = { first: 0xac00, letters: 11172, word: [1, 4] } as const;
const ENGLISH = { first: 0x61, letters: 26, word: [2, 9] } as const;
export const ALPHABETS = { KOREAN, ENGLISH };
export type Alphabet = (typeof ALPHABETS)[keyof typeof ALPHABETS];

const between = (random: Random, [least, most]: readonly [number, number]): number =>
  least + random.below(most - least + 1);

const letter = (random: Random, alphabet: Alphabet): string =>
  String.fromCharCode(alphabet.first + random.below(alphabet.letters));

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

const line = (random: Random, alphabet: Alphabet): string =>
  times(between(random, [2, 6]), () =>
    times(between(random, alphabet.word), () => letter(random, alphabet)).join(''),
  ).join(' ');

/** Some stanzas of four lines. */
export const randomSong = (random: Random, alphabet: Alphabet): string =>
  times(between(random, [3, 6]), () => times(4, () => line(random, alphabet)).join('\n')).join('\n\n');

/** A song nearly the same: as people copy, correct, cut and arrange them. */
export function perturbedCopy(random: Random, alphabet: Alphabet, song: string): string {
  const stanzas = song.split('\n\n');
  const changes = [
    () => song,
    () => song.replaceAll(' ', ''),
    () => `${song.toUpperCase().replaceAll('\n', ',\n')}!`,
    () => random.shuffle([...stanzas]).join('\n\n'),
    () => stanzas.slice(0, -1).join('\n\n'),
    () => `${line(random, alphabet)}\n${song}`,
    () => song.replace(/\S/g, (character) => (random.below(20) === 0 ? letter(random, alphabet) : character)),
  ];
  return changes[random.below(changes.length)]();
}
