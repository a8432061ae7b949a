/** What is measured: networks, texts and the recipe that all contenders follow. */
import type { Cell, NetworkSpec } from '../../src/model/network.ts';
import { START } from '../../src/model/network.ts';
import { Random } from '../../src/random.ts';
import type { SamplingWork, TrainingWork } from './protocol.ts';

/** Adam, clipping by norm and the temperature of lyrics; pytorch.py has the same numbers. */
export const RECIPE = {
  seed: 1,
  learningRate: 2e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clip: 5,
  temperature: 0.9,
} as const;

export interface Shape {
  readonly cell: Cell;
  readonly numLayers: number;
  readonly rnnSize: number;
  readonly embeddingSize: number;
  readonly vocabularySize: number;
  readonly dropout: number;
  readonly batchSize: number;
  readonly seqLength: number;
}

/** The network of the original article's rapper, on a Korean vocabulary. */
export const USUAL: Shape = {
  cell: 'lstm',
  numLayers: 3,
  rnnSize: 300,
  embeddingSize: 128,
  vocabularySize: 1209,
  dropout: 0,
  batchSize: 50,
  seqLength: 50,
};

/** One thing changed at a time. */
export function variantsOf(shape: Shape): Shape[] {
  return [
    shape,
    { ...shape, batchSize: 16 },
    { ...shape, batchSize: 128 },
    { ...shape, numLayers: 1, rnnSize: 128 },
    { ...shape, numLayers: 2, rnnSize: 512 },
    { ...shape, cell: 'gru' },
    { ...shape, cell: 'rnn' },
    { ...shape, vocabularySize: 100 },
    { ...shape, vocabularySize: 4000 },
    { ...shape, dropout: 0.4 },
  ];
}

export const networkOf = (shape: Shape): NetworkSpec => ({
  cell: shape.cell,
  numLayers: shape.numLayers,
  rnnSize: shape.rnnSize,
  embeddingSize: shape.embeddingSize,
  vocabularySize: shape.vocabularySize,
  dropout: shape.dropout,
  tied: false,
});

const BATCHES = 4;

export function trainingWork(shape: Shape): TrainingWork {
  const { batchSize, seqLength } = shape;
  const random = new Random(RECIPE.seed);
  const draw = zipf(shape.vocabularySize, random);
  const rows = Array.from({ length: batchSize }, () => Array.from({ length: BATCHES * seqLength + 1 }, draw));
  /** Characters [from, from + T) of every row, time-major. */
  const cut = (from: number) =>
    Array.from({ length: seqLength * batchSize }, (_, i) => {
      const [t, b] = [Math.floor(i / batchSize), i % batchSize];
      return rows[b]![from + t]!;
    });
  const batches = Array.from({ length: BATCHES }, (_, i) => ({
    inputs: cut(i * seqLength),
    targets: cut(i * seqLength + 1),
  }));
  return { kind: 'training', spec: networkOf(shape), batchSize, seqLength, batches };
}

/** Characters as frequent as those of a language are: the r-th has a share of 1 / (r + 2). */
function zipf(vocabularySize: number, random: Random): () => number {
  const first = START + 1;
  const sums: number[] = [];
  let total = 0;
  for (let rank = 0; rank < vocabularySize - first; rank++) {
    total += 1 / (rank + 2);
    sums.push(total);
  }
  return () => {
    const wanted = random.uniform() * total;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return first + low;
  };
}

export const LYRIC_LENGTH = 200;
export const SLOTS = 16;

export function samplingWork(
  shape: Shape,
  {
    lyrics,
    length = LYRIC_LENGTH,
    checkpoints = 1,
  }: { lyrics: number; length?: number; checkpoints?: number },
): SamplingWork {
  const slots = Math.min(lyrics, SLOTS);
  return { kind: 'sampling', spec: networkOf(shape), lyrics, length, slots, checkpoints };
}

const HANGUL = 0xac00;
/** Hangul syllables in Unicode, and the two reserved ids. */
export const MOST_VOCABULARY = 11_172 + START + 1;

/** A text of as many distinct characters as make a vocabulary of that size. */
export function vocabularyText(vocabularySize: number): string {
  const syllables = Array.from({ length: vocabularySize - START - 1 }, (_, i) => HANGUL + i);
  return syllables.map((code) => String.fromCodePoint(code)).join('');
}

/** `LSTM 3 x 300, vocabulary 1209, batch 50 x 50`. */
export function describeShape(shape: Shape): string {
  const { cell, numLayers, rnnSize, vocabularySize, batchSize, seqLength, dropout } = shape;
  const network = `${cell.toUpperCase()} ${numLayers} x ${rnnSize}, vocabulary ${vocabularySize}`;
  return `${network}, batch ${batchSize} x ${seqLength}${dropout > 0 ? `, dropout ${dropout}` : ''}`;
}
