/** The command line of `npm run yardstick`. */
import { z } from 'zod';
import { optionText, parseArguments, type ScriptText } from '../../src/cli/arguments.ts';
import { TRAIN_SCRIPT } from '../../src/cli/train-help.ts';
import type { Locale } from '../../src/strings/index.ts';
import { choice, flag, optionName, parseFields, whole } from '../../src/training/fields.ts';
import { DEFAULTS, resolveSettings, SETTING_NAMES, type TrainSettings } from '../../src/training/settings.ts';
import { PROTOCOL_NAMES, PROTOCOLS, type ProtocolName, RECIPE, TEXT } from './protocols.ts';

const SCRIPT_DEFAULTS = { protocol: 'both', data: TEXT.file, checkpointDir: 'var/yardstick' } as const;

/** What the protocol says, or makes no sense without another network. */
const FIXED: readonly string[] = ['split', 'trainFrac', 'valFrac', 'replay', 'maxBaseLossIncrease'];
const OPEN = SETTING_NAMES.filter((name) => !FIXED.includes(name));

/** Flags, Korean, English. */
const OPTIONS: readonly (readonly [string, string, string])[] = [
  [
    '--protocol <name>',
    '누구의 규칙으로 재는지: char-rnn, nanogpt, both(차례로 둘 다)',
    'by whose rules to measure: char-rnn, nanogpt, both (in turn)',
  ],
  ['--data <file>', 'tinyshakespeare가 든 텍스트 파일', 'text file with tinyshakespeare'],
  [
    '--checkpoint-dir <folder>',
    '체크포인트와 곡선(<protocol>.safetensors, <protocol>.json)을 둘 폴더',
    'folder for checkpoints and curves (<protocol>.safetensors, <protocol>.json)',
  ],
  ['--threads <n>', '스레드 수(기본값: 코어마다 하나)', 'number of threads (default: one for each core)'],
  ['--json', '프로토콜마다 JSON 한 줄을 씁니다', 'print a JSON object for each protocol'],
];

/** As `npm run train` explains them, with the recipe's defaults. */
const SETTING_OPTIONS = TRAIN_SCRIPT.options
  .filter(({ flags }) => OPEN.some((name) => flags.split(' ')[0] === optionName(name)))
  .map(({ flags, text }) => optionText([flags, text.ko, text.en], { ...DEFAULTS, ...RECIPE }));

const YARDSTICK: ScriptText = {
  usage: 'npm run yardstick --',
  text: {
    ko: 'tinyshakespeare로 학습해서, 발표된 수치와 같은 규칙으로 잽니다. 설정은 정해져 있고, 아래 옵션으로 바꿀 수 있습니다.',
    en: 'Trains on tinyshakespeare and measures by the rules of published figures. The settings are a fixed recipe, which options can change.',
  },
  options: [...OPTIONS.map((option) => optionText(option, SCRIPT_DEFAULTS)), ...SETTING_OPTIONS],
};

const schema = z.strictObject({
  protocol: choice([...PROTOCOL_NAMES, 'both']),
  data: z.string(),
  checkpointDir: z.string(),
  threads: whole(1, 256).optional(),
  json: flag(),
});

export interface YardstickOptions extends Omit<z.infer<typeof schema>, 'protocol'> {
  readonly protocols: readonly { readonly name: ProtocolName; readonly settings: TrainSettings }[];
}

/** Throws a `UserError` on what cannot be, commander's error after `--help`. */
export function readYardstickOptions(argv: readonly string[], locale: Locale): YardstickOptions {
  const given = Object.entries(parseArguments(YARDSTICK, argv, locale));
  const isSetting = ([name]: [string, unknown]) => (OPEN as readonly string[]).includes(name);
  const { protocol, ...rest } = parseFields(schema, {
    ...SCRIPT_DEFAULTS,
    json: false,
    ...Object.fromEntries(given.filter((entry) => !isSetting(entry))),
  });
  const changed = Object.fromEntries(given.filter(isSetting));
  const names = protocol === 'both' ? PROTOCOL_NAMES : [protocol];
  const protocols = names.map((name) => ({
    name,
    settings: resolveSettings(changed, { ...DEFAULTS, ...RECIPE, ...PROTOCOLS[name].split }),
  }));
  return { ...rest, protocols };
}
