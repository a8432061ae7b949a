/**
 * The configuration: the only reader of `process.env`, after `.env` of the working folder was merged into it.
 * Every fault is reported at once, by the variable's name and without its value. `.env.example` lists all.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { config as mergeEnvFile } from 'dotenv';
import { z } from 'zod';
import { UserError } from './errors.ts';
import { DATA_DIR, MODELS_DIR, VAR_DIR } from './paths.ts';
import { LOCALES, type Locale, type Localized } from './strings/index.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** As `BUILD_NAMES` of the engine; a test compares them. */
const KERNELS = ['relaxed16', 'relaxed8', 'simd16', 'simd8'] as const;

const MEGABYTE = 1024 * 1024;

export interface Config {
  /** Undefined: the platform's own default. */
  readonly logLevel: (typeof LOG_LEVELS)[number] | undefined;
  readonly modelsDir: string;
  /** What the bot keeps for itself: settings, and for a day what buttons stand for. */
  readonly varDir: string;
  readonly defaultModel: string | undefined;
  /** Threads of training; undefined: one for each core. */
  readonly threads: number | undefined;
  readonly engine: 'wasm' | 'tensorflow' | undefined;
  /** Build of the kernels that trains; undefined: the fastest measured. */
  readonly kernels: (typeof KERNELS)[number] | undefined;
  /** Of the terminal; chats know each person's. */
  readonly locale: Locale;
  readonly limits: { readonly maxLength: number; readonly maxTrainingBytes: number };
  /** Trainings of a server or workspace that wait, run or await a decision. */
  readonly mostTrainings: number;
  /** Models that a server or workspace may have of its own, their bytes together, and those of one brought in. */
  readonly quota: { readonly models: number; readonly bytes: number; readonly fileBytes: number };
  /** People who may publish models for all, by their ids in any chat. */
  readonly owners: readonly string[];
  /** What fine-tuning replays, and when it counts as forgetting. */
  readonly fineTuning: {
    /** The base text; whether it is there, who uses it will see. */
    readonly replayData: string;
    /** Share of it among what is trained on. */
    readonly replay: number;
    /** Nats per character that the loss on it may rise by. */
    readonly maxBaseLossIncrease: number;
  };
  /** Commands a minute. */
  readonly rateLimits: { readonly perUser: number; readonly perPlace: number };
  /** Lyrics that a model samples at once. */
  readonly samplingSlots: number;
  /** Undefined without a token. */
  readonly discord: DiscordConfig | undefined;
  readonly slack: SlackConfig | undefined;
}

export interface DiscordConfig {
  readonly token: string;
  readonly applicationId: string | undefined;
  /** Where commands are registered; undefined for everywhere. */
  readonly guildId: string | undefined;
  readonly adminRoles: readonly string[];
  readonly apiUrl: string | undefined;
  /** How many connections share the guilds between them; `auto` leaves it to Discord. */
  readonly shards: 'auto' | number;
  /** Whether people's messages may be read: the message content intent. */
  readonly messageContent: boolean;
}

export interface SlackConfig {
  readonly botToken: string;
  /** By HTTP where a signing secret and a port are given, else by Socket Mode. */
  readonly connection:
    | { readonly kind: 'socket'; readonly appToken: string }
    | { readonly kind: 'http'; readonly signingSecret: string; readonly port: number };
  readonly admins: readonly string[];
  readonly apiUrl: string | undefined;
}

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

const FIELDS = {
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
  OWNERS: field(
    z
      .string()
      .transform((text) => text.split(/[\s,]+/).filter((id) => id !== ''))
      .pipe(z.array(z.string().regex(/^(\d{15,20}|[UW][A-Z0-9]+)$/))),
    {
      ko: '사람의 ID (Discord의 숫자나 U로 시작하는 Slack의 것), 여럿이면 쉼표로 나눔',
      en: 'ids of people (a number of Discord, or U... of Slack), with commas between them',
    },
  ),
  REPLAY_DATA: field(z.string(), { ko: '텍스트 파일 경로', en: 'the path of a text file' }),
  REPLAY: between(0, 0.9),
  MAX_BASE_LOSS_INCREASE: between(0, 10),
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
  DISCORD_ADMIN_ROLES: field(
    z
      .string()
      .transform((text) => text.split(/[\s,]+/).filter((id) => id !== ''))
      .pipe(z.array(z.string().regex(SNOWFLAKE))),
    { ko: '역할 ID, 여럿이면 쉼표로 나눔', en: 'ids of roles, with commas between them' },
  ),
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
  SLACK_ADMINS: field(
    z
      .string()
      .transform((text) => text.split(/[\s,]+/).filter((id) => id !== ''))
      .pipe(z.array(z.string().regex(/^\w+$/))),
    { ko: '사람 ID(U로 시작), 여럿이면 쉼표로 나눔', en: 'ids of people (U...), with commas between them' },
  ),
  SLACK_API_URL: url,
};

type Variable = keyof typeof FIELDS;
type Values = { [V in Variable]?: z.output<(typeof FIELDS)[V]['schema']> };

/** A variable that cannot be used, and what it may be. */
interface Fault {
  readonly variable: string;
  readonly allowed: Localized;
}

/** What the programs of `scripts/` and the bot ask of `chooseEngine`. */
export const engineOrder = ({ engine, threads, kernels, varDir }: Config) => ({
  engine,
  threads,
  build: kernels,
  cacheFolder: varDir,
});

/** Reads the environment. Throws a `UserError` that lists all variables which cannot be used. */
export function readConfig(environment: NodeJS.ProcessEnv = loadEnvironment()): Config {
  const values = check(environment);
  return {
    logLevel: values.LOG_LEVEL,
    modelsDir: path.resolve(values.MODELS_DIR ?? MODELS_DIR),
    varDir: path.resolve(values.VAR_DIR ?? VAR_DIR),
    defaultModel: values.DEFAULT_MODEL?.normalize('NFC'),
    threads: values.THREADS,
    engine: values.ENGINE,
    kernels: values.KERNELS,
    locale: values.LOCALE ?? systemLocale(environment),
    limits: {
      maxLength: values.MAX_LENGTH ?? 1000,
      maxTrainingBytes: (values.MAX_TRAINING_MB ?? 16) * MEGABYTE,
    },
    mostTrainings: values.PLACE_TRAININGS ?? 4,
    quota: {
      models: values.PLACE_MODELS ?? 20,
      bytes: (values.PLACE_MODELS_MB ?? 512) * MEGABYTE,
      fileBytes: (values.MAX_MODEL_MB ?? 64) * MEGABYTE,
    },
    owners: values.OWNERS ?? [],
    fineTuning: {
      replayData: path.resolve(values.REPLAY_DATA ?? path.join(DATA_DIR, 'ballads', 'input.txt')),
      replay: values.REPLAY ?? 0.3,
      maxBaseLossIncrease: values.MAX_BASE_LOSS_INCREASE ?? 0.05,
    },
    rateLimits: { perUser: values.RATE_LIMIT_USER ?? 10, perPlace: values.RATE_LIMIT_PLACE ?? 60 },
    samplingSlots: values.SAMPLING_SLOTS ?? 16,
    discord: discordConfig(values),
    slack: slackConfig(values),
  };
}

function discordConfig(values: Values): DiscordConfig | undefined {
  if (values.DISCORD_TOKEN === undefined) return undefined;
  return {
    token: values.DISCORD_TOKEN,
    applicationId: values.DISCORD_APPLICATION_ID,
    guildId: values.DISCORD_GUILD_ID,
    adminRoles: values.DISCORD_ADMIN_ROLES ?? [],
    apiUrl: values.DISCORD_API_URL?.replace(/\/+$/, ''),
    shards: values.SHARDS ?? 'auto',
    messageContent: values.DISCORD_MESSAGE_CONTENT === 'true',
  };
}

function slackConfig(values: Values): SlackConfig | undefined {
  const { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken = '' } = values;
  const { SLACK_SIGNING_SECRET: signingSecret, SLACK_PORT: port } = values;
  if (botToken === undefined) return undefined;
  return {
    botToken,
    connection:
      signingSecret !== undefined && port !== undefined
        ? { kind: 'http', signingSecret, port }
        : { kind: 'socket', appToken },
    admins: values.SLACK_ADMINS ?? [],
    apiUrl: values.SLACK_API_URL,
  };
}

/** Variables that are missing beside others that are set. */
function slackFaults(isSet: (variable: Variable) => boolean): Fault[] {
  const needed = (variable: Variable, others: string): Fault => ({
    variable,
    allowed: { ko: `${others}와(과) 함께 있어야 합니다`, en: `has to be set together with ${others}` },
  });
  const [bot, app] = [isSet('SLACK_BOT_TOKEN'), isSet('SLACK_APP_TOKEN')];
  const [secret, port] = [isSet('SLACK_SIGNING_SECRET'), isSet('SLACK_PORT')];
  const faults: Fault[] = [];
  if (!bot && (app || secret || port)) {
    const others = app ? 'SLACK_APP_TOKEN' : secret ? 'SLACK_SIGNING_SECRET' : 'SLACK_PORT';
    faults.push(needed('SLACK_BOT_TOKEN', others));
  }
  if (secret && !port) faults.push(needed('SLACK_PORT', 'SLACK_SIGNING_SECRET'));
  if (port && !secret) faults.push(needed('SLACK_SIGNING_SECRET', 'SLACK_PORT'));
  if (bot && !app && !secret && !port) faults.push(needed('SLACK_APP_TOKEN', 'SLACK_BOT_TOKEN'));
  return faults;
}

/** The language to report a faulty configuration in: its own, as far as that can be told. */
export function localeOf(environment: NodeJS.ProcessEnv = process.env): Locale {
  const result = FIELDS.LOCALE.schema.safeParse(environment.LOCALE?.trim());
  return result.success ? result.data : systemLocale(environment);
}

function loadEnvironment(): NodeJS.ProcessEnv {
  mergeEnvFile({ quiet: true });
  return process.env;
}

/** An empty variable is one that is not set: `.env` files have lines such as `DEFAULT_MODEL=`. */
function check(environment: NodeJS.ProcessEnv): Values {
  const values: Record<string, unknown> = {};
  const faults: Fault[] = [];
  for (const [variable, { schema, allowed }] of Object.entries(FIELDS)) {
    const text = environment[variable]?.trim();
    if (!text) continue;
    const result = schema.safeParse(text);
    if (result.success) values[variable] = result.data;
    else faults.push({ variable, allowed });
  }
  faults.push(...slackFaults((variable) => Boolean(environment[variable]?.trim())));
  if (faults.length > 0) throw new UserError('configFaults', { faults });
  return values as Values;
}

/** Korean unless the system is set to English. */
function systemLocale({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): Locale {
  return (LC_ALL || LC_MESSAGES || LANG || '').toLowerCase().startsWith('en') ? 'en' : 'ko';
}
