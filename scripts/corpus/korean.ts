/** What the end of a Korean word or line tells without a dictionary: rules of thumb, right nearly always. */
import { wordsOf } from './songs.ts';

/**
 * - `honorific`: 해요체, 하십시오체 and 하오체.
 * - `plain`: a sentence that ends in 해체 or 해라체.
 * - `open`: a noun, a particle or a connective: the sentence goes on.
 */
export const REGISTERS = ['honorific', 'plain', 'open'] as const;
export type Register = (typeof REGISTERS)[number];

const FIRST_SYLLABLE = 0xac00;
const FINALS = 28;
/** Places in the row of final consonants. */
const FINAL = { rieul: 8, bieup: 17 } as const;

/** The final consonant of a syllable, from 1 on; 0 for none or for what is no syllable. */
function finalOf(syllable: string | undefined): number {
  const offset = (syllable?.codePointAt(0) ?? 0) - FIRST_SYLLABLE;
  return offset >= 0 && offset < 11_172 ? offset % FINALS : 0;
}

const HONORIFIC =
  /(요|죠|시오|소서|[었았겠있없셨했왔갔였웠샀렸렀랐졌켰됐않좋싶]소|[다주이하마보르그]오|구려)$/;
const PLAIN =
  /((?<!마|보)다|어|아|(?<!까)지|네|야|(?<!니)까|더라|몰라|[아어여거너]라|마라|나라|봐라|해라|구나|냐|래|자|걸|거든|군|해|돼|봐|줘)$/;

/** The register of a line by its last word. */
export function registerOf(line: string): Register {
  const last = wordsOf(line).at(-1) ?? '';
  const before = finalOf(last.at(-3));
  if (/니[다까]$/.test(last) && before === FINAL.bieup) return 'honorific';
  if (HONORIFIC.test(last)) return 'honorific';
  const promise = last.endsWith('게') && finalOf(last.at(-2)) === FINAL.rieul;
  return PLAIN.test(last) || promise ? 'plain' : 'open';
}

const SAID = /^(말|대답|속삭|중얼)[했하였거]|^되?(물었|물으|묻)|^외[쳤치]|.[라다냐]고[요는]?$/;

/**
 * Whether somebody is asked or quoted in a line: a question mark, or an end that quotes (`안 온다고`,
 * `누구세요 하고`) or says (`말했지`, `묻네`).
 */
export function hasSpeech(line: string): boolean {
  const [last = '', before = ''] = wordsOf(line).reverse();
  if (last === '하고') return registerOf(before) !== 'open';
  return line.includes('?') || SAID.test(last);
}

/** Particles after a final consonant, after a vowel (or ㄹ, for 로), and after either; longest first. */
const PARTICLES: readonly (readonly [particle: string, after: 'consonant' | 'vowel' | 'either'])[] = [
  ['에게서', 'either'],
  ['에서', 'either'],
  ['에게', 'either'],
  ['에는', 'either'],
  ['에도', 'either'],
  ['까지', 'either'],
  ['부터', 'either'],
  ['처럼', 'either'],
  ['보다', 'either'],
  ['마다', 'either'],
  ['으로', 'consonant'],
  ['은', 'consonant'],
  ['이', 'consonant'],
  ['을', 'consonant'],
  ['과', 'consonant'],
  ['는', 'vowel'],
  ['가', 'vowel'],
  ['를', 'vowel'],
  ['와', 'vowel'],
  ['로', 'vowel'],
  ['의', 'either'],
  ['에', 'either'],
  ['도', 'either'],
  ['만', 'either'],
];

/** A word without its particle: 손을, 손이, 손은 and 손 are one; what is no noun mostly stays as it is. */
export function withoutParticle(word: string): string {
  for (const [particle, after] of PARTICLES) {
    const stem = word.slice(0, -particle.length);
    if (!word.endsWith(particle) || stem === '') continue;
    const final = finalOf(stem.at(-1));
    const fits = after === 'either' || (after === 'consonant') === final > 0;
    if (fits || (particle === '로' && final === FINAL.rieul)) return stem;
  }
  return word;
}
