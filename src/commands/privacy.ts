/** `/privacy`: whether a person's messages may be learnt from. Everyone decides for themselves. */
import { ui } from '../strings/ui.ts';
import { defineCommand } from './command.ts';
import type { Action } from './message.ts';

export const privacy = defineCommand({
  name: 'privacy',
  koreanName: '개인정보',
  description: {
    ko: '내 메시지를 학습에 쓸지 정합니다',
    en: 'Chooses whether your messages may be used for training',
  },
  admin: false,
  private: true,
  options: {
    training: {
      type: 'choice',
      koreanName: '학습',
      description: {
        ko: '내 메시지를 학습에 써도 되는지',
        en: 'Whether your messages may be used for training',
      },
      choices: [
        { value: 'allow', label: { ko: '써도 됨', en: 'Allow' } },
        { value: 'refuse', label: { ko: '쓰지 말 것', en: 'Refuse' } },
      ],
    },
  },

  async run({ services, place, user, reply, locale }, { training }) {
    const words = ui(locale);
    const { platform } = place;
    if (training !== undefined) await services.privacy.set(platform, user, training === 'allow');
    const allowed = services.privacy.allows(platform, user);
    const change: Action = {
      label: allowed ? words.refuseMessages : words.allowMessages,
      command: 'privacy',
      options: { training: allowed ? 'refuse' : 'allow' },
      asks: true,
    };
    await reply.finish({
      blocks: [
        { kind: 'text', text: allowed ? words.messagesAllowed : words.messagesRefused },
        { kind: 'note', text: words.privacyScope },
      ],
      actions: [change],
    });
  },
});
