/** `/ballad`: samples lyrics that go on from a prime text. */
import { randomInt } from 'node:crypto';
import { type Ui, ui } from '../strings/ui.ts';
import { type Command, defineCommand, type Limits } from './command.ts';
import type { Action, Block, Field, Message } from './message.ts';

const MOST_LYRICS = 4;
const MAX_SEED = 2 ** 32 - 1;
const TEMPERATURE = { min: 0.1, max: 2, default: 0.9 } as const;
/** How much `cooler` and `warmer` change. */
const TEMPERATURE_STEP = 0.15;

export const ballad = ({ maxLength }: Limits): Command =>
  defineCommand({
    name: 'ballad',
    koreanName: '발라드',
    description: { ko: '첫 구절에 이어 가사를 씁니다', en: 'Writes a lyric that goes on from a first line' },
    admin: false,
    options: {
      prime_text: {
        type: 'text',
        rest: true,
        koreanName: '첫구절',
        description: { ko: '가사의 처음', en: 'How the lyric begins' },
        maxLength: 500,
      },
      temperature: {
        type: 'number',
        koreanName: '온도',
        description: { ko: '낮으면 차분하고 높으면 자유롭습니다', en: 'Low is calm, high is free' },
        ...TEMPERATURE,
      },
      length: {
        type: 'integer',
        koreanName: '길이',
        description: { ko: '글자 수', en: 'How many characters' },
        min: 20,
        max: maxLength,
        default: Math.min(300, maxLength),
      },
      model: {
        type: 'model',
        koreanName: '모델',
        description: { ko: '가사를 쓸 모델', en: 'The model that writes' },
      },
      seed: {
        type: 'integer',
        koreanName: '시드',
        description: { ko: '같은 시드는 같은 가사를 냅니다', en: 'The same seed gives the same lyric' },
        min: 0,
        max: MAX_SEED,
      },
      top_k: {
        type: 'integer',
        koreanName: '상위개수',
        description: {
          ko: '가장 그럴듯한 글자 몇 개에서만 고릅니다',
          en: 'Picks among this many likeliest characters',
        },
        min: 1,
        max: 1000,
      },
      top_p: {
        type: 'number',
        koreanName: '상위확률',
        description: {
          ko: '확률의 합이 이만큼 되는 글자에서만 고릅니다',
          en: 'Picks among the likeliest characters of this joint probability',
        },
        min: 0.01,
        max: 1,
      },
      count: {
        type: 'integer',
        koreanName: '개수',
        description: { ko: '가사를 몇 편 쓸지', en: 'How many lyrics' },
        min: 1,
        max: MOST_LYRICS,
        default: 1,
      },
    },

    async run({ services, reply, signal, locale }, options) {
      const words = ui(locale);
      const { prime_text: primeText = '', temperature, length, top_k: topK, top_p: topP, count } = options;
      const firstSeed = options.seed ?? randomInt(2 ** 31);
      const seeds = Array.from({ length: count }, (_, i) => (firstSeed + i) % (MAX_SEED + 1));
      const lyrics = seeds.map(() => ({ kind: 'lyric' as const, primeText, text: '', complete: false }));
      const started = performance.now();

      await services.models.use(options.model, async ({ name, sampler }) => {
        const request = {
          primeText,
          length,
          temperature,
          stopAtEnd: true,
          signal,
          ...(topK === undefined ? {} : { topK }),
          ...(topP === undefined ? {} : { topP }),
        };
        const results = await Promise.all(
          seeds.map(async (seed, i) => {
            const lyric = lyrics[i]!;
            const result = await sampler.sample({ ...request, seed }, (piece) => {
              lyric.text += piece;
              reply.update({ blocks: snapshot(lyrics) });
            });
            lyric.text = result.text;
            lyric.complete = true;
            if (count > 1) reply.update({ blocks: snapshot(lyrics) });
            return result;
          }),
        );
        const notes: Block[] = [];
        const unseen = results[0]!.unseen;
        if (unseen.length > 0) notes.push({ kind: 'note', text: words.unseen(unseen) });
        if (results.some(({ end }) => end === 'cancelled'))
          notes.push({ kind: 'note', text: words.cancelled });
        const characters = results.reduce((sum, result) => sum + result.characters, 0);
        const seconds = (performance.now() - started) / 1000;
        await reply.finish({
          blocks: [...lyrics, ...notes],
          fields: fields(words, { model: name, temperature, seeds, characters, seconds }),
          actions: actions(words, { ...options, model: name }),
        });
      });
    },
  });

/** A platform may look at a message later, when the lyrics have gone on. */
const snapshot = (lyrics: readonly Block[]): Message['blocks'] => lyrics.map((lyric) => ({ ...lyric }));

interface Facts {
  readonly model: string;
  readonly temperature: number;
  readonly seeds: readonly number[];
  readonly characters: number;
  readonly seconds: number;
}

const fields = (words: Ui, { model, temperature, seeds, characters, seconds }: Facts): Field[] => [
  { label: words.model, value: model },
  { label: words.temperature, value: String(temperature) },
  { label: words.seed, value: seeds.join(', ') },
  { label: words.length, value: words.characters(characters) },
  { label: words.time, value: words.seconds(seconds) },
];

type Given = Readonly<Record<string, string | number | undefined>> & { readonly temperature: number };

/** The same order with a new seed, as it was or a bit cooler or warmer. */
function actions(words: Ui, { seed: _, ...given }: Given): Action[] {
  const options = Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  );
  const at = (label: string, temperature: number): Action => ({
    label,
    command: 'ballad',
    options: { ...options, temperature },
  });
  const { min, max } = TEMPERATURE;
  const rounded = (temperature: number) => Number(Math.min(max, Math.max(min, temperature)).toFixed(2));
  return [
    at(words.again, given.temperature),
    at(words.cooler, rounded(given.temperature - TEMPERATURE_STEP)),
    at(words.warmer, rounded(given.temperature + TEMPERATURE_STEP)),
  ];
}
