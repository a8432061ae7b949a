/** The command line of `npm run evaluate`. */
import { z } from 'zod';
import type { Locale } from '../strings/index.ts';
import { choice, flag, parseFields, whole } from '../training/fields.ts';
import type { SplitSettings } from '../training/prepare.ts';
import { DEFAULTS, PRESET_NAMES, PRESETS, resolveSettings } from '../training/settings.ts';
import { optionText, parseArguments, type ScriptText } from './arguments.ts';

const SCRIPT_DEFAULTS = { model: 'models/ballad.safetensors', dataDir: 'data/ballads', part: 'val' } as const;

const SPLIT_SETTINGS = ['split', 'batchSize', 'seqLength', 'trainFrac', 'valFrac'] as const;

const scriptSchema = z.strictObject({
  model: z.string(),
  dataDir: z.string(),
  part: choice(['train', 'val', 'test', 'all']),
  preset: choice(PRESET_NAMES),
  threads: whole(1, 256).optional(),
  json: flag().optional(),
});

export type EvaluateOptions = z.infer<typeof scriptSchema> & { readonly split: SplitSettings };

/** Flags, Korean, English. */
const OPTIONS: readonly (readonly [string, string, string])[] = [
  ['--model <file>', '체크포인트 파일', 'checkpoint file'],
  ['--data-dir <folder>', 'input.txt가 있는 폴더', 'folder with the text in input.txt'],
  [
    '--part <part>',
    '잴 부분: train, val, test, all(모두)',
    'what to measure on: train, val, test, all (the whole text)',
  ],
  [
    '--preset <name>',
    '아래 다섯 옵션의 기본값 묶음: balladeer, char-rnn. 학습할 때와 같아야 같은 부분이 됩니다',
    'set of defaults of the five below: balladeer, char-rnn; as in training, or the parts differ',
  ],
  ['--split <mode>', '나누는 법: blocks, streams, tail', 'how the text was split: blocks, streams, tail'],
  ['--train-frac <x>', '학습 부분의 비율', 'share of the training part'],
  ['--val-frac <x>', '검증 부분의 비율', 'share of the validation part'],
  [
    '--batch-size <n>',
    '한꺼번에 재는 줄의 수. streams에서는 흐름의 수',
    'rows measured at once; streams: their number',
  ],
  [
    '--seq-length <n>',
    '한 단계의 글자 수. streams에서는 부분의 단위',
    'characters a step; streams: the unit of the parts',
  ],
  ['--threads <n>', '스레드 수(기본값: 코어마다 하나)', 'number of threads (default: one for each core)'],
  ['--json', 'JSON 한 줄로 씁니다', 'print one JSON object'],
];

const EVALUATE_SCRIPT: ScriptText = {
  usage: 'npm run evaluate --',
  text: {
    ko: '네트워크가 글을 얼마나 잘 예측하는지 잽니다.',
    en: 'Measures how well a network predicts a text.',
  },
  options: OPTIONS.map((option) =>
    optionText(option, { ...DEFAULTS, ...SCRIPT_DEFAULTS, preset: 'balladeer' }),
  ),
};

/** Throws a `UserError` on what cannot be, commander's error after `--help`. */
export function readEvaluateOptions(argv: readonly string[], locale: Locale): EvaluateOptions {
  const given = parseArguments(EVALUATE_SCRIPT, argv, locale);
  const isSplit = ([name]: [string, unknown]) => (SPLIT_SETTINGS as readonly string[]).includes(name);
  const script = parseFields(scriptSchema, {
    ...SCRIPT_DEFAULTS,
    preset: 'balladeer',
    ...Object.fromEntries(Object.entries(given).filter((entry) => !isSplit(entry))),
  });
  const splitGiven = Object.fromEntries(Object.entries(given).filter(isSplit));
  return { ...script, split: resolveSettings(splitGiven, PRESETS[script.preset]) };
}
