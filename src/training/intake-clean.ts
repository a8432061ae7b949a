/** From what people give to songs: decoded, freed of what is no lyric, cut. */
import { UserError } from '../errors.ts';
import { normalizeText } from '../model/vocabulary.ts';
import { decodeText, type Encoding } from './encoding.ts';
import { eachGently } from './gently.ts';
import { isLrc, lrcLines, markdownLines, messageLines, unmarked, unstamped } from './intake-forms.ts';
import { cleanLine, isBoilerplate, isLabel, isSeparator, type Removed } from './intake-noise.ts';
import type { IntakeSource } from './intake-types.ts';
import { cutSongs, unifyLineEnds } from './songs.ts';

/** No lyric has such a line; minified data and base64 have. */
const LONGEST_LINE = 10_000;
/** A file of several that is no longer and has no two blank lines in a row is one song of some verses. */
const ONE_SONG = 4_000;
/** Messages of one line each are gathered to songs of so many. */
const LINES_OF_MESSAGES = 16;

export interface Cleaned {
  readonly encoding: Encoding | null;
  readonly songs: readonly string[];
}

/**
 * The songs of a source. `alone` says that there is no other. Throws a `UserError` that names the source where
 * it is empty, binary, in no known encoding or has no lines.
 */
export async function cleanSource(source: IntakeSource, alone: boolean, removed: Removed): Promise<Cleaned> {
  if ('messages' in source) return { encoding: null, songs: await songsOfMessages(source.messages, removed) };
  const { name, bytes } = source;
  if (bytes.length === 0) throw new UserError('dataEmpty', { file: name });
  const { text, encoding } = decodeText(bytes, name);
  const raw = normalizeText(unifyLineEnds(text.replace(/^\ufeff/, ''))).split('\n');
  const tooLong = raw.findIndex((line) => line.length > LONGEST_LINE);
  if (tooLong >= 0)
    throw new UserError('dataLineTooLong', { file: name, line: tooLong + 1, most: LONGEST_LINE });

  const markdown = /\.(?:md|markdown)$/i.test(name);
  const synchronised = /\.lrc$/i.test(name) || isLrc(raw);
  const lines = synchronised ? lrcLines(raw) : markdown ? markdownLines(raw, isLabel) : raw.map(unmarked);
  const cleaned = (await cleanLines(lines, removed)).join('\n');
  const songs = cutSongs(cleaned);
  const isOne = !alone && (synchronised || (!/\n\n\n/.test(cleaned.trim()) && cleaned.length <= ONE_SONG));
  return { encoding, songs: isOne && songs.length > 0 ? [cleaned.trim().replace(/\n{3,}/g, '\n\n')] : songs };
}

/** Cleaned lines; a line of which nothing is left is gone, but for separators, which set apart as blank ones do. */
async function cleanLines(lines: readonly string[], removed: Removed): Promise<string[]> {
  const cleaned: string[] = [];
  await eachGently(lines, (line) => {
    const text = cleanLine(unstamped(line), removed);
    if (text === '') {
      if (line.trim() === '') cleaned.push('');
    } else if (isSeparator(text)) {
      removed.boilerplateLines++;
      cleaned.push('');
    } else if (isBoilerplate(text)) removed.boilerplateLines++;
    else cleaned.push(text);
  });
  // Characters that were parted by invisible ones may now be composed.
  return cleaned.map(normalizeText);
}

/** A message of some lines is a song; those of one line are gathered, as people sing by turns. */
async function songsOfMessages(messages: readonly string[], removed: Removed): Promise<string[]> {
  const songs: string[] = [];
  let gathered: string[] = [];
  const flush = () => {
    if (gathered.length > 0) songs.push(gathered.join('\n'));
    gathered = [];
  };
  for (const message of messages) {
    const lines = messageLines(normalizeText(unifyLineEnds(message.slice(0, LONGEST_LINE))));
    const text = (await cleanLines(lines, removed))
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim();
    if (text === '') continue;
    if (text.includes('\n')) {
      flush();
      songs.push(text);
    } else if (gathered.push(text) === LINES_OF_MESSAGES) flush();
  }
  flush();
  return songs;
}
