/**
 * Grows a trained network by the characters of a text that it does not know, so that training can go on from
 * it. Known rows stay as they are, to the bit.
 */
import { elements, type NetworkSpec, START, tensorShapes, type Weights } from './network.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface Grown {
  readonly spec: NetworkSpec;
  readonly vocabulary: Vocabulary;
  readonly weights: Weights;
  /** How many characters were added. */
  readonly added: number;
}

/**
 * Adds rows to `embedding.weight [V,E]`, `output.weight [V,H]` and `output.bias [V]`. A new row is the mean of
 * the known characters' rows (the best guess for a character of which nothing is known; Hewitt 2021), its
 * output bias the least of theirs, so that at first the network writes it as seldom as its rarest character.
 */
export function growVocabulary(
  network: { readonly spec: NetworkSpec; readonly vocabulary: Vocabulary; readonly weights: Weights },
  text: string,
): Grown {
  const vocabulary = network.vocabulary.extended(text);
  const spec = { ...network.spec, vocabularySize: vocabulary.size };
  const known = network.spec.vocabularySize;
  const weights = new Map<string, Float32Array>(network.weights);
  for (const [name, shape] of tensorShapes(spec)) {
    if (name.startsWith('rnn.')) continue;
    const old = network.weights.get(name)!;
    const values = new Float32Array(elements(shape));
    values.set(old);
    const row = name === 'output.bias' ? leastOf(old) : meanRow(old, elements(shape) / vocabulary.size);
    for (let id = known; id < vocabulary.size; id++) values.set(row, id * row.length);
    weights.set(name, values);
  }
  if (spec.tied) weights.set('output.weight', weights.get('embedding.weight')!);
  return { spec, vocabulary, weights, added: vocabulary.size - known };
}

/** First id of a character: the rows before it are of reserved ids, which are like no character. */
const FIRST_CHARACTER = START + 1;

function meanRow(values: Float32Array, width: number): Float32Array {
  const rows = values.length / width;
  const sums = new Float64Array(width);
  for (let id = FIRST_CHARACTER; id < rows; id++) {
    for (let i = 0; i < width; i++) sums[i] += values[id * width + i]!;
  }
  return Float32Array.from(sums, (sum) => sum / Math.max(1, rows - FIRST_CHARACTER));
}

function leastOf(values: Float32Array): Float32Array {
  let least = Number.POSITIVE_INFINITY;
  for (const value of values.subarray(FIRST_CHARACTER)) least = Math.min(least, value);
  return Float32Array.of(Number.isFinite(least) ? least : 0);
}
