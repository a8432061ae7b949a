/** The work of `npm run evaluate`: a checkpoint's figures on a part of a text. */
import { type Config, engineOrder } from '../config.ts';
import { chooseEngine } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { loadCheckpoint } from '../store/checkpoints.ts';
import { readCorpus } from '../training/corpus.ts';
import { evaluateParts } from '../training/evaluate.ts';
import { evaluateMixture } from '../training/mixture.ts';
import { partsOf } from '../training/prepare.ts';
import type { Segment } from '../training/split.ts';
import { dataOf } from './data.ts';
import type { EvaluateOptions } from './evaluate-options.ts';

type Measure = 'nats_per_char' | 'bits_per_char' | 'bits_per_byte';

/** Of the network alone, with the checkpoint's n-grams, and with what each song recalls of itself beside both. */
export type Figures = { readonly chars: number } & Readonly<Record<Measure, number>> &
  Readonly<Partial<Record<`${'ngram' | 'recall'}_${Measure}`, number>>>;

/** `unseen`: distinct characters of the part that the network does not know; each costs it dearly. */
export async function evaluate(
  options: EvaluateOptions,
  config: Config,
): Promise<{ figures: Figures; unseen: number }> {
  const { part, split } = options;
  const checkpoint = await loadCheckpoint(options.model);
  const { data } = await dataOf(options.dataDir);
  const minCharacters = part === 'all' ? 2 : 2 * split.seqLength;
  const { text } = await readCorpus(
    { file: data },
    { maxBytes: config.limits.maxTrainingBytes, minCharacters },
  );
  const segments = segmentsOf(text, options);
  if (segments.length === 0) throw new UserError('partEmpty', { part });
  const order = engineOrder(config);
  const { engine } = await chooseEngine({ ...order, threads: options.threads ?? order.threads });
  const { nats, chars, bytes } = await evaluateParts(engine, checkpoint, segments, split);
  const mixed = await evaluateMixture(engine, checkpoint, segments);
  const measures = (sum: number): Record<Measure, number> => ({
    nats_per_char: sum / chars,
    bits_per_char: sum / Math.LN2 / chars,
    bits_per_byte: sum / Math.LN2 / bytes,
  });
  const mixtures = Object.entries({ ngram: mixed?.ngramNats, recall: mixed?.recallNats }).flatMap(
    ([mixture, sum]) =>
      sum === undefined
        ? []
        : Object.entries(measures(sum)).map(([measure, value]) => [`${mixture}_${measure}`, value]),
  );
  return {
    figures: { ...measures(nats), chars, ...Object.fromEntries(mixtures) },
    unseen: checkpoint.vocabulary.unseen(segments.map((segment) => segment.text).join('')).length,
  };
}

/** `all` is every song of its own in blocks, else the whole text in one piece. */
function segmentsOf(text: string, { part, split }: EvaluateOptions): Segment[] {
  if (part === 'all' && split.split !== 'blocks') return [{ text, song: false }];
  const parts = partsOf(text, split);
  return part === 'all' ? [...parts.train, ...parts.val, ...parts.test] : parts[part];
}
