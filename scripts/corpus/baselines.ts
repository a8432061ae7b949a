/** What a uniform guess, character n-grams and checkpoints lose on the held-out parts of a text. */
import type { Engine } from '../../src/engine/engine.ts';
import { SongMemory } from '../../src/model/recall.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { evaluateParts } from '../../src/training/evaluate.ts';
import { evaluateMixture } from '../../src/training/mixture.ts';
import { countedText } from '../../src/training/ngram-counts.ts';
import type { SplitSettings } from '../../src/training/prepare.ts';
import { likeliestRecall, Observer, recallNats } from '../../src/training/recall-weights.ts';
import type { Parts, Segment } from '../../src/training/split.ts';
import { KneserNey } from './kneser-ney.ts';
import { NgramTrie } from './ngrams.ts';

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
    ...recallingNgram(model, vocabulary, parts),
  ];
}

/** The highest n-gram with what each song recalls of itself, as networks have it; in a text without songs nothing. */
function recallingNgram(model: KneserNey, vocabulary: Vocabulary, parts: Parts): Baseline[] {
  const [val, test] = [parts.val, parts.test].map((segments) => [
    ...observations(model, vocabulary, segments),
  ]);
  if (val.length === 0 || !parts.val.every(({ song }) => song)) return [];
  const recall = likeliestRecall(val.map(({ observation }) => observation));
  const lossOn = (predicted: typeof val): Loss | null => {
    if (predicted.length === 0) return null;
    const nats = predicted.reduce((sum, { observation }) => sum + recallNats(recall, observation), 0);
    const bytes = predicted.reduce(
      (sum, { token }) => sum + Buffer.byteLength(vocabulary.character(token)),
      0,
    );
    return lossOf({ nats, chars: predicted.length, bytes });
  };
  return [{ name: `Kneser-Ney ${HIGHEST}-gram with recall`, val: lossOn(val), test: lossOn(test) }];
}

function* observations(model: KneserNey, vocabulary: Vocabulary, segments: readonly Segment[]) {
  const observer = new Observer(vocabulary.size);
  const memory = new SongMemory(vocabulary.lineEnd);
  for (const { token, probabilities, begins } of predictions(model, vocabulary, segments)) {
    if (begins) memory.clear();
    yield { token, observation: observer.observe(memory, token, probabilities[HIGHEST - 1]) };
    memory.push(token);
  }
}

function measure(model: KneserNey, vocabulary: Vocabulary, segments: readonly Segment[], outcomes: number) {
  const nats = new Float64Array(HIGHEST);
  let chars = 0;
  let bytes = 0;
  for (const { token, probabilities } of predictions(model, vocabulary, segments)) {
    for (let k = 0; k < HIGHEST; k++) nats[k] -= Math.log(probabilities[k]);
    chars++;
    bytes += Buffer.byteLength(vocabulary.character(token));
  }
  if (chars === 0) return { uniform: null, orders: Array.from(nats, () => null) };
  return {
    uniform: lossOf({ nats: chars * Math.log(outcomes), chars, bytes }),
    orders: Array.from(nats, (sum) => lossOf({ nats: sum, chars, bytes })),
  };
}

/** What is predicted of segments, by all orders; `probabilities` hold until the next. */
function* predictions(model: KneserNey, vocabulary: Vocabulary, segments: readonly Segment[]) {
  const probabilities = new Float64Array(HIGHEST);
  for (const segment of segments) {
    const { tokens, first } = countedText(vocabulary, segment);
    const end = tokens.length - (segment.song ? 1 : 0);
    let context = model.beginning;
    for (let i = 0; i < end; i++) {
      if (i >= first) {
        model.probabilities(context, tokens[i], probabilities);
        yield { token: tokens[i], probabilities, begins: i === first };
      }
      context = model.advance(context, tokens[i]);
    }
  }
}

/**
 * A checkpoint on the same parts, as `evaluate` measures it: the network alone and, where the checkpoint has them, with
 * its n-grams and with what each song recalls. Throws a `UserError` where it cannot be read.
 */
export async function checkpointBaselines(
  engine: Engine,
  file: string,
  parts: Parts,
  split: SplitSettings,
): Promise<Baseline[]> {
  const checkpoint = await loadCheckpoint(file);
  const lossesOn = async (segments: readonly Segment[]) => {
    if (segments.length === 0) return undefined;
    const alone = await evaluateParts(engine, checkpoint, segments, split);
    const mixed = await evaluateMixture(engine, checkpoint, segments);
    const lossAt = (nats: number | undefined) => (nats === undefined ? null : lossOf({ ...alone, nats }));
    return { alone: lossOf(alone), ngrams: lossAt(mixed?.ngramNats), recall: lossAt(mixed?.recallNats) };
  };
  const [val, test] = [await lossesOn(parts.val), await lossesOn(parts.test)];
  const row = (of: 'alone' | 'ngrams' | 'recall', name: string): Baseline => ({
    name,
    val: val?.[of] ?? null,
    test: test?.[of] ?? null,
  });
  return [
    row('alone', file),
    ...(checkpoint.ngram ? [row('ngrams', `${file} with n-grams`)] : []),
    ...(checkpoint.recall
      ? [row('recall', `${file} with ${checkpoint.ngram ? 'n-grams and ' : ''}recall`)]
      : []),
  ];
}
