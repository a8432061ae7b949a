/** `/cancel`: stops the running training and saves it. */
import { ui } from '../strings/ui.ts';
import { defineCommand } from './command.ts';

export const cancel = defineCommand({
  name: 'cancel',
  koreanName: '취소',
  description: { ko: '학습을 멈추고 저장합니다', en: 'Stops the training and saves it' },
  admin: true,
  private: true,
  options: {},

  async run({ services, reply, locale }) {
    const name = await services.training.cancel();
    await reply.finish({ blocks: [{ kind: 'note', text: ui(locale).cancelledTraining(name) }] });
  },
});
