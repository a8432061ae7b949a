/** `/resume`: goes on with a training that was paused, or that has failed and can go on. */
import { jobWords } from '../strings/jobs.ts';
import { defineCommand } from './command.ts';
import { jobMeant, jobOption } from './job-option.ts';

export const resume = defineCommand({
  name: 'resume',
  koreanName: '재개',
  description: { ko: '멈춘 학습을 이어서 합니다', en: 'Goes on with a paused training' },
  admin: true,
  private: true,
  options: { job: jobOption },

  async run(context, { job }) {
    const { services, place, reply, locale } = context;
    const { id } = await jobMeant(context, job, ['paused']);
    const view = await services.training.resume(place, id);
    services.jobMessages.goOn(view);
    const { name, waiting } = view;
    const words = jobWords(locale);
    const text =
      waiting && waiting.ahead > 0 ? words.waits(id, name, waiting.ahead) : words.resumed(id, name);
    await reply.finish({ blocks: [{ kind: 'note', text }] });
  },
});
