/** The corpus's figures for people. */
import { grouped, listOf, percent, table } from './print.ts';
import type { CorpusFigures } from './report.ts';

/** Entries of a list that are printed; `--json` has more. */
const PRINTED = 24;
/** Widest bar of a histogram. */
const BAR = 40;

export function printReport(figures: CorpusFigures): string {
  const { frequent } = figures;
  return [
    section('Size', entries(figures.size)),
    section('Repetition', repetition(figures)),
    section(
      'Longest runs that two songs share',
      table([
        ['characters', 'songs', 'text'],
        ...figures.overlaps.map(({ characters, songs, text }) => [
          String(characters),
          songs.join(', '),
          JSON.stringify(text),
        ]),
      ]),
    ),
    section('Form', form(figures)),
    section('Registers', registers(figures)),
    section('Themes (songs; a song has several)', listOf(figures.themes, figures.themes.length)),
    ...(
      [
        ['Words without particles', frequent.words, 3 * PRINTED],
        ['Line starts', frequent.line_starts, PRINTED],
        ['Line starts of two words', frequent.line_starts_2, PRINTED],
        ['Line ends', frequent.line_ends, PRINTED],
        ['Pairs of words', frequent.word_pairs, PRINTED],
        ['Triples of words', frequent.word_triples, PRINTED],
        ['First words of songs', frequent.first_words_of_songs, PRINTED],
        ['Last words of songs', frequent.last_words_of_songs, PRINTED],
      ] as const
    ).map(([title, list, limit]) => section(`${title} (share of songs)`, listOf(list, limit))),
    section('Characters', characters(figures)),
  ].join('\n\n');
}

const section = (title: string, body: string): string => `${title}\n${body}`;

const entries = (values: Readonly<Record<string, number>>): string =>
  table(Object.entries(values).map(([name, value]) => [name, grouped(value)]));

function repetition({ lines }: CorpusFigures): string {
  return [
    `  distinct lines ${grouped(lines.distinct)}`,
    `  outside repeated choruses ${grouped(lines.outside_repeated_choruses)}, unique ${percent(lines.unique_share)}`,
    `  lines in several songs ${lines.in_several_songs.map(({ text, songs }) => `${text} (${songs})`).join(', ') || 'none'}`,
    `  near-duplicate songs ${lines.near_duplicate_songs}`,
  ].join('\n');
}

function form({ form }: CorpusFigures): string {
  return [
    ...(['characters_a_song', 'lines_a_song', 'syllables_a_line_spread'] as const).map((name) => {
      const spread = Object.entries(form[name]).map(([key, value]) => `${key} ${grouped(value)}`);
      return `  ${name}: ${spread.join(', ')}`;
    }),
    `  verses_a_song: ${counts(form.verses_a_song)}`,
    `  lines_a_verse: ${counts(form.lines_a_verse)}`,
    `  songs with a repeated line ${percent(form.songs_with_a_repeated_line)}, with a repeated chorus ${percent(form.songs_with_a_repeated_chorus)}, with two verses that begin with the same words ${percent(form.songs_with_verses_that_begin_alike)}`,
    '  lines of each verse (share of songs):',
    listOf(form.shapes, PRINTED),
    '  syllables a line:',
    bars(form.syllables_a_line),
  ].join('\n');
}

const counts = (values: Readonly<Record<number, number>>): string =>
  Object.entries(values)
    .map(([value, times]) => `${value} (${grouped(times)})`)
    .join(', ');

function bars(values: Readonly<Record<number, number>>): string {
  const most = Math.max(...Object.values(values));
  return table(
    Object.entries(values).map(([value, times]) => [
      value,
      grouped(times),
      `|${'#'.repeat(Math.round((BAR * times) / most))}`,
    ]),
  );
}

function registers({
  registers: { lines, lines_with_speech, songs, last_syllables },
}: CorpusFigures): string {
  const shares = (values: Readonly<Record<string, number>>) =>
    Object.entries(values)
      .map(([name, share]) => `${name} ${percent(share)}`)
      .join(', ');
  return [
    `  lines: ${shares(lines)}; with speech ${percent(lines_with_speech)}`,
    `  songs: ${shares(songs)}`,
    '  last syllables (share of lines):',
    listOf(last_syllables, PRINTED),
  ].join('\n');
}

function characters({ characters: { distinct, other_than_hangul, rare } }: CorpusFigures): string {
  const others = Object.entries(other_than_hangul).map(([character, count]) => {
    return `${JSON.stringify(character)} ${grouped(count)}`;
  });
  return [
    `  distinct ${grouped(distinct)}`,
    `  other than Hangul: ${others.join(', ')}`,
    `  rare (${[...rare].length}): ${rare}`,
  ].join('\n');
}
