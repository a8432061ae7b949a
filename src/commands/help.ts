/** `/help`: the commands and their options, from their definitions. */
import type { Locale } from '../strings/index.ts';
import { ui } from '../strings/ui.ts';
import { type Command, defineCommand } from './command.ts';
import type { ListItem } from './message.ts';
import { allowedValues, type Option } from './option.ts';

export const help = defineCommand({
  name: 'help',
  koreanName: '도움말',
  description: { ko: '명령과 옵션을 보여 줍니다', en: 'Lists the commands and their options' },
  admin: false,
  private: true,
  options: {},

  async run({ services, reply, locale }) {
    await reply.finish({
      blocks: [
        { kind: 'list', items: services.commands.map((command) => describe(command, locale)) },
        { kind: 'note', text: ui(locale).usage },
      ],
    });
  },
});

function describe(command: Command, locale: Locale): ListItem {
  const names = [`/${command.name}`, `/${command.koreanName}`];
  if (locale === 'ko') names.reverse();
  const admins = command.admin ? ` (${ui(locale).admins})` : '';
  return {
    title: `${names.join(', ')}${admins}: ${command.description[locale]}`,
    details: Object.entries(command.options)
      .filter(([, option]) => !option.hidden)
      .map(([name, option]) => describeOption(name, option, locale)),
  };
}

function describeOption(name: string, option: Option, locale: Locale): string {
  const label = locale === 'ko' ? `${option.koreanName}(${name})` : name;
  const byDefault =
    'default' in option && option.default !== undefined ? `, ${ui(locale).byDefault(option.default)}` : '';
  return `${label}: ${option.description[locale]} (${allowedValues(option)[locale]}${byDefault})`;
}
