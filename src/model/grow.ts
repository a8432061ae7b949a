/**
 * Grows a trained network by the characters of a text that it does not know, so that training can go on from
 * it. Known rows stay as they are, to the bit.
 *
 * A new character's rows are a weighted mean of known ones (`kinOf`), its output bias the same mean of theirs
 * less ln(2000 n) for n new characters. By Jensen's inequality a new character's probability is then at most
 * 1 / (2000 n) of the largest of its kin's, whatever was read before: all new ones together take at most 1/2000,
 * so no text without them becomes less likely by more than 0.0005 nats a character.
 */
import { type Jamo, jamoOf, sharedJamo } from './hangul.ts';
import { elements, type NetworkSpec, START, tensorShapes, type Weights } from './network.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface Grown {
  readonly spec: NetworkSpec;
  readonly vocabulary: Vocabulary;
  readonly weights: Weights;
  /** How many characters were added. */
  readonly added: number;
}

/** One over the joint probability that new characters have at most. */
const RARITY = 2000;
/** First id of a character: the rows before it are of reserved ids, which are like no character. */
const FIRST_CHARACTER = START + 1;

/** Known characters by id, with weights that sum to 1. */
export type Kin = readonly { readonly id: number; readonly weight: number }[];

/** Adds rows to `embedding.weight [V,E]`, `output.weight [V,H]` and `output.bias [V]`. */
export function growVocabulary(
  network: { readonly spec: NetworkSpec; readonly vocabulary: Vocabulary; readonly weights: Weights },
  text: string,
): Grown {
  const vocabulary = network.vocabulary.extended(text);
  const known = network.spec.vocabularySize;
  const added = vocabulary.size - known;
  const spec = { ...network.spec, vocabularySize: vocabulary.size };
  const findKin = kinFinder(network.vocabulary);
  const kin = Array.from({ length: added }, (_, i) => findKin(vocabulary.character(known + i)));
  const weights = new Map<string, Float32Array>(network.weights);
  for (const [name, shape] of tensorShapes(spec)) {
    if (name.startsWith('rnn.') || (spec.tied && name === 'output.weight')) continue;
    const old = network.weights.get(name)!;
    const values = new Float32Array(elements(shape));
    values.set(old);
    const width = elements(shape) / vocabulary.size;
    const less = name === 'output.bias' ? Math.log(RARITY * added) : 0;
    for (const [i, each] of kin.entries()) {
      const row = meanRow(old, width, each);
      values.set(
        row.map((value) => value - less),
        (known + i) * width,
      );
    }
    weights.set(name, values);
  }
  if (spec.tied) weights.set('output.weight', weights.get('embedding.weight')!);
  return { spec, vocabulary, weights, added };
}

/**
 * What stands in for a character that a vocabulary does not know. A Hangul syllable: the known ones that share two
 * of its onset, vowel and coda (none is one too), all alike; where there are none, those that share one. Of the
 * convex means that were tried on known syllables in hiding none cost less (docs/log.md). Anything else, or where
 * nobody shares anything: every known character alike, the best guess where nothing is known (Hewitt 2021).
 */
export function kinFinder(vocabulary: Vocabulary): (character: string) => Kin {
  const syllables: { readonly id: number; readonly jamo: Jamo }[] = [];
  const all: number[] = [];
  for (let id = FIRST_CHARACTER; id < vocabulary.size; id++) {
    all.push(id);
    const jamo = jamoOf(vocabulary.character(id));
    if (jamo) syllables.push({ id, jamo });
  }
  if (all.length === 0) all.push(START);
  return (character) => {
    const jamo = jamoOf(character);
    if (!jamo) return alike(all);
    const sharing = (parts: number) =>
      syllables.filter(({ jamo: other }) => sharedJamo(jamo, other) === parts).map(({ id }) => id);
    return alike([sharing(2), sharing(1), all].find((ids) => ids.length > 0)!);
  };
}

const alike = (ids: readonly number[]): Kin => ids.map((id) => ({ id, weight: 1 / ids.length }));

/** The weighted mean of the rows of a matrix [V, width] in the order of the kin: the same bits on every machine. */
export function meanRow(values: Float32Array, width: number, kin: Kin): Float64Array {
  const row = new Float64Array(width);
  for (const { id, weight } of kin) {
    for (let i = 0; i < width; i++) row[i] += weight * values[id * width + i]!;
  }
  return row;
}
