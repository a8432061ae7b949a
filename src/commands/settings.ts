/** `/settings`: the model and language that a guild or workspace uses where nothing else is asked for. */
import { ui } from '../strings/ui.ts';
import { defineCommand } from './command.ts';
import { NO_MODEL } from './model-name.ts';

/** What `language` says for each person's own; `NO_MODEL` is the bot's own default. */
const EACH = 'auto';

export const settings = defineCommand({
  name: 'settings',
  koreanName: '설정',
  description: {
    ko: '이곳에서 기본으로 쓸 모델과 언어를 정합니다',
    en: 'Chooses the model and language that are used here',
  },
  admin: true,
  private: true,
  options: {
    model: {
      type: 'model',
      koreanName: '모델',
      description: {
        ko: '이곳의 기본 모델. none이면 봇의 기본 모델',
        en: "Default model here; none for the bot's own default",
      },
    },
    language: {
      type: 'choice',
      koreanName: '언어',
      description: { ko: '답의 언어', en: 'Language of answers' },
      choices: [
        { value: 'ko', label: { ko: '한국어', en: 'Korean' } },
        { value: 'en', label: { ko: '영어', en: 'English' } },
        { value: EACH, label: { ko: '사람마다 자기 언어', en: "Each person's own" } },
      ],
    },
  },

  async run({ services, place, reply, locale }, { model, language }) {
    if (model !== undefined && model !== NO_MODEL) await services.models.file(place, model);
    if (model !== undefined || language !== undefined) {
      await services.settings.change(place, (now) => ({
        ...now,
        ...(model === undefined ? {} : { model: model === NO_MODEL ? undefined : model }),
        ...(language === undefined ? {} : { locale: language === EACH ? undefined : language }),
      }));
    }
    const changed = services.settings.of(place);
    const words = ui(changed.locale ?? locale);
    await reply.finish({
      blocks: [{ kind: 'note', text: words.settingsHere }],
      fields: [
        { label: words.model, value: changed.model ?? words.botDefault },
        { label: words.language, value: changed.locale ? words.languages[changed.locale] : words.eachOwn },
      ],
    });
  },
});
