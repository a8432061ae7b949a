/** `/ballad`: samples lyrics that go on from a prime text. */
import { randomInt } from 'node:crypto';
import { UserError } from '../errors.ts';
import { Random } from '../random.ts';
import type { Model } from '../sampling/models.ts';
import type { Continuation, SampleRequest, SampleResult } from '../sampling/sampler.ts';
import { findUnfinished, keepUnfinished, type Unfinished } from '../sampling/unfinished.ts';
import { ui } from '../strings/ui.ts';
import { actionsOf, fieldsOf, notesOf, TEMPERATURE } from './ballad-answer.ts';
import { type Command, type CommandContext, defineCommand, type Limits } from './command.ts';
import type { Block, Message } from './message.ts';

const MOST_LYRICS = 4;
/** More characters than any song of the shipped corpus has: a lyric ends where its song does. */
const WHOLE_SONG = 800;
const MAX_SEED = 2 ** 32 - 1;
/** Characters of the line that a continued lyric begins with. */
const LONGEST_LAST_LINE = 100;

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
        default: Math.min(WHOLE_SONG, maxLength),
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
      recall: {
        type: 'number',
        koreanName: '후렴',
        description: {
          ko: '앞에서 한 말을 얼마나 되풀이할지. 0은 없음, 1은 배운 노래만큼',
          en: 'How much it repeats its own lines: 0 not at all, 1 as the songs it learnt',
        },
        min: 0,
        max: 5,
      },
      count: {
        type: 'integer',
        koreanName: '개수',
        description: { ko: '가사를 몇 편 쓸지', en: 'How many lyrics' },
        min: 1,
        max: MOST_LYRICS,
        default: 1,
      },
      from: {
        type: 'text',
        hidden: true,
        koreanName: '이어서',
        description: { ko: '이어 쓸 가사', en: 'The lyrics to go on with' },
        maxLength: 40,
      },
    },

    async run(context, options) {
      const { services, place, reply, signal, locale } = context;
      const { prime_text: primeText = '', temperature, length, top_k: topK, top_p: topP, recall } = options;
      const before =
        options.from === undefined ? undefined : await findUnfinished(services.kept, place, options.from);
      const wanted = before?.model ?? options.model;
      const seeds = seedsFrom(options.seed ?? randomInt(2 ** 31), before?.lyrics.length ?? options.count);
      const started = performance.now();

      await services.models.use(place, wanted, async (model) => {
        if (before && before.version !== model.version) throw new UserError('continuationForeign', {});
        const request = {
          primeText,
          length,
          temperature,
          stopAtEnd: true,
          signal,
          ...(topK === undefined ? {} : { topK }),
          ...(topP === undefined ? {} : { topP }),
          ...(recall === undefined ? {} : { recall }),
        };
        const orders = seeds.map((seed, i): Order => {
          const last = before?.lyrics[i];
          const shown = (last?.lastLine ?? '') + primeText;
          return { shown, request: { ...request, seed, ...(last ? { from: goingOn(last, seed) } : {}) } };
        });
        const { lyrics, results } = await sampleAll(model, orders, (blocks) => reply.update({ blocks }));
        const seconds = (performance.now() - started) / 1000;
        const unfinished = {
          place,
          model: model.name,
          version: model.version,
          lyrics: unfinishedOf(orders, results),
        };
        const { id, note } = reply.withoutActions ? {} : await keep(unfinished, context);
        const words = ui(locale);
        await reply.finish({
          blocks: [...lyrics, ...notesOf(words, results), ...(note ? [note] : [])],
          fields: fieldsOf(words, { model: model.name, temperature, seeds, results, seconds }),
          actions: actionsOf(words, { ...options, model: model.name, seed: seeds[0]! }, id),
        });
      });
    },
  });

type Lyric = Extract<Block, { kind: 'lyric' }>;

interface Order {
  /** What stands before the sampled text. */
  readonly shown: string;
  readonly request: SampleRequest;
}

const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (first + i) % (MAX_SEED + 1));

/** With its own seed a lyric goes on as if it had never ended, with another one from the same place. */
const goingOn = ({ seed, continuation }: Unfinished['lyrics'][number], wanted: number): Continuation =>
  seed === wanted ? continuation : { ...continuation, random: new Random(wanted).state };

/** Samples lyrics at once. A platform may look at what it was shown when the lyrics have gone on: it gets copies. */
async function sampleAll(
  { sampler }: Model,
  orders: readonly Order[],
  show: (blocks: Message['blocks']) => void,
): Promise<{ lyrics: Lyric[]; results: SampleResult[] }> {
  const lyrics = orders.map(
    ({ shown }): Lyric => ({ kind: 'lyric', primeText: shown, text: '', complete: false }),
  );
  const change = (i: number, text: string, complete: boolean) => {
    lyrics[i] = { ...lyrics[i]!, text, complete };
    if (!lyrics.every((lyric) => lyric.complete)) show([...lyrics]);
  };
  const results = await Promise.all(
    orders.map(async ({ request }, i) => {
      const result = await sampler.sample(request, (piece) => change(i, lyrics[i]!.text + piece, false));
      change(i, result.text, true);
      return result;
    }),
  );
  return { lyrics, results };
}

const unfinishedOf = (orders: readonly Order[], results: readonly SampleResult[]): Unfinished['lyrics'] =>
  results.map(({ text, end, continuation }, i) => {
    const { shown, request } = orders[i]!;
    return { seed: request.seed, lastLine: end === 'song' ? '' : lastLine(shown + text), continuation };
  });

const lastLine = (text: string): string =>
  [...text.slice(text.lastIndexOf('\n') + 1)].slice(-LONGEST_LAST_LINE).join('');

/** A lyric that cannot be kept is a lyric all the same. */
async function keep(
  unfinished: Unfinished,
  { services, explain }: CommandContext,
): Promise<{ readonly id?: string; readonly note?: Block }> {
  try {
    return { id: await keepUnfinished(services.kept, unfinished) };
  } catch (error) {
    return { note: { kind: 'note', text: explain(error) } };
  }
}
