/** What people do on a test server: give commands, press buttons, type. */
import type { StoredInteraction, StoredMessage } from './messages.ts';
import type { DiscordServer } from './server.ts';
import { snowflake } from './snowflake.ts';

type Json = Readonly<Record<string, unknown>>;

export const PERMISSIONS = {
  administrator: 1n << 3n,
  manageGuild: 1n << 5n,
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  embedLinks: 1n << 14n,
} as const;
const { viewChannel, sendMessages, embedLinks } = PERMISSIONS;
const MAY_POST = viewChannel | sendMessages | embedLinks;
const MEGABYTE = 1024 * 1024;

export interface Person {
  readonly user?: string;
  readonly permissions?: bigint;
  readonly roles?: readonly string[];
  readonly locale?: string;
  /** In a direct conversation with the bot. */
  readonly isDirect?: boolean;
  /** A guild that the bot has never heard of. */
  readonly guild?: string;
  /** The bot's own in the channel. */
  readonly botPermissions?: bigint;
}

const [SLASH, BUTTON, TYPING] = [2, 3, 4];
const [TEXT, INTEGER, NUMBER, ATTACHMENT] = [3, 4, 10, 11];

/** Gives a command; a file is what `server.upload` returned. */
export function slash(
  server: DiscordServer,
  name: string,
  options: Readonly<Record<string, string | number | Json>> = {},
  person: Person = {},
): StoredInteraction {
  const files = Object.values(options).filter((value): value is Json => typeof value === 'object');
  const data = {
    id: snowflake(),
    type: 1,
    name,
    options: Object.entries(options).map(([option, value]) => ({
      name: option,
      type: typeOf(value),
      value: typeof value === 'object' ? value.id : value,
    })),
    ...(files.length > 0
      ? { resolved: { attachments: Object.fromEntries(files.map((file) => [file.id, file])) } }
      : {}),
  };
  return interact(server, SLASH, data, person);
}

/** Presses the button with that label below the message. */
export function press(server: DiscordServer, message: StoredMessage, label: string, person: Person = {}) {
  const button = message.buttons.find((one) => one.label === label);
  if (!button) throw new Error(`no button ${label} below: ${message.text}`);
  return pressId(server, button.custom_id, person, message);
}

export function pressId(
  server: DiscordServer,
  customId: string,
  person: Person = {},
  message?: StoredMessage,
) {
  const data = { custom_id: customId, component_type: 2 };
  const on = {
    id: message?.id ?? snowflake(),
    channel_id: server.channel,
    type: 0,
    content: '',
    author: { id: server.applicationId, username: 'balladeer', discriminator: '0', avatar: null, bot: true },
    timestamp: new Date().toISOString(),
    edited_timestamp: null,
    ...{ tts: false, mention_everyone: false, mentions: [], mention_roles: [], pinned: false },
    ...{ attachments: [], embeds: message?.body.embeds ?? [], components: message?.body.components ?? [] },
  };
  return interact(server, BUTTON, data, person, { message: on });
}

/** Types into an option. */
export function type(
  server: DiscordServer,
  name: string,
  option: string,
  value: string,
  person: Person = {},
) {
  const options = [{ name: option, type: TEXT, value, focused: true }];
  return interact(server, TYPING, { id: snowflake(), type: 1, name, options }, person);
}

function typeOf(value: string | number | Json): number {
  if (typeof value === 'object') return ATTACHMENT;
  if (typeof value === 'string') return TEXT;
  return Number.isInteger(value) ? INTEGER : NUMBER;
}

function interact(
  server: DiscordServer,
  kind: number,
  data: Json,
  person: Person,
  more: Json = {},
): StoredInteraction {
  const { user = snowflake(), permissions = 0n, roles = [], locale = 'ko', isDirect = false } = person;
  const guild = isDirect ? undefined : (person.guild ?? server.guild);
  const account = {
    id: user,
    username: `user-${user}`,
    discriminator: '0',
    global_name: '가수',
    avatar: null,
  };
  const member = {
    user: account,
    roles,
    permissions: String(permissions),
    joined_at: '2024-01-01T00:00:00.000000+00:00',
    ...{ nick: null, avatar: null, premium_since: null, communication_disabled_until: null },
    ...{ deaf: false, mute: false, pending: false, flags: 0 },
  };
  return server.interact(
    ({ id, token, channel }) => ({
      id,
      application_id: server.applicationId,
      type: kind,
      data,
      token,
      version: 1,
      channel_id: channel,
      channel: { id: channel, type: isDirect ? 1 : 0, ...(guild ? { guild_id: guild } : {}) },
      ...(guild
        ? { guild_id: guild, guild_locale: 'ko', guild: { id: guild, locale: 'ko', features: [] }, member }
        : { user: account }),
      app_permissions: String(person.botPermissions ?? MAY_POST),
      locale,
      entitlements: [],
      authorizing_integration_owners: guild ? { 0: guild } : {},
      context: guild ? 0 : 1,
      attachment_size_limit: 10 * MEGABYTE,
      ...more,
    }),
    guild,
  );
}
