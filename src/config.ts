/**
 * The configuration: the only reader of `process.env`, after `.env` of the working folder was merged into it.
 * Every fault is reported at once, by the variable's name and without its value. `.env.example` lists all.
 */
import path from 'node:path';
import { config as mergeEnvFile } from 'dotenv';
import { FIELDS, type KERNELS, type LOG_LEVELS, type Values, type Variable } from './config-fields.ts';
import { UserError } from './errors.ts';
import { DATA_DIR, MODELS_DIR, VAR_DIR } from './paths.ts';
import type { Locale, Localized } from './strings/index.ts';

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
    /** Validations in a row without gain after which a training of the chat ends; 0 for never. */
    readonly patience: number;
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
      patience: values.PATIENCE ?? 10,
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
