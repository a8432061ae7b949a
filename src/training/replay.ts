/**
 * The text that a network learnt from before: what of it is replayed while it learns another, so that it does
 * not forget (experience replay; McCloskey & Cohen 1989 for what happens without), and what of it says
 * whether it did.
 */
import { UserError } from '../errors.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { readCorpus } from './corpus.ts';
import { partsOf } from './prepare.ts';
import { DEFAULTS } from './settings.ts';
import type { Segment } from './split.ts';

/**
 * Characters of the base that its loss is measured on, about: both networks are measured on the same ones, so
 * far fewer are needed to compare them than to know either's loss, and a small new text is not kept waiting.
 */
export const HELD_OUT_CHARACTERS = 10_000;

export interface Base {
  /** As the file was read, for a resumed run to compare. */
  readonly text: string;
  readonly train: readonly Segment[];
  readonly heldOut: readonly Segment[];
}

/**
 * Reads and splits a base text. The split is that of `DEFAULTS`, by which a network that was trained with them
 * has not seen what is held out. Songs with characters that the network does not know are left out: it did
 * not learn from them. Throws a `UserError` where none is left.
 */
export async function readBase(file: string, vocabulary: Vocabulary, seqLength: number): Promise<Base> {
  const { text } = await readCorpus({ file }, { minCharacters: 2 * seqLength });
  const { split, batchSize, trainFrac, valFrac } = DEFAULTS;
  const parts = partsOf(text, { split, batchSize, seqLength, trainFrac, valFrac });
  const known = ({ text }: Segment) => vocabulary.unseen(text).length === 0;
  const train = parts.train.filter(known);
  const heldOut = spread(parts.val.filter(known), HELD_OUT_CHARACTERS);
  if (train.length === 0 || heldOut.length === 0) throw new UserError('replayForeign', { file });
  return { text, train, heldOut };
}

/** Evenly spaced segments of about so many characters in all. */
function spread(segments: readonly Segment[], characters: number): Segment[] {
  const total = segments.reduce((sum, { text }) => sum + text.length, 0);
  const every = Math.max(1, Math.ceil(total / characters));
  return segments.filter((_, i) => i % every === 0);
}
