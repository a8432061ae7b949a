/** The command line of `npm run bench`. */
import path from 'node:path';
import { z } from 'zod';
import { optionText, parseArguments, type ScriptText } from '../../src/cli/arguments.ts';
import { BUILD_NAMES } from '../../src/engine/wasm/builds.ts';
import { CELLS } from '../../src/model/network.ts';
import { ROOT } from '../../src/paths.ts';
import type { Locale } from '../../src/strings/index.ts';
import { choice, flag, number, parseFields, whole } from '../../src/training/fields.ts';
import type { TrainSettings } from '../../src/training/settings.ts';
import { PEERS, type Peer } from './entrants.ts';
import { LEARNING, learningSettings } from './learning-work.ts';
import { MOST_VOCABULARY, type Shape, USUAL } from './work.ts';

/** Words separated by commas. */
const list = (allowed: string) =>
  z
    .string()
    .transform((text) => text.split(',').map((word) => word.trim()))
    .describe(allowed);

const threadCounts = z
  .string()
  .regex(/^\d+(,\d+)*$/)
  .transform((text) => [...new Set(text.split(',').map(Number))])
  .pipe(z.array(z.number().min(1).max(256)))
  .describe('1,2');

const peers = z
  .string()
  .transform((text) => (text === 'none' ? [] : text.split(',')))
  .pipe(z.array(z.enum(PEERS)))
  .describe(`${PEERS.join(',')}, none`);

const schema = z.strictObject({
  training: flag().optional(),
  sampling: flag().optional(),
  start: flag().optional(),
  timeToLoss: flag().optional(),
  matrix: flag().optional(),
  report: z.union([flag(), z.string()]).optional(),
  cell: choice(CELLS),
  numLayers: whole(1, 8),
  rnnSize: whole(1, 4096),
  embeddingSize: whole(1, 4096),
  vocabularySize: whole(3, MOST_VOCABULARY),
  dropout: number(z.number().min(0).lt(1), '0 <= x < 1'),
  batchSize: whole(1, 4096),
  seqLength: whole(1, 4096),
  threads: threadCounts,
  build: choice(BUILD_NAMES).optional(),
  model: z.string().optional(),
  dataDir: z.string().optional(),
  loss: number(z.number().gt(0), '0 < x').optional(),
  maxEpochs: whole(1, 100_000).optional(),
  peers,
  python: list('python3,/usr/bin/python3'),
  repeats: whole(1, 1000).optional(),
  quick: flag().optional(),
  json: flag().optional(),
});

const SECTIONS = ['training', 'sampling', 'start', 'timeToLoss'] as const;

export interface BenchOptions {
  readonly sections: readonly (typeof SECTIONS)[number][];
  readonly matrix: boolean;
  /** Document whose tables are to be written. */
  readonly report: string | undefined;
  readonly shape: Shape;
  readonly timeToLoss: {
    /** The trainer's, with what was given. */
    readonly settings: TrainSettings;
    /** Nats per character. */
    readonly loss: number;
    /** Folder with the text, or a file; undefined: wherever tinyshakespeare is. */
    readonly dataDir: string | undefined;
  };
  /** Of training, ours; the largest is the most that a peer may use. */
  readonly threads: readonly number[];
  readonly build: (typeof BUILD_NAMES)[number] | undefined;
  /** Checkpoint of the start figures; undefined: the shipped one, or random weights. */
  readonly model: string | undefined;
  readonly peers: readonly Peer[];
  readonly pythons: readonly string[];
  readonly repeats: number | undefined;
  readonly quick: boolean;
  readonly json: boolean;
}

const REPORT_FILE = path.join(ROOT, 'docs', 'performance.md');

const DEFAULTS = {
  ...USUAL,
  threads: '1,2',
  peers: PEERS.join(','),
  python: 'python3,/usr/bin/python3',
} as const;

/** Flags, Korean, English. */
const OPTIONS: readonly (readonly [string, string, string])[] = [
  [
    '--training',
    '학습 속도를 잽니다 (아무것도 고르지 않으면 학습과 쓰기)',
    'measure training (with none chosen: training and sampling)',
  ],
  ['--sampling', '가사 쓰기 속도를 잽니다', 'measure sampling'],
  [
    '--start',
    '시작 시간, 메모리, 학습 중의 가사 시간을 잽니다',
    'measure the start, memory, and lyrics beside a training',
  ],
  [
    '--time-to-loss',
    'tinyshakespeare를 학습기의 기본값으로 정해진 손실까지 배우는 시간을 잽니다',
    "measure how long tinyshakespeare takes to be learnt to a loss with the trainer's defaults",
  ],
  ['--matrix', '학습을 여러 모양의 네트워크로 잽니다', 'measure training on networks of many shapes'],
  [
    '--report [file]',
    'docs/performance.md의 표를 새로 씁니다. --time-to-loss와 함께면 그 표만 씁니다',
    'write the tables of docs/performance.md anew; with --time-to-loss that one alone',
  ],
  ['--cell <name>', '셀: lstm, gru, rnn', 'cell: lstm, gru, rnn'],
  ['--num-layers <n>', '층의 수', 'layers'],
  ['--rnn-size <n>', '한 층의 크기', 'hidden size of a layer'],
  ['--embedding-size <n>', '임베딩 크기', 'size of the embedding'],
  ['--vocabulary-size <n>', '글자 종류의 수', 'different characters'],
  ['--dropout <p>', '드롭아웃 확률', 'dropout probability'],
  ['--batch-size <n>', '한 단계의 줄 수', 'rows of a step'],
  ['--seq-length <n>', '한 단계의 글자 수', 'characters of a row and step'],
  ['--threads <list>', '학습 스레드 수, 쉼표로 나눔', 'threads of training, separated by commas'],
  [
    '--build <name>',
    `커널 빌드: ${BUILD_NAMES.join(', ')}`,
    `build of the kernels: ${BUILD_NAMES.join(', ')}`,
  ],
  ['--model <file>', '--start에 쓸 체크포인트', 'checkpoint for --start'],
  [
    '--data-dir <folder>',
    '--time-to-loss의 글: input.txt가 있는 폴더, 또는 파일',
    'text of --time-to-loss: a folder with input.txt, or a file',
  ],
  [
    '--loss <nats>',
    `--time-to-loss의 손실(기본값: ${LEARNING.loss}, --quick이면 ${LEARNING.quickLoss})`,
    `loss of --time-to-loss (default: ${LEARNING.loss}, with --quick ${LEARNING.quickLoss})`,
  ],
  [
    '--max-epochs <n>',
    '--time-to-loss의 에포크 수: 학습률이 이 끝에서 0이 됩니다(기본값: 학습기의 것)',
    "epochs of --time-to-loss, at whose end the learning rate is 0 (default: the trainer's)",
  ],
  ['--peers <list>', '견줄 상대: pytorch, tfjs, tensorflow, none', 'peers: pytorch, tfjs, tensorflow, none'],
  [
    '--python <list>',
    'PyTorch가 있을 Python, 쉼표로 나눔',
    'Pythons that may have PyTorch, separated by commas',
  ],
  ['--repeats <n>', '측정 횟수', 'measurements of each contender'],
  [
    '--quick',
    '짧게 잽니다. 수치는 믿을 것이 못 됩니다',
    'measure briefly; the figures are not to be trusted',
  ],
  ['--json', 'JSON 하나로 씁니다', 'print one JSON object'],
];

const BENCH_SCRIPT: ScriptText = {
  usage: 'npm run bench --',
  text: {
    ko: '학습과 가사 쓰기의 속도를 같은 기계의 PyTorch, TensorFlow.js와 번갈아 재어 견줍니다.',
    en: 'Measures training and sampling in turn with PyTorch and TensorFlow.js on the same machine.',
  },
  options: OPTIONS.map((option) => optionText(option, DEFAULTS)),
};

/** Throws a `UserError` on what cannot be, commander's error after `--help`. */
export function readBenchOptions(argv: readonly string[], locale: Locale): BenchOptions {
  const typed = parseArguments(BENCH_SCRIPT, argv, locale);
  const given = parseFields(schema, { ...DEFAULTS, ...typed });
  const { matrix, report, python, repeats, quick = false, json, ...others } = given;
  const { training, sampling, start, timeToLoss, dataDir, loss, maxEpochs, ...rest } = others;
  const { threads, build, model, peers: named, ...shape } = rest;
  const asked = { training, sampling, start, timeToLoss };
  const none = !training && !sampling && !start && !timeToLoss;
  const sections = SECTIONS.filter((section) =>
    none ? section === 'training' || (section === 'sampling' && !matrix) : asked[section],
  );
  return {
    sections,
    matrix: matrix ?? false,
    report: report === true ? REPORT_FILE : report || undefined,
    shape,
    timeToLoss: {
      settings: learningSettings({ ...ofNetwork(shape, typed), ...(maxEpochs && { maxEpochs }) }, quick),
      loss: loss ?? (quick ? LEARNING.quickLoss : LEARNING.loss),
      dataDir,
    },
    threads,
    build,
    model,
    peers: named,
    pythons: python,
    repeats,
    quick,
    json: json ?? false,
  };
}

/** What of the shape was typed, by the trainer's names. Its defaults are of other figures, and other than the trainer's. */
function ofNetwork({ cell, vocabularySize: _, ...sizes }: Shape, typed: Readonly<Record<string, unknown>>) {
  const settings = { model: cell, ...sizes };
  const isTyped = (name: string) => (name === 'model' ? 'cell' : name) in typed;
  return Object.fromEntries(Object.entries(settings).filter(([name]) => isTyped(name)));
}
