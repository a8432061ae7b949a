/** What a uniform guess, character n-grams and checkpoints lose on the held-out parts of a text. */
import type { Engine } from '../../src/engine/engine.ts';
import { START } from '../../src/model/network.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { evaluateParts } from '../../src/training/evaluate.ts';
import type { SplitSettings } from '../../src/training/prepare.ts';
import type { Parts, Segment } from '../../src/training/split.ts';
import { KneserNey } from './kneser-ney.ts';
import { type CountedText, NgramTrie } from './ngrams.ts';

/** Orders of the n-grams: 1 is the unigram, the others are listed from 3 on. */
const HIGHEST = 8;
const LISTED = [1, 3, 4, 5, 6, 7, 8];

export interface Loss {
  readonly nats_per_char: number;
  readonly bits_per_char: number;
  readonly bits_per_byte: number;
  /** Predicted characters. */
  readonly chars: number;
}

export interface Baseline {
  readonly name: string;
  /** Null where the split has no such part. */
  readonly val: Loss | null;
  readonly test: Loss | null;
}

/** Sums over predicted characters. */
interface Sums {
  readonly nats: number;
  readonly chars: number;
  /** In UTF-8. */
  readonly bytes: number;
}

const lossOf = ({ nats, chars, bytes }: Sums): Loss => ({
  nats_per_char: nats / chars,
  bits_per_char: nats / chars / Math.LN2,
  bits_per_byte: nats / bytes / Math.LN2,
  chars,
});

/**
 * The uniform guess, the unigram and interpolated modified Kneser-Ney n-grams, counted on the training part.
 * The characters are those of the whole text, as for a network that is trained on it; the end of a song is
 * learnt with them, and as in `evaluate` not measured.
 */
export function statisticalBaselines(parts: Parts): Baseline[] {
  const text = Object.values(parts).flatMap((segments: Segment[]) => segments.map(({ text }) => text));
  const vocabulary = Vocabulary.of(text.join(''));
  // All ids but UNKNOWN: the characters, and START as the end of a song.
  const outcomes = vocabulary.size - 1;
  const counted = parts.train.map((segment) => countedText(vocabulary, segment));
  const model = new KneserNey(new NgramTrie(counted, vocabulary.size, HIGHEST), outcomes);
  const [val, test] = [parts.val, parts.test].map((segments) =>
    measure(model, vocabulary, segments, outcomes),
  );
  return [
    { name: `uniform over ${outcomes}`, val: val.uniform, test: test.uniform },
    ...LISTED.map((n) => ({
      name: n === 1 ? 'unigram' : `Kneser-Ney ${n}-gram`,
      val: val.orders[n - 1],
      test: test.orders[n - 1],
    })),
  ];
}

function countedText(vocabulary: Vocabulary, { text, song }: Segment): CountedText {
  const characters = vocabulary.encode(text);
  const tokens = new Int32Array(characters.length + (song ? 2 : 1)).fill(START);
  tokens.set(characters, 1);
  return { tokens, first: song ? 1 : 2 };
}

function measure(model: KneserNey, vocabulary: Vocabulary, segments: readonly Segment[], outcomes: number) {
  const nats = new Float64Array(HIGHEST);
  const probabilities = new Float64Array(HIGHEST);
  let chars = 0;
  let bytes = 0;
  for (const segment of segments) {
    const { tokens, first } = countedText(vocabulary, segment);
    const end = tokens.length - (segment.song ? 1 : 0);
    let context = model.beginning;
    for (let i = 0; i < end; i++) {
      if (i >= first) {
        model.probabilities(context, tokens[i], probabilities);
        for (let k = 0; k < HIGHEST; k++) nats[k] -= Math.log(probabilities[k]);
        chars++;
        bytes += Buffer.byteLength(vocabulary.character(tokens[i]));
      }
      context = model.advance(context, tokens[i]);
    }
  }
  if (chars === 0) return { uniform: null, orders: Array.from(nats, () => null) };
  return {
    uniform: lossOf({ nats: chars * Math.log(outcomes), chars, bytes }),
    orders: Array.from(nats, (sum) => lossOf({ nats: sum, chars, bytes })),
  };
}

/** A checkpoint on the same parts, as `evaluate` measures it. Throws a `UserError` where it cannot be read. */
export async function checkpointBaseline(
  engine: Engine,
  file: string,
  parts: Parts,
  split: SplitSettings,
): Promise<Baseline> {
  const checkpoint = await loadCheckpoint(file);
  const lossOn = async (segments: readonly Segment[]) => {
    if (segments.length === 0) return null;
    const sums = await evaluateParts(engine, checkpoint, segments, split);
    return lossOf(sums);
  };
  return { name: file, val: await lossOn(parts.val), test: await lossOn(parts.test) };
}
