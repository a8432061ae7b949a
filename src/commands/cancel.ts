/** `/cancel`: ends a training for good. */
import { jobWords } from '../strings/jobs.ts';
import { defineCommand } from './command.ts';
import { jobMeant, jobOption } from './job-option.ts';

export const cancel = defineCommand({
  name: 'cancel',
  koreanName: '취소',
  description: { ko: '학습을 취소하고 지웁니다', en: 'Cancels a training and removes it' },
  admin: true,
  private: true,
  options: { job: jobOption },

  async run(context, { job }) {
    const { services, place, reply, locale } = context;
    const { id } = await jobMeant(context, job, ['running', 'queued', 'paused']);
    const { name } = await services.training.cancel(place, id);
    await reply.finish({ blocks: [{ kind: 'note', text: jobWords(locale).cancelled(id, name) }] });
  },
});
