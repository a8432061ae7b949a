/**
 * Reads a text to train on and says what is in it. Changes nothing but form: NFC, `\n` line ends, no control
 * characters. It knows files and characters, no network.
 */
import path from 'node:path';
import { UserError } from '../errors.ts';
import { normalizeText } from '../model/vocabulary.ts';
import { fileLength, readBytes } from '../store/files.ts';
import { decodeText, type Encoding } from './encoding.ts';
import { groupSimilarGently } from './similarity.ts';
import { cutSongs, unifyLineEnds } from './songs.ts';

/** Duplicates are estimated on a sample of about so many shingles: quick enough beside a chat. */
const ESTIMATE_SHINGLES = 1_000_000;

/** A file, or bytes that came over the network under a name. */
export type CorpusSource = { readonly file: string } | { readonly bytes: Uint8Array; readonly name: string };

export interface CorpusLimits {
  /** No limit where it is not given. */
  readonly maxBytes?: number;
  /** Fewest characters that can be trained on: two sequences. */
  readonly minCharacters?: number;
}

export interface CorpusReport {
  readonly encoding: Encoding;
  /** Unicode code points. */
  readonly characters: number;
  /** Lines that are not blank. */
  readonly lines: number;
  /** As `blocks` would cut them. */
  readonly songs: number;
  readonly distinctCharacters: number;
  /** Share in [0, 1] of the songs that are near-duplicates of an earlier one; an estimate in a large text. */
  readonly duplicateShare: number;
  /** Share in [0, 1] of the lines that stood there before; refrains are among them. */
  readonly duplicateLineShare: number;
}

export interface Corpus {
  /** `ballads` of `data/ballads/input.txt` and of `ballads.txt`. */
  readonly name: string;
  readonly text: string;
  readonly report: CorpusReport;
}

/** Where the text of a data folder stands: char-rnn's convention, `data/<name>/input.txt`. */
export const corpusFile = (dataDir: string): string => path.join(dataDir, 'input.txt');

/**
 * Reads a text. Throws a `UserError` that names the file when it is missing, empty, too small, too large,
 * binary or in no known encoding.
 */
export async function readCorpus(source: CorpusSource, limits: CorpusLimits = {}): Promise<Corpus> {
  const { maxBytes = Infinity, minCharacters = 1 } = limits;
  const file = 'file' in source ? source.file : source.name;
  const length = 'file' in source ? await fileLength(file) : source.bytes.length;
  if (length > maxBytes) throw new UserError('dataTooLarge', { file, bytes: length, limit: maxBytes });
  const bytes = 'file' in source ? await readBytes(file) : source.bytes;
  if (bytes.length === 0) throw new UserError('dataEmpty', { file });

  const { text: raw, encoding } = decodeText(bytes, file);
  const text = cleanText(raw);
  if (text.trim() === '') throw new UserError('dataEmpty', { file });
  const report = { encoding, ...(await describeText(text)) };
  if (report.characters < minCharacters) {
    throw new UserError('dataTooSmall', {
      file,
      characters: report.characters,
      needed: minCharacters,
    });
  }
  return { name: corpusName(file), text, report };
}

/** NFC, `\n` line ends; without control characters (tabs stay), marks of byte order and of undecodable bytes. */
export const cleanText = (text: string): string =>
  normalizeText(unifyLineEnds(text).replace(/(?![\t\n])[\p{Cc}\p{Cs}\ufeff\ufffd]/gu, ''));

async function describeText(text: string): Promise<Omit<CorpusReport, 'encoding'>> {
  const distinct = new Set<string>();
  let characters = 0;
  for (const character of text) {
    distinct.add(character);
    characters++;
  }
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const songs = cutSongs(text);
  return {
    characters,
    lines: lines.length,
    songs: songs.length,
    distinctCharacters: distinct.size,
    duplicateShare: repeatedShare(await groupSimilarGently(songs, ESTIMATE_SHINGLES)),
    duplicateLineShare: repeatedShare(lines),
  };
}

const repeatedShare = (items: readonly unknown[]): number =>
  items.length === 0 ? 0 : (items.length - new Set(items).size) / items.length;

function corpusName(file: string): string {
  const { name, base, dir } = path.parse(file);
  return (base === 'input.txt' && path.basename(path.resolve(dir))) || name;
}
