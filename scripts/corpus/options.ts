/** The command lines of `npm run corpus-report`, `baselines` and `copies`. */
import { z } from 'zod';
import { optionText, parseArguments, type ScriptText } from '../../src/cli/arguments.ts';
import { TRAIN_SCRIPT } from '../../src/cli/train-help.ts';
import { SAMPLE_LIMITS } from '../../src/sampling/request.ts';
import type { Locale, Localized } from '../../src/strings/index.ts';
import { choice, flag, number, parseFields, whole } from '../../src/training/fields.ts';
import type { SplitSettings } from '../../src/training/prepare.ts';
import { CHAR_RNN, PRESET_NAMES, PRESETS, resolveSettings } from '../../src/training/settings.ts';
import { TRAINERS } from './trained.ts';

const DEFAULTS = {
  dataDir: 'data/ballads',
  model: 'models/ballad.safetensors',
  preset: 'balladeer',
  lines: 10_000,
  temperature: 0.9,
  seed: 1,
  maxEpochs: CHAR_RNN.maxEpochs,
} as const;

/** Flags, Korean, English. */
type Text = readonly [flags: string, ko: string, en: string];

const DATA: Text = ['--data-dir <folder>', 'input.txt가 있는 폴더', 'folder with the text in input.txt'];
const JSON_FLAG: Text = ['--json', 'JSON 한 줄로 씁니다', 'print one JSON object'];
const THREADS: Text = [
  '--threads <n>',
  '스레드 수(기본값: 코어마다 하나)',
  'number of threads (default: one for each core)',
];

const SPLIT_SETTINGS = ['split', 'trainFrac', 'valFrac', 'batchSize', 'seqLength'] as const;
const SPLIT_FLAG = /^--(preset|split|train-frac|val-frac|batch-size|seq-length) /;

/** As `npm run train` explains them: what it held out is held out here. */
const SPLIT_OPTIONS = TRAIN_SCRIPT.options.filter(({ flags }) => SPLIT_FLAG.test(flags));

function scriptText(name: string, text: Localized, own: readonly Text[], split = false): ScriptText {
  const options = own.map((option) => optionText(option, DEFAULTS));
  return { usage: `npm run ${name} --`, text, options: [...options, ...(split ? SPLIT_OPTIONS : [])] };
}

const REPORT = scriptText(
  'corpus-report',
  {
    ko: '가사 모음에 무엇이 있고 무엇이 되풀이되는지 셉니다.',
    en: 'Counts what stands in a corpus of lyrics, and what repeats.',
  },
  [DATA, JSON_FLAG],
);

const BASELINES = scriptText(
  'baselines',
  {
    ko: '같은 부분에서 균등 추측, 문자 n그램, 체크포인트의 손실을 견줍니다.',
    en: 'Compares a uniform guess, character n-grams and checkpoints on the same held-out parts.',
  },
  [
    DATA,
    ['--model <file...>', '함께 잴 체크포인트 파일들', 'checkpoint files to measure too'],
    [
      '--train <list>',
      'char-rnn의 설정으로 학습해서 함께 잽니다: char-rnn(이 프로그램), pytorch. 쉼표로 나눔',
      "networks to train with char-rnn's settings and measure too: char-rnn (in our trainer), pytorch; separated by commas",
    ],
    ['--max-epochs <n>', '--train: 학습 부분을 도는 횟수', '--train: passes over the training part'],
    THREADS,
    JSON_FLAG,
  ],
  true,
);

const COPIES = scriptText(
  'copies',
  {
    ko: '네트워크가 쓴 가사가 학습한 글을 얼마나 베끼는지 잽니다.',
    en: 'Measures how much of what a network writes stands in the text it learnt from.',
  },
  [
    ['--model <file>', '체크포인트 파일', 'checkpoint file'],
    DATA,
    ['--lines <n>', '견줄 줄의 수', 'lines to compare'],
    ['--temperature <x>', '낮으면 차분하고 높으면 자유롭습니다', 'low is calm, high is free'],
    ['--seed <n>', '첫 가사의 시드. 하나씩 커집니다', 'seed of the first lyric; each has the next'],
    JSON_FLAG,
  ],
  true,
);

const data = z.string();
const listed = (value: unknown) => (typeof value === 'string' ? value.split(',') : value);
const reportSchema = z.strictObject({ dataDir: data, json: flag() });
const baselinesSchema = z.strictObject({
  dataDir: data,
  model: z.array(z.string()),
  train: z.preprocess(listed, z.array(z.enum(TRAINERS))).describe(TRAINERS.join(', ')),
  maxEpochs: whole(1, 100_000),
  preset: choice(PRESET_NAMES),
  threads: whole(1, 256).optional(),
  json: flag(),
});
const copiesSchema = z.strictObject({
  model: z.string(),
  dataDir: data,
  preset: choice(PRESET_NAMES),
  lines: whole(1, 1_000_000),
  temperature: number(
    z.number().gt(SAMPLE_LIMITS.temperature.above).max(SAMPLE_LIMITS.temperature.max),
    `${SAMPLE_LIMITS.temperature.above} < x <= ${SAMPLE_LIMITS.temperature.max}`,
  ),
  seed: whole(SAMPLE_LIMITS.seed.min, SAMPLE_LIMITS.seed.max),
  json: flag(),
});

export type ReportOptions = z.infer<typeof reportSchema>;
export type BaselineOptions = z.infer<typeof baselinesSchema> & { readonly split: SplitSettings };
export type CopiesOptions = z.infer<typeof copiesSchema> & { readonly split: SplitSettings };

/** Each of the three throws a `UserError` on what cannot be, commander's error after `--help`. */
export function readReportOptions(argv: readonly string[], locale: Locale): ReportOptions {
  const given = parseArguments(REPORT, argv, locale);
  return parseFields(reportSchema, { dataDir: DEFAULTS.dataDir, json: false, ...given });
}

export function readBaselineOptions(argv: readonly string[], locale: Locale): BaselineOptions {
  const { split, rest } = takeSplit(parseArguments(BASELINES, argv, locale));
  const { dataDir, preset, maxEpochs } = DEFAULTS;
  const usual = { dataDir, preset, maxEpochs, model: [], train: [], json: false };
  const options = parseFields(baselinesSchema, { ...usual, ...rest });
  return { ...options, split: resolveSettings(split, PRESETS[options.preset]) };
}

export function readCopiesOptions(argv: readonly string[], locale: Locale): CopiesOptions {
  const { split, rest } = takeSplit(parseArguments(COPIES, argv, locale));
  const { maxEpochs: _, ...usual } = DEFAULTS;
  const options = parseFields(copiesSchema, { ...usual, json: false, ...rest });
  return { ...options, split: resolveSettings(split, PRESETS[options.preset]) };
}

function takeSplit(given: Readonly<Record<string, unknown>>) {
  const isSplit = ([name]: [string, unknown]) => (SPLIT_SETTINGS as readonly string[]).includes(name);
  const entries = Object.entries(given);
  return {
    split: Object.fromEntries(entries.filter(isSplit)),
    rest: Object.fromEntries(entries.filter((entry) => !isSplit(entry))),
  };
}
