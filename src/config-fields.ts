/** The variables of the configuration: what each may be, and the words for it. */
import { statSync } from 'node:fs';
import { z } from 'zod';
import { LOCALES, type Localized } from './strings/index.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** As `BUILD_NAMES` of the engine; a test compares them. */
export const KERNELS = ['relaxed16', 'relaxed8', 'simd16', 'simd8'] as const;

const whole = (least: number, most: number) =>
  field(z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(least).max(most)), {
    ko: `${least} 이상 ${most} 이하의 정수`,
    en: `a whole number from ${least} to ${most}`,
  });
const oneOf = <const V extends readonly string[]>(values: V) =>
  field(z.enum(values), { ko: `다음 가운데 하나: ${values.join(', ')}`, en: `one of ${values.join(', ')}` });

const between = (least: number, most: number) =>
  field(
    z
      .string()
      .regex(/^\d*\.?\d+$/)
      .transform(Number)
      .pipe(z.number().min(least).max(most)),
    { ko: `${least} 이상 ${most} 이하의 수`, en: `a number from ${least} to ${most}` },
  );

/** A folder that is not there yet is made when something is saved in it. */
const isFolderOrNothing = (file: string): boolean =>
  statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? true;
const folder = field(z.string().refine(isFolderOrNothing), {
  ko: '폴더 경로 (파일이 아님)',
  en: 'the path of a folder, not of a file',
});
/** How Discord numbers things. */
const SNOWFLAKE = /^\d{15,20}$/;
const snowflake = field(z.string().regex(SNOWFLAKE), {
  ko: 'Discord의 ID (15자리 이상의 숫자)',
  en: 'an id of Discord (a number of 15 digits or more)',
});
const url = field(z.url({ protocol: /^https?$/ }), {
  ko: 'http:// 또는 https:// 주소',
  en: 'an address that begins with http:// or https://',
});

/** A variable's schema with the words for what it may be. */
function field<S extends z.ZodType>(schema: S, allowed: Localized) {
  return { schema, allowed };
}

/** Ids with blanks or commas between them. */
const list = (id: RegExp, allowed: Localized) =>
  field(
    z
      .string()
      .transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''))
      .pipe(z.array(z.string().regex(id))),
    allowed,
  );

export const FIELDS = {
  LOG_LEVEL: oneOf(LOG_LEVELS),
  MODELS_DIR: folder,
  VAR_DIR: folder,
  DEFAULT_MODEL: field(z.string().regex(/^[^./\\][^/\\]*$/), {
    ko: 'MODELS_DIR 안의 모델 이름 (.safetensors 없이)',
    en: 'the name of a model in MODELS_DIR, without .safetensors',
  }),
  THREADS: whole(1, 256),
  ENGINE: oneOf(['wasm', 'tensorflow']),
  KERNELS: oneOf(KERNELS),
  LOCALE: oneOf(LOCALES),
  MAX_LENGTH: whole(20, 100_000),
  MAX_TRAINING_MB: whole(1, 1024),
  MAX_MODEL_MB: whole(1, 4096),
  PLACE_MODELS: whole(0, 100_000),
  PLACE_MODELS_MB: whole(0, 10_000_000),
  PLACE_TRAININGS: whole(1, 1000),
  OWNERS: list(/^(\d{15,20}|[UW][A-Z0-9]+)$/, {
    ko: '사람의 ID (Discord의 숫자나 U로 시작하는 Slack의 것), 여럿이면 쉼표로 나눔',
    en: 'ids of people (a number of Discord, or U... of Slack), with commas between them',
  }),
  REPLAY_DATA: field(z.string(), { ko: '텍스트 파일 경로', en: 'the path of a text file' }),
  REPLAY: between(0, 0.9),
  MAX_BASE_LOSS_INCREASE: between(0, 10),
  PATIENCE: whole(0, 100_000),
  RATE_LIMIT_USER: whole(1, 10_000),
  RATE_LIMIT_PLACE: whole(1, 100_000),
  SAMPLING_SLOTS: whole(1, 256),
  DISCORD_TOKEN: field(
    z
      .string()
      .transform((token) => token.replace(/^Bot\s+/i, ''))
      .pipe(z.string().regex(/^[\w.-]+$/)),
    {
      ko: '봇의 토큰 (Developer Portal의 Bot 화면에 있습니다)',
      en: 'the token of a bot (Developer Portal, Bot)',
    },
  ),
  DISCORD_APPLICATION_ID: snowflake,
  DISCORD_GUILD_ID: snowflake,
  DISCORD_ADMIN_ROLES: list(SNOWFLAKE, {
    ko: '역할 ID, 여럿이면 쉼표로 나눔',
    en: 'ids of roles, with commas between them',
  }),
  DISCORD_MESSAGE_CONTENT: oneOf(['true', 'false']),
  DISCORD_API_URL: url,
  SHARDS: field(z.union([z.literal('auto'), whole(1, 1024).schema]), {
    ko: 'auto 또는 1 이상 1024 이하의 정수',
    en: 'auto, or a whole number from 1 to 1024',
  }),
  SLACK_BOT_TOKEN: field(z.string().regex(/^(?!xapp-)[\w.-]+$/), {
    ko: '봇 토큰 (xoxb-로 시작합니다)',
    en: 'the bot token (it begins with xoxb-)',
  }),
  SLACK_APP_TOKEN: field(z.string().regex(/^(?!xox)[\w.-]+$/), {
    ko: '앱 수준 토큰 (xapp-로 시작합니다)',
    en: 'the app-level token (it begins with xapp-)',
  }),
  SLACK_SIGNING_SECRET: field(z.string().regex(/^\w+$/), {
    ko: '서명 비밀 (Basic Information 화면의 Signing Secret)',
    en: 'the signing secret (Basic Information, Signing Secret)',
  }),
  SLACK_PORT: whole(1, 65_535),
  SLACK_ADMINS: list(/^\w+$/, {
    ko: '사람 ID(U로 시작), 여럿이면 쉼표로 나눔',
    en: 'ids of people (U...), with commas between them',
  }),
  SLACK_API_URL: url,
};

export type Variable = keyof typeof FIELDS;
export type Values = { [V in Variable]?: z.output<(typeof FIELDS)[V]['schema']> };
