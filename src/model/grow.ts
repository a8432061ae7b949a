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
/**
 * How much a known syllable counts by the number of jamo that it shares. Of the weights that were tried on known
 * syllables in hiding, these cost the least (docs/log.md).
 */
const SHARED_WEIGHT = [0, 1, 10, 0] as const;
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
 * What stands in for a character that a vocabulary does not know. A Hangul syllable: the known ones that share
 * its consonants and vowel, each with a weight by how many; anything else, or where none shares any: every known
 * character alike (the best guess where nothing is known; Hewitt 2021).
 */
export function kinFinder(vocabulary: Vocabulary): (character: string) => Kin {
  const syllables: { readonly id: number; readonly jamo: Jamo }[] = [];
  const all: { id: number; weight: number }[] = [];
  for (let id = FIRST_CHARACTER; id < vocabulary.size; id++) {
    all.push({ id, weight: 1 });
    const jamo = jamoOf(vocabulary.character(id));
    if (jamo) syllables.push({ id, jamo });
  }
  if (all.length === 0) all.push({ id: START, weight: 1 });
  const everyone = normalized(all);
  return (character) => {
    const jamo = jamoOf(character);
    if (!jamo) return everyone;
    const kin = syllables
      .map(({ id, jamo: other }) => ({ id, weight: SHARED_WEIGHT[sharedJamo(jamo, other)] ?? 0 }))
      .filter(({ weight }) => weight > 0);
    return kin.length > 0 ? normalized(kin) : everyone;
  };
}

function normalized(kin: readonly { readonly id: number; readonly weight: number }[]): Kin {
  const total = kin.reduce((sum, { weight }) => sum + weight, 0);
  return kin.map(({ id, weight }) => ({ id, weight: weight / total }));
}

function meanRow(values: Float32Array, width: number, kin: Kin): Float64Array {
  const row = new Float64Array(width);
  for (const { id, weight } of kin) {
    for (let i = 0; i < width; i++) row[i] += weight * values[id * width + i]!;
  }
  return row;
}
