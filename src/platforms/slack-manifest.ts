/** The manifest of the Slack app: everything that Slack must know of the bot, made from the command list. */
import type { Command } from '../commands/command.ts';
import { needsForm } from './slack-form.ts';
import { slackName } from './slack-names.ts';

export const APP_NAME = 'Balladeer';
/** What the bot does on Slack, and no more. */
const SCOPES = ['commands', 'chat:write', 'chat:write.public', 'files:read', 'files:write', 'users:read'];
/** For messages as a text to train on: in public channels, and in private ones where the bot is a member. */
const READING = ['channels:history', 'groups:history'];
/** Slack's limits, in UTF-16 units. */
const DESCRIPTION = 140;
const SHORTCUT_NAME = 24;
const SHORTCUT_DESCRIPTION = 150;

/**
 * By the schema of Slack's manifests, version 1.
 * @param url where Slack sends requests; undefined for Socket Mode.
 * @param readsMessages whether admins may train on the messages of a channel.
 */
export function slackManifest(commands: readonly Command[], url?: string, readsMessages = false): object {
  const request = url === undefined ? {} : { request_url: url };
  return {
    display_information: {
      name: APP_NAME,
      description: short('노랫말을 쓰는 봇 / A bot that writes ballad lyrics', DESCRIPTION),
    },
    features: {
      app_home: {
        home_tab_enabled: false,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: false,
      },
      bot_user: { display_name: APP_NAME, always_online: true },
      shortcuts: commands.filter(needsForm).map((command) => ({
        name: short(`${command.koreanName} / ${command.name}`, SHORTCUT_NAME),
        type: 'message',
        callback_id: command.name,
        description: short(describe(command), SHORTCUT_DESCRIPTION),
      })),
      slash_commands: commands.map((command) => ({
        command: `/${slackName(command.name)}`,
        ...(url === undefined ? {} : { url }),
        description: describe(command),
        ...usage(command),
        should_escape: false,
      })),
    },
    oauth_config: { scopes: { bot: readsMessages ? [...SCOPES, ...READING] : SCOPES } },
    settings: {
      interactivity: { is_enabled: true, ...request },
      org_deploy_enabled: false,
      socket_mode_enabled: url === undefined,
      token_rotation_enabled: false,
    },
  };
}

const describe = ({ description }: Command): string => `${description.ko} / ${description.en}`;

function usage({ options }: Command): { usage_hint?: string } {
  const hints = Object.entries(options)
    .filter(([, { type, hidden }]) => type !== 'files' && !hidden)
    .map(([name, option]) => (option.rest ? `[${option.koreanName}]` : `[${name}:]`));
  return hints.length === 0 ? {} : { usage_hint: hints.join(' ') };
}

const short = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
