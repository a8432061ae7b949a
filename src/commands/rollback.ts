/** `/rollback`: takes a model back to the version before. */
import { modelWords } from '../strings/models.ts';
import { defineCommand } from './command.ts';

export const rollback = defineCommand({
  name: 'rollback',
  koreanName: '되돌리기',
  description: { ko: '모델을 이전 판으로 되돌립니다', en: 'Takes a model back to the version before' },
  admin: true,
  options: {
    model: {
      type: 'model',
      rest: true,
      koreanName: '모델',
      description: {
        ko: '되돌릴 모델. 없으면 이곳의 기본 모델',
        en: 'The model; the default here if not given',
      },
    },
    version: {
      type: 'integer',
      koreanName: '판',
      description: {
        ko: '몇째 판으로. 없으면 바로 앞 판',
        en: 'To this version; the one before if not given',
      },
      min: 1,
      max: 1_000_000,
    },
  },

  async run({ services, place, reply, locale }, { model, version }) {
    const name = model ?? (await services.models.defaultName(place));
    const back = await services.publisher.rollBack(place, name, version);
    const words = modelWords(locale);
    const text =
      back.kind === 'version'
        ? words.rolledBack(back.name, back.version)
        : words.defaultBack(back.name, back.from);
    await reply.finish({ blocks: [{ kind: 'note', text }] });
  },
});
