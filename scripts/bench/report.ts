/** Writes the tables of docs/performance.md. The words around them are written by hand. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../../src/errors.ts';
import { writeFileAtomic } from '../../src/store/files.ts';
import { BRISK_PACE, QUICK_PACE } from './compare.ts';
import type { Figure, Row } from './figure.ts';
import {
  type Axis,
  type GrowthOptions,
  measureAxis,
  measureHeld,
  measureQueue,
  profileTraining,
} from './growth.ts';
import { describeMachine, type Machine, systemLoad } from './machine.ts';
import { markdownTable, replaceTables } from './markdown.ts';
import type { BenchOptions } from './options.ts';
import type { Profile } from './protocol.ts';
import { productShare, stepFlops } from './roofline.ts';
import { kernelSpeeds, runBench } from './run.ts';
import { timeToLossTable } from './time-to-loss-table.ts';
import { LYRIC_LENGTH, type Shape } from './work.ts';

const AXES = {
  batchSize: [1, 4, 16, 32, 64, 128],
  rnnSize: [64, 128, 256, 512, 1024],
  vocabularySize: [100, 1000, 4000, 8000],
  checkpoints: [1, 2, 4, 8],
  requests: [1, 4, 16, 64, 256],
} as const;
const PROFILED_SECONDS = 5;

const TABLES = [
  'machine',
  'peers',
  'training-threads',
  'training-batch',
  'training-hidden',
  'training-vocabulary',
  'roofline',
  'roofline-parts',
  'sampling-checkpoints',
  'sampling-requests',
] as const;
type Tables = Record<(typeof TABLES)[number], string>;
/** Takes longer than all others together, so it is written alone, and only when it is asked for. */
const LEARNING_TABLE = 'time-to-loss';

/**
 * Throws a `UserError` where the time to a loss is asked for and there is no text.
 * @param file document with the places of the tables, as docs/performance.md has them.
 */
export async function writeReport(
  file: string,
  options: BenchOptions,
  tell: (title: string) => void,
): Promise<void> {
  const document = await readFile(file, 'utf8');
  const learning = options.sections.includes('timeToLoss');
  const [wanted, kept] = learning ? [[LEARNING_TABLE], TABLES] : [TABLES, [LEARNING_TABLE]];
  const empty = Object.fromEntries(wanted.map((name) => [name, '']));
  replaceTables(document, empty, kept); // before minutes are spent
  const tables = learning ? await measureLearning(options, tell) : await measureTables(options, tell);
  await writeFileAtomic(file, Buffer.from(replaceTables(document, tables, kept)));
}

async function measureLearning(options: BenchOptions, tell: (title: string) => void) {
  const result = (await runBench({ ...options, sections: ['timeToLoss'], matrix: false }, tell))
    .time_to_loss!;
  if ('skipped' in result) throw new UserError('fileMissing', { file: result.skipped.join(', ') });
  return { [LEARNING_TABLE]: timeToLossTable(result) };
}

async function measureTables(options: BenchOptions, tell: (title: string) => void): Promise<Tables> {
  const { shape, quick } = options;
  const before = systemLoad();
  const threads = Math.max(...options.threads);
  const points = (axis: keyof typeof AXES) => AXES[axis].slice(0, quick ? 2 : undefined);
  const peers = await runBench({ ...options, sections: ['training', 'sampling'], matrix: false }, tell);
  const usual = peers.figures[0]!;
  const growth: GrowthOptions = {
    shape,
    threads,
    build: options.build,
    pytorch: usual.rows.filter(({ name }) => name === 'PyTorch'),
    pace: quick ? QUICK_PACE : BRISK_PACE,
    length: quick ? 20 : LYRIC_LENGTH,
  };
  const batch = await measureAxis(growth, 'batchSize', points('batchSize'), tell);
  const hidden = await measureAxis(growth, 'rnnSize', points('rnnSize'), tell);
  const vocabulary = await measureAxis(growth, 'vocabularySize', points('vocabularySize'), tell);
  tell('profile of a training step');
  const profile = await profileTraining(growth, quick ? 0.1 : PROFILED_SECONDS);
  tell('checkpoints held, requests waiting');
  const held = await measureHeld(growth, points('checkpoints'));
  const queue = await measureQueue(growth, points('requests'));

  const figures = [usual, ...[...batch, ...hidden, ...vocabulary].map(({ figure }) => figure)];
  const machine = describeMachine(before, options.build, kernelSpeeds(figures));
  return {
    machine: machineTable(machine, usual),
    peers: peersTable(peers.figures),
    'training-threads': threadsTable(usual, shape, machine),
    'training-batch': axisTable(batch, 'batchSize', machine, threads),
    'training-hidden': axisTable(hidden, 'rnnSize', machine, threads),
    'training-vocabulary': axisTable(vocabulary, 'vocabularySize', machine, threads),
    ...rooflineTables(profile, shape, machine, threads),
    'sampling-checkpoints': markdownTable(
      ['checkpoints', 'resident MB', 'lyric ms'],
      held.map(({ checkpoints, resident_mb, lyric_ms }) => [checkpoints, resident_mb, lyric_ms]),
    ),
    'sampling-requests': markdownTable(
      ['requests at once', 'chars/s together', 'median lyric ms', 'last lyric ms'],
      queue.map((point) => [point.requests, point.chars_per_second, point.median_ms, point.last_ms]),
    ),
  };
}

function machineTable(machine: Machine, { title, rows, missing }: Figure): string {
  const gigaflops =
    machine.gigaflops === null ? 'forced' : `${Math.round(machine.gigaflops)} GFLOPS a thread`;
  const pytorch = rows.find(({ name }) => name === 'PyTorch')?.details;
  const absent = missing.find(({ name }) => name === 'PyTorch')?.reason;
  return markdownTable(
    ['', ''],
    [
      ['processor', `${machine.model}, ${machine.cores} cores, ${machine.memory_gb} GB`],
      ['system', machine.system],
      ['Node', `${machine.node} (V8 ${machine.v8})`],
      ['kernels', `${machine.build}, ${gigaflops}`],
      ['PyTorch', pytorch ?? absent ?? 'not asked for'],
      ['network', title],
      ['system load', `${machine.load.before.toFixed(2)} before, ${machine.load.after.toFixed(2)} after`],
    ],
  );
}

function peersTable(figures: readonly Figure[]): string {
  const rows = figures.flatMap((figure) =>
    figure.rows.map((row, i) => [
      i === 0 ? figure.title : '',
      row.name,
      row.median_ms,
      row.min_ms,
      row.chars_per_second,
      row.peak_memory_mb ?? '?',
      ...['PyTorch', 'tfjs-backend-wasm'].map((peer) => ratioOf(figure, row, peer)),
    ]),
  );
  const head = ['work', 'contender', 'median ms', 'min ms', 'chars/s', 'peak MB', 'x PyTorch', 'x tfjs'];
  return markdownTable(head, rows);
}

const ratioOf = (figure: Figure, row: Row, peer: string): number | string =>
  figure.ratios.find((ratio) => ratio.ours === row.name && ratio.peer === peer)?.median ?? '';

const TRAINING_HEAD = ['ms a step', 'chars/s', 'GFLOPS', 'share of peak', 'peak MB', 'x PyTorch'];

function trainingCells(figure: Figure, row: Row, shape: Shape, machine: Machine, threads: number) {
  const gigaflops = stepFlops(shape) / row.median_ms / 1e6;
  return [
    row.median_ms,
    row.chars_per_second,
    gigaflops,
    percent(gigaflops / (threads * (machine.gigaflops ?? Number.NaN))),
    row.peak_memory_mb ?? '?',
    ratioOf(figure, row, 'PyTorch'),
  ];
}

const percent = (share: number): string => (Number.isFinite(share) ? `${(100 * share).toFixed(0)} %` : '?');

function threadsTable(figure: Figure, shape: Shape, machine: Machine): string {
  const rows = figure.rows.filter(({ ours }) => ours);
  return markdownTable(
    ['threads', ...TRAINING_HEAD],
    rows.map((row) => {
      const threads = row.setting.threads!;
      return [threads, ...trainingCells(figure, row, shape, machine, threads)];
    }),
  );
}

function axisTable(
  points: readonly { shape: Shape; figure: Figure }[],
  field: Axis,
  machine: Machine,
  threads: number,
): string {
  const label = { batchSize: 'batch', rnnSize: 'hidden size', vocabularySize: 'vocabulary' }[field];
  return markdownTable(
    [label, ...TRAINING_HEAD],
    points.map(({ shape, figure }) => {
      const row = figure.rows.find(({ ours }) => ours)!;
      return [shape[field], ...trainingCells(figure, row, shape, machine, threads)];
    }),
  );
}

/** Parts below this share are summed up. */
const LEAST_SHARE = 0.01;

function rooflineTables(profile: Profile, shape: Shape, machine: Machine, threads: number) {
  const flops = stepFlops(shape);
  const peak = machine.gigaflops ?? Number.NaN;
  const { share, gigaflops } = productShare(profile, flops, threads);
  const whole = flops / profile.seconds / 1e9 / threads;
  const roofline = markdownTable(
    ['', 'GFLOPS a thread', 'share of peak'],
    [
      ['the product kernel alone', peak, percent(1)],
      [`inside the products of a step (${percent(share)} of its time)`, gigaflops, percent(gigaflops / peak)],
      ['a whole step', whole, percent(whole / peak)],
    ],
  );
  const shown = profile.parts.filter((part) => part.share >= LEAST_SHARE);
  const rest = 1 - shown.reduce((sum, part) => sum + part.share, 0);
  const milliseconds = (part: number) => part * profile.seconds * 1000;
  const parts = markdownTable(
    ['part of the step', 'kernel', 'ms', 'share'],
    [
      ...shown.map((part) => [part.part, part.kernel, milliseconds(part.share), percent(part.share)]),
      ['all else', '', milliseconds(rest), percent(rest)],
    ],
  );
  return { roofline, 'roofline-parts': parts };
}
