/** The command line of `npm run sample`, with char-rnn's names. */
import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { SAMPLE_LIMITS, type SampleRequest } from '../sampling/request.ts';
import type { Locale } from '../strings/index.ts';
import { flag, number, parseFields, whole } from '../training/fields.ts';
import { optionText, parseArguments, type ScriptText } from './arguments.ts';

const DEFAULTS = {
  model: 'models/ballad.safetensors',
  primeText: '',
  length: 300,
  temperature: 0.9,
  sample: 1,
  recall: 1,
  count: 1,
} as const;

const { length, temperature, topK, topP, recall, seed } = SAMPLE_LIMITS;

const between = ({ above, max }: { readonly above: number; readonly max: number }) =>
  number(z.number().gt(above).max(max), `${above} < x <= ${max}`);

const schema = z.strictObject({
  model: z.string(),
  primeText: z.string(),
  length: whole(length.min, length.max),
  temperature: between(temperature),
  seed: whole(seed.min, seed.max),
  sample: whole(0, 1),
  topK: whole(topK.min, topK.max).optional(),
  topP: between(topP).optional(),
  recall: number(z.number().min(recall.min).max(recall.max), `${recall.min} <= x <= ${recall.max}`),
  stopAtEnd: flag(),
  count: whole(1, 1000),
  json: flag(),
});

/** Flags, Korean, English. */
const OPTIONS: readonly (readonly [string, string, string])[] = [
  ['--model <file>', '체크포인트 파일', 'checkpoint file'],
  ['--prime-text <text>', '가사의 처음. 여기에 이어 씁니다', 'how the lyric begins; it goes on from there'],
  ['--length <n>', '쓸 글자 수', 'characters to sample at most'],
  ['--temperature <x>', '낮으면 차분하고 높으면 자유롭습니다', 'low is calm, high is free'],
  [
    '--seed <n>',
    '같은 시드는 같은 가사를 냅니다(기본값: 무작위)',
    'the same seed gives the same lyric (default: random)',
  ],
  [
    '--sample <0|1>',
    '0: 늘 가장 그럴듯한 글자, 1: 확률대로',
    '0: always the likeliest character, 1: by probability',
  ],
  ['--top-k <n>', '가장 그럴듯한 글자 몇 개에서만 고릅니다', 'pick among this many likeliest characters'],
  [
    '--top-p <x>',
    '확률의 합이 이만큼 되는 글자에서만 고릅니다',
    'pick among the likeliest characters of this joint probability',
  ],
  [
    '--recall <x>',
    '앞에서 한 말을 얼마나 되풀이할지. 0은 없음, 1은 배운 노래만큼',
    'how much it repeats its own lines: 0 not at all, 1 as the songs it learnt',
  ],
  ['--no-stop-at-end', '노래가 끝나도 다음 노래로 이어 씁니다', 'go on into the next song where one ends'],
  ['--count <n>', '가사의 수. 시드는 하나씩 커집니다', 'number of lyrics; each has the next seed'],
  ['--json', '가사마다 JSON 한 줄로 씁니다', 'print one JSON object a line for each lyric'],
];

const SAMPLE_SCRIPT: ScriptText = {
  usage: 'npm run sample --',
  text: { ko: '네트워크로 가사를 씁니다.', en: 'Samples lyrics from a network.' },
  options: OPTIONS.map((option) => optionText(option, DEFAULTS)),
};

export interface SampleOrder {
  /** Checkpoint file. */
  readonly model: string;
  readonly requests: readonly SampleRequest[];
  readonly json: boolean;
}

/** Throws a `UserError` on what cannot be, commander's error after `--help`. */
export function readSampleOptions(argv: readonly string[], locale: Locale): SampleOrder {
  const given = parseArguments(SAMPLE_SCRIPT, argv, locale);
  const defaults = { ...DEFAULTS, seed: randomInt(2 ** 31), stopAtEnd: true, json: false };
  const { model, count, json, sample, topK, topP, ...settings } = parseFields(schema, {
    ...defaults,
    ...given,
  });
  const requests = Array.from({ length: count }, (_, i) => ({
    ...settings,
    seed: (settings.seed + i) % (seed.max + 1),
    argmax: sample === 0,
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
  }));
  return { model, requests, json };
}
