/** The result as people read it. */
import type { Locale } from '../../src/strings/index.ts';
import { aligned } from './aligned.ts';
import type { Figure, Row } from './figure.ts';
import type { BenchResult } from './run.ts';
import type { StartFigures } from './start.ts';
import { timeToLossText } from './time-to-loss-table.ts';
import { benchWords } from './words.ts';

export function resultText(result: BenchResult, locale: Locale): string {
  const words = benchWords(locale);
  const { machine } = result;
  const blocks = result.figures.map((figure) => figureText(figure, locale));
  if (result.start) blocks.push(startText(result.start, locale));
  if (result.time_to_loss) blocks.push(timeToLossText(result.time_to_loss, locale));
  const foot = [
    words.machine(machine.cores, machine.model, machine.node),
    words.build(machine.build, machine.gigaflops),
    words.load(machine.load.before, machine.load.after),
    ...(result.quick ? [words.quick] : []),
  ];
  return [...blocks, foot.join('\n')].join('\n\n');
}

function figureText(figure: Figure, locale: Locale): string {
  const words = benchWords(locale);
  const peers = figure.rows.filter(({ ours }) => !ours).map(({ name }) => name);
  const head = [
    words.contender,
    words.median,
    words.least,
    words.speed,
    words.peak,
    ...peers.map((peer) => words.ratio(peer)),
  ];
  const ratioOf = (row: Row, peer: string) =>
    figure.ratios.find((ratio) => ratio.ours === row.name && ratio.peer === peer)?.median.toFixed(2) ?? '';
  const lines = figure.rows.map((row) => [
    row.name,
    row.median_ms.toFixed(1),
    row.min_ms.toFixed(1),
    Math.round(row.chars_per_second).toLocaleString('en'),
    row.peak_memory_mb?.toFixed(0) ?? '?',
    ...peers.map((peer) => ratioOf(row, peer)),
  ]);
  const notes = [
    ...figure.rows.map(({ name, details }) => `  ${name}: ${details}`),
    ...figure.missing.map(({ name, reason }) => `  ${words.missing}: ${name} (${reason})`),
  ];
  return [figure.title, ...aligned([head, ...lines]), ...notes].join('\n');
}

function startText(start: StartFigures, locale: Locale): string {
  const words = benchWords(locale);
  const { first_lyric, idle_memory, beside_training, training_memory, length } = start;
  const milliseconds = (value: number) => `${value.toFixed(0)} ms`;
  const megabytes = (value: number) => `${value.toFixed(0)} MB`;
  const times = (value: number) => `(${value.toFixed(2)} ${words.times})`;
  const lines: string[][] = [
    [words.firstCharacter, milliseconds(first_lyric.median.first_character_ms)],
    [words.firstLyric(length), milliseconds(first_lyric.median.lyric_ms)],
  ];
  if (idle_memory) {
    lines.push([words.idleBefore, megabytes(idle_memory.before_first_lyric_mb)]);
    lines.push([words.idleAfter, megabytes(idle_memory.after_lyric_mb)]);
  }
  const { idle, training, p95_ratio } = beside_training;
  lines.push([words.besideIdle(length), milliseconds(idle.p95_ms)]);
  lines.push([words.besideTraining(length), `${milliseconds(training.p95_ms)} ${times(p95_ratio)}`]);
  if (training_memory) {
    const { ours_mb, pytorch_mb, ratio } = training_memory;
    const peer = pytorch_mb === null ? '' : `, PyTorch ${megabytes(pytorch_mb)} ${times(ratio!)}`;
    lines.push([words.trainingMemory, megabytes(ours_mb) + peer]);
  }
  return [`${words.start} (${start.checkpoint})`, ...aligned(lines, 'left')].join('\n');
}
