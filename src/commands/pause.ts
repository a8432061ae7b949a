/** `/pause`: saves a training and lets it rest. */
import { jobWords } from '../strings/jobs.ts';
import { defineCommand } from './command.ts';
import { jobMeant, jobOption } from './job-option.ts';

export const pause = defineCommand({
  name: 'pause',
  koreanName: '멈춤',
  description: { ko: '학습을 저장하고 멈춥니다', en: 'Saves a training and pauses it' },
  admin: true,
  private: true,
  options: { job: jobOption },

  async run(context, { job }) {
    const { services, place, reply, locale } = context;
    const { id } = await jobMeant(context, job, ['running', 'queued']);
    const { name } = await services.training.pause(place, id);
    await reply.finish({ blocks: [{ kind: 'note', text: jobWords(locale).paused(id, name) }] });
  },
});
