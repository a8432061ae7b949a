/** Time to a loss as people read it: on a terminal and in docs/performance.md. */
import type { Locale } from '../../src/strings/index.ts';
import { aligned } from './aligned.ts';
import type { Learnt } from './learner.ts';
import { TEXT_SOURCE } from './learning-text.ts';
import { markdownTable } from './markdown.ts';
import type { Skipped } from './run.ts';
import type { TimeRatio, TimeToLoss } from './time-to-loss.ts';
import { benchWords } from './words.ts';

export function timeToLossText(result: TimeToLoss | Skipped, locale: Locale): string {
  const words = benchWords(locale);
  if ('skipped' in result) return words.textAbsent(result.skipped, TEXT_SOURCE);
  const peers = result.rows.filter(({ ours }) => !ours).map(({ name }) => name);
  const head = [
    words.contender,
    ...[words.toLoss, words.epochs, words.steps, words.trained, words.speed],
    ...[words.evaluating, words.lowest, words.peak],
    ...peers.flatMap((peer) => [words.timeRatio(peer), words.speedRatio(peer)]),
  ];
  const lines = result.rows.map((row) => [
    row.name,
    row.reached?.seconds.toFixed(1) ?? words.unreached,
    row.reached?.epochs.toFixed(2) ?? '-',
    row.reached ? whole(row.reached.steps) : '-',
    row.seconds.toFixed(1),
    whole(row.chars_per_second),
    row.evaluation_seconds.toFixed(1),
    row.best_loss.toFixed(3),
    row.peak_memory_mb?.toFixed(0) ?? '?',
    ...peers.flatMap((peer) => {
      const ratio = ratioOf(result, row, peer);
      return [ratio?.time?.toFixed(2) ?? '', ratio?.speed.median.toFixed(2) ?? ''];
    }),
  ]);
  const notes = [
    ...result.rows.map(({ name, details }) => `  ${name}: ${details}`),
    ...result.rows.map((row) => `  ${words.curve(row.name)}: ${curveOf(row, result)}`),
    ...result.missing.map(({ name, reason }) => `  ${words.missing}: ${name} (${reason})`),
  ];
  return [result.title, ...aligned([head, ...lines]), ...notes].join('\n');
}

/** Of docs/performance.md: one row a contender. */
export function timeToLossTable(result: TimeToLoss): string {
  const head = ['s to the loss', 'epochs', 'steps', 'chars/s', 's evaluating', 'least loss', 'peak MB'];
  return markdownTable(
    [result.title, ...head, 'time, x PyTorch', 'chars/s, x PyTorch'],
    result.rows.map((row) => {
      const ratio = ratioOf(result, row, 'PyTorch');
      return [
        row.name,
        row.reached?.seconds ?? 'not reached',
        row.reached?.epochs ?? '-',
        row.reached ? Math.round(row.reached.steps) : '-',
        row.chars_per_second,
        row.evaluation_seconds,
        row.best_loss.toFixed(3),
        row.peak_memory_mb ?? '?',
        ratio?.time ?? '',
        ratio?.speed.median ?? '',
      ];
    }),
  );
}

const ratioOf = ({ ratios }: TimeToLoss, row: Learnt, peer: string): TimeRatio | undefined =>
  ratios.find((ratio) => ratio.ours === row.name && ratio.peer === peer);

const whole = (value: number): string => Math.round(value).toLocaleString('en');

const SHOWN_POINTS = 12;

/** `0: 4.20, 1: 2.31, ...`: some evaluations, by epochs. */
function curveOf({ curve }: Learnt, { steps_per_epoch }: TimeToLoss): string {
  const every = Math.ceil(curve.length / SHOWN_POINTS);
  return curve
    .filter((_, i) => i % every === 0 || i === curve.length - 1)
    .map(({ steps, loss }) => `${Number((steps / steps_per_epoch).toFixed(2))}: ${loss.toFixed(3)}`)
    .join(', ');
}
