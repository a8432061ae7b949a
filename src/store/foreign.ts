/**
 * Checkpoints that come from elsewhere: anybody may have made them, for any purpose. What passes here is a whole
 * checkpoint of finite weights whose vocabulary is text; of its metadata only what is known stays.
 */
import { UserError } from '../errors.ts';
import { type Checkpoint, decodeCheckpointGently } from '../model/checkpoint.ts';
import type { TrainingRecord } from '../model/checkpoint-metadata.ts';

/** Code points of a name that people read. */
const LONGEST_LABEL = 64;
/** What no lyric is made of: a terminal would obey it, or text around it would be read backwards. */
const NOT_TEXT = /(?![\n\t])\p{Cc}|\p{Bidi_Control}|\p{Noncharacter_Code_Point}/u;

/**
 * Checks all of a file's bytes; the event loop runs in between. Throws a `UserError` that names `file` and what is wrong with it, in a few words:
 * what the file calls its parts may be as long as the file.
 */
export async function decodeForeign(bytes: Uint8Array, file: string): Promise<Checkpoint> {
  const checkpoint = await decodeShortly(bytes, label(file));
  const odd = checkpoint.vocabulary.toJSON().find((character) => NOT_TEXT.test(character));
  if (odd !== undefined) {
    throw new UserError('modelVocabulary', {
      file,
      character: `U+${odd.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`,
    });
  }
  return checkpoint;
}

async function decodeShortly(bytes: Uint8Array, file: string): Promise<Checkpoint> {
  try {
    return await decodeCheckpointGently(bytes, file);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const facts = Object.entries(error.facts as Readonly<Record<string, unknown>>).map(([key, fact]) => [
      key,
      typeof fact === 'string' ? label(fact) : fact,
    ]);
    throw new UserError(error.code, Object.fromEntries(facts) as never);
  }
}

/** What a foreign record says, in words that can be shown; versions are counted anew where it is taken in. */
export function foreignRecord(training: TrainingRecord): TrainingRecord {
  const { version: _, replaces: __, ...rest } = training;
  const { data, parent } = training;
  return { ...rest, data: label(data), parent: parent === null ? null : label(parent) };
}

/** One line of bounded length without what would not be seen. */
export function label(text: string): string {
  const line = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]+/gu, ' ')
    .trim();
  const characters = [...line];
  return characters.length <= LONGEST_LABEL ? line : `${characters.slice(0, LONGEST_LABEL - 1).join('')}…`;
}
