/**
 * The configuration: the only reader of `process.env`, after `.env` of the working folder was merged into it.
 * Every fault is reported at once, by the variable's name and without its value. `.env.example` lists all.
 */
import path from 'node:path';
import { config as mergeEnvFile } from 'dotenv';
import { z } from 'zod';
import { UserError } from './errors.ts';
import { MODELS_DIR } from './paths.ts';
import { LOCALES, type Locale, type Localized } from './strings/index.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const MEGABYTE = 1024 * 1024;

export interface Config {
  /** Undefined: the platform's own default. */
  readonly logLevel: (typeof LOG_LEVELS)[number] | undefined;
  readonly modelsDir: string;
  readonly defaultModel: string | undefined;
  /** Threads of training; undefined: one for each core. */
  readonly threads: number | undefined;
  readonly engine: 'wasm' | 'tensorflow' | undefined;
  /** Of the terminal; chats know each person's. */
  readonly locale: Locale;
  readonly limits: { readonly maxLength: number; readonly maxTrainingBytes: number };
  /** Commands a minute. */
  readonly rateLimits: { readonly perUser: number; readonly perPlace: number };
  /** Lyrics that a model samples at once. */
  readonly samplingSlots: number;
}

const whole = (least: number, most: number) =>
  field(z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(least).max(most)), {
    ko: `${least} 이상 ${most} 이하의 정수`,
    en: `a whole number from ${least} to ${most}`,
  });
const oneOf = <const V extends readonly string[]>(values: V) =>
  field(z.enum(values), { ko: `다음 가운데 하나: ${values.join(', ')}`, en: `one of ${values.join(', ')}` });

/** A variable's schema with the words for what it may be. */
function field<S extends z.ZodType>(schema: S, allowed: Localized) {
  return { schema, allowed };
}

const FIELDS = {
  LOG_LEVEL: oneOf(LOG_LEVELS),
  MODELS_DIR: field(z.string(), { ko: '폴더 경로', en: 'the path of a folder' }),
  DEFAULT_MODEL: field(z.string().regex(/^[^./\\][^/\\]*$/), {
    ko: 'MODELS_DIR 안의 모델 이름 (.safetensors 없이)',
    en: 'the name of a model in MODELS_DIR, without .safetensors',
  }),
  THREADS: whole(1, 256),
  ENGINE: oneOf(['wasm', 'tensorflow']),
  LOCALE: oneOf(LOCALES),
  MAX_LENGTH: whole(20, 100_000),
  MAX_TRAINING_MB: whole(1, 1024),
  RATE_LIMIT_USER: whole(1, 10_000),
  RATE_LIMIT_PLACE: whole(1, 100_000),
  SAMPLING_SLOTS: whole(1, 256),
};

type Variable = keyof typeof FIELDS;
type Values = { [V in Variable]?: z.output<(typeof FIELDS)[V]['schema']> };

/** Reads the environment. Throws a `UserError` that lists all variables which cannot be used. */
export function readConfig(environment: NodeJS.ProcessEnv = loadEnvironment()): Config {
  const values = check(environment);
  return {
    logLevel: values.LOG_LEVEL,
    modelsDir: path.resolve(values.MODELS_DIR ?? MODELS_DIR),
    defaultModel: values.DEFAULT_MODEL?.normalize('NFC'),
    threads: values.THREADS,
    engine: values.ENGINE,
    locale: values.LOCALE ?? systemLocale(environment),
    limits: {
      maxLength: values.MAX_LENGTH ?? 1000,
      maxTrainingBytes: (values.MAX_TRAINING_MB ?? 16) * MEGABYTE,
    },
    rateLimits: { perUser: values.RATE_LIMIT_USER ?? 10, perPlace: values.RATE_LIMIT_PLACE ?? 60 },
    samplingSlots: values.SAMPLING_SLOTS ?? 16,
  };
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
  const faults: { variable: string; allowed: Localized }[] = [];
  for (const [variable, { schema, allowed }] of Object.entries(FIELDS)) {
    const text = environment[variable]?.trim();
    if (!text) continue;
    const result = schema.safeParse(text);
    if (result.success) values[variable] = result.data;
    else faults.push({ variable, allowed });
  }
  if (faults.length > 0) throw new UserError('configFaults', { faults });
  return values as Values;
}

/** Korean unless the system is set to English. */
function systemLocale({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): Locale {
  return (LC_ALL || LC_MESSAGES || LANG || '').toLowerCase().startsWith('en') ? 'en' : 'ko';
}
