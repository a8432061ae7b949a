/** `/settle`: what becomes of a model that was trained: the default, one beside the others, or nothing. */
import { UserError } from '../errors.ts';
import { type CommandContext, defineCommand } from './command.ts';
import { decidedText } from './job-message.ts';

export const settle = defineCommand({
  name: 'settle',
  koreanName: '결정',
  description: {
    ko: '학습이 끝난 모델을 내놓거나, 곁에 두거나, 버립니다',
    en: 'Publishes, keeps or discards a model whose training is done',
  },
  admin: true,
  private: true,
  options: {
    as: {
      type: 'choice',
      required: true,
      koreanName: '어떻게',
      description: { ko: '모델을 어떻게 할지', en: 'What becomes of the model' },
      choices: [
        { value: 'publish', label: { ko: '기본 모델로', en: 'Publish as default' } },
        { value: 'keep', label: { ko: '곁에 두기', en: 'Keep beside' } },
        { value: 'discard', label: { ko: '버리기', en: 'Discard' } },
      ],
    },
    job: {
      type: 'integer',
      koreanName: '번호',
      description: {
        ko: '학습의 번호. 없으면 결정을 기다리는 것',
        en: 'Number of the training; the one that waits',
      },
      min: 1,
      max: 2 ** 31 - 1,
    },
  },

  async run(context, { as, job }) {
    const { services, place, reply, locale } = context;
    const { training, jobMessages } = services;
    const id = job ?? (await undecided(context));
    const view = await training.settle(place, id, as);
    await reply.finish({ blocks: [{ kind: 'note', text: decidedText({ ...view, locale }, as) }] });
    await jobMessages.tellDecision(view);
  },
});

/** The only training of this place that waits for a decision. Throws a `UserError` where there is none, or several. */
async function undecided({ services, place }: CommandContext): Promise<number> {
  const jobs = await services.training.list(place);
  const ids = jobs.filter(({ state, decision }) => state === 'done' && decision === null).map(({ id }) => id);
  if (ids.length > 1) throw new UserError('jobWhich', { jobs: ids.reverse() });
  const [only] = ids;
  if (only === undefined) throw new UserError('jobNone', {});
  return only;
}
