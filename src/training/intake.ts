/**
 * Intake: whatever an admin gives to learn from, as one clean text, and what there is to know of it before
 * anything starts. Runs in the process that answers the chat, so long texts are worked on in small stretches.
 */
import { UserError } from '../errors.ts';
import { estimateSeconds } from './estimate.ts';
import { eachGently } from './gently.ts';
import { cleanSource } from './intake-clean.ts';
import type { Removed } from './intake-noise.ts';
import type {
  HeldOut,
  Intake,
  IntakeOptions,
  IntakeSource,
  IntakeSummary,
  LanguageShare,
} from './intake-types.ts';
import { partsOf } from './prepare.ts';
import { networkOf, type TrainSettings } from './settings.ts';
import { groupSimilarGently } from './similarity.ts';
import { cutSongs } from './songs.ts';

export type { Intake, IntakeOptions, IntakeSource, IntakeSummary } from './intake-types.ts';

/** Duplicates are estimated on a sample of about so many shingles. */
const ESTIMATE_SHINGLES = 1_000_000;
/** Texts up to here are split as the training will, to say what is held out; of longer ones it is a share. */
const SPLIT_CHARACTERS = 200_000;
const SONG_BREAK = '\n\n\n';

/**
 * Reads the sources into one text. Throws a `UserError` that names a source which is empty, binary, in no known
 * encoding or without lines, and where all of them are too large, too small or without a letter.
 */
export async function intake(sources: readonly IntakeSource[], options: IntakeOptions): Promise<Intake> {
  const [first] = sources;
  if (!first) throw new RangeError('no sources');
  assertSize(sources, options.maxBytes);

  const removed: Removed = { urls: 0, mentions: 0, boilerplateLines: 0, characters: 0 };
  const songs: string[] = [];
  const taken: IntakeSummary['sources'][number][] = [];
  for (const source of sources) {
    const cleaned = await cleanSource(source, sources.length === 1, removed);
    for (const song of cleaned.songs) songs.push(song);
    const characters = cleaned.songs.reduce((sum, song) => sum + [...song].length, 0);
    taken.push({ name: source.name, encoding: cleaned.encoding, characters });
  }
  const text = songs.join(SONG_BREAK);
  if (text === '') throw new UserError('dataEmpty', { file: first.name });
  // As it will be kept, in UTF-8: of CP949 it is half as long again.
  const bytes = Buffer.byteLength(text);
  if (bytes > options.maxBytes) {
    throw new UserError('dataTooLarge', { file: first.name, bytes, limit: options.maxBytes });
  }

  const found = await survey(text);
  if (found.letters === 0) throw new UserError('dataNoLetters', { file: first.name });
  const needed = 2 * options.settings.seqLength;
  if (found.characters < needed) {
    throw new UserError('dataTooSmall', { file: first.name, characters: found.characters, needed });
  }
  const newCharacters = options.base && newIn(found.frequencies, options.base);
  const heldOut = heldOutOf(text, found, options.settings);
  return {
    text,
    summary: {
      sources: taken,
      characters: found.characters,
      songs: found.songs,
      lines: found.lines,
      newCharacters,
      duplicates: { songs: found.duplicateSongs, lines: found.duplicateLines },
      language: found.language,
      removed,
      heldOut,
      estimate: estimate(found, newCharacters, heldOut, options),
    },
  };
}

function assertSize(sources: readonly IntakeSource[], limit: number): void {
  let bytes = 0;
  for (const source of sources) {
    bytes +=
      'bytes' in source
        ? source.bytes.length
        : source.messages.reduce((sum, message) => sum + Buffer.byteLength(message), 0);
    if (bytes > limit) throw new UserError('dataTooLarge', { file: source.name, bytes, limit });
  }
}

interface Survey {
  readonly characters: number;
  readonly letters: number;
  readonly songs: number;
  readonly lines: number;
  readonly duplicateSongs: number;
  readonly duplicateLines: number;
  readonly language: LanguageShare;
  /** How often each character stands in the text. */
  readonly frequencies: ReadonlyMap<string, number>;
}

async function survey(text: string): Promise<Survey> {
  const songs = cutSongs(text);
  const frequencies = new Map<string, number>();
  const distinct = new Set<string>();
  const rows = text.split('\n');
  let lines = 0;
  await eachGently(rows, (line) => {
    for (const character of line) frequencies.set(character, (frequencies.get(character) ?? 0) + 1);
    if (line.trim() === '') return;
    lines++;
    distinct.add(line.trim());
  });
  if (rows.length > 1) frequencies.set('\n', rows.length - 1);
  const groups = await groupSimilarGently(songs, ESTIMATE_SHINGLES);
  return {
    ...languageOf(frequencies),
    characters: [...frequencies.values()].reduce((sum, count) => sum + count, 0),
    songs: songs.length,
    lines,
    duplicateSongs: songs.length - new Set(groups).size,
    duplicateLines: lines - distinct.size,
    frequencies,
  };
}

function languageOf(frequencies: ReadonlyMap<string, number>): Pick<Survey, 'letters' | 'language'> {
  const counts = { hangul: 0, latin: 0, other: 0 };
  for (const [character, count] of frequencies) {
    if (/\p{Script=Hangul}/u.test(character)) counts.hangul += count;
    else if (/\p{Script=Latin}/u.test(character)) counts.latin += count;
    else if (/\p{L}/u.test(character)) counts.other += count;
  }
  const letters = counts.hangul + counts.latin + counts.other;
  const share = (count: number) => (letters === 0 ? 0 : count / letters);
  return {
    letters,
    language: { hangul: share(counts.hangul), latin: share(counts.latin), other: share(counts.other) },
  };
}

function newIn(
  frequencies: ReadonlyMap<string, number>,
  { vocabulary }: NonNullable<IntakeOptions['base']>,
): string[] {
  return [...frequencies]
    .filter(([character]) => !vocabulary.has(character))
    .sort(([a, times], [b, others]) => others - times || a.codePointAt(0)! - b.codePointAt(0)!)
    .map(([character]) => character);
}

function heldOutOf(text: string, { characters, songs }: Survey, settings: TrainSettings): HeldOut {
  if (characters > SPLIT_CHARACTERS) {
    const kind = songs > 1 ? 'songs' : 'lines';
    const pieces = Math.max(1, Math.round(settings.valFrac * songs));
    return { kind, pieces, characters: Math.round(settings.valFrac * characters) };
  }
  const { val } = partsOf(text, settings);
  if (val.length === 0) return { kind: 'none', pieces: 0, characters: 0 };
  return {
    kind: val[0]!.song ? 'songs' : 'lines',
    pieces: val.length,
    characters: val.reduce((sum, segment) => sum + [...segment.text].length, 0),
  };
}

function estimate(
  { characters, frequencies }: Survey,
  newCharacters: readonly string[] | null,
  heldOut: HeldOut,
  { settings, base, replays, speedOf }: IntakeOptions,
): IntakeSummary['estimate'] {
  if (!speedOf) return null;
  const spec = base
    ? { ...base.spec, vocabularySize: base.vocabulary.size + (newCharacters?.length ?? 0) }
    : networkOf(settings, frequencies.size + 2);
  const { charsPerSecond, basis } = speedOf(spec);
  const trained = Math.round(settings.trainFrac * characters);
  const seconds = estimateSeconds({
    trained,
    heldOut: heldOut.characters,
    replays,
    settings,
    charsPerSecond,
  });
  return { seconds, charsPerSecond, basis };
}
