import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readConfig } from '../src/config.ts';
import { BUILD_NAMES } from '../src/engine/choice.ts';
import { UserError } from '../src/errors.ts';
import { MODELS_DIR, ROOT } from '../src/paths.ts';

const BAD = {
  LOG_LEVEL: 'secret-1',
  DEFAULT_MODEL: '../secret-2',
  THREADS: '0',
  ENGINE: 'secret-3',
  KERNELS: 'secret-15',
  LOCALE: 'secret-4',
  MAX_LENGTH: '19',
  MAX_TRAINING_MB: '-1',
  REPLAY: '1',
  MAX_BASE_LOSS_INCREASE: '-0.1',
  PATIENCE: '-2',
  MAX_MODEL_MB: '0',
  PLACE_MODELS: '-1',
  PLACE_MODELS_MB: 'secret-16',
  PLACE_TRAININGS: '0',
  OWNERS: '123456789012345678 secret-17',
  RATE_LIMIT_USER: '1.5',
  RATE_LIMIT_PLACE: 'secret-5',
  SAMPLING_SLOTS: '1e9',
  DISCORD_TOKEN: 'secret 6',
  DISCORD_APPLICATION_ID: 'secret-7',
  DISCORD_GUILD_ID: '12',
  DISCORD_ADMIN_ROLES: '123456789012345678,secret-8',
  DISCORD_API_URL: 'ftp://secret-9',
  SHARDS: '0',
  DISCORD_MESSAGE_CONTENT: 'secret-16',
  SLACK_BOT_TOKEN: 'secret 10',
  SLACK_APP_TOKEN: 'secret 11',
  SLACK_SIGNING_SECRET: 'secret-12',
  SLACK_PORT: '0',
  SLACK_ADMINS: '@secret-13',
  SLACK_API_URL: 'ftp://secret-14',
};

describe('configuration', () => {
  it('needs nothing', () => {
    const config = readConfig({});
    assert.equal(config.modelsDir, MODELS_DIR);
    assert.equal(config.locale, 'ko');
    assert.equal(config.engine, undefined);
  });

  it('takes the names of all builds of the kernels, and no other', () => {
    for (const KERNELS of BUILD_NAMES) assert.equal(readConfig({ KERNELS }).kernels, KERNELS);
    assert.throws(
      () => readConfig({ KERNELS: 'relaxed32' }),
      (error: Error) => BUILD_NAMES.every((name) => error.message.includes(name)),
    );
  });

  it('takes every variable', () => {
    const config = readConfig({
      LOG_LEVEL: 'debug',
      MODELS_DIR: '/models',
      VAR_DIR: '/var/bot',
      DEFAULT_MODEL: 'blue',
      THREADS: '3',
      ENGINE: 'wasm',
      KERNELS: 'simd16',
      LOCALE: ' en ',
      MAX_LENGTH: '500',
      MAX_TRAINING_MB: '2',
      REPLAY_DATA: '/data/base.txt',
      REPLAY: '.25',
      MAX_BASE_LOSS_INCREASE: '0.1',
      PATIENCE: '3',
      MAX_MODEL_MB: '3',
      PLACE_MODELS: '4',
      PLACE_MODELS_MB: '5',
      PLACE_TRAININGS: '6',
      OWNERS: '123456789012345678, U012AB',
      RATE_LIMIT_USER: '5',
      RATE_LIMIT_PLACE: '6',
      SAMPLING_SLOTS: '8',
      DISCORD_TOKEN: 'Bot a.b-c_d',
      DISCORD_APPLICATION_ID: '123456789012345678',
      DISCORD_GUILD_ID: '123456789012345679',
      DISCORD_ADMIN_ROLES: '123456789012345678, 123456789012345679',
      DISCORD_API_URL: 'http://127.0.0.1:5000/api/',
      SHARDS: '3',
      DISCORD_MESSAGE_CONTENT: 'true',
    });
    assert.deepEqual(config, {
      logLevel: 'debug',
      modelsDir: path.resolve('/models'),
      varDir: path.resolve('/var/bot'),
      defaultModel: 'blue',
      threads: 3,
      engine: 'wasm',
      kernels: 'simd16',
      locale: 'en',
      limits: { maxLength: 500, maxTrainingBytes: 2 * 1024 * 1024 },
      mostTrainings: 6,
      quota: { models: 4, bytes: 5 * 1024 * 1024, fileBytes: 3 * 1024 * 1024 },
      owners: ['123456789012345678', 'U012AB'],
      fineTuning: {
        replayData: path.resolve('/data/base.txt'),
        replay: 0.25,
        maxBaseLossIncrease: 0.1,
        patience: 3,
      },
      rateLimits: { perUser: 5, perPlace: 6 },
      samplingSlots: 8,
      discord: {
        token: 'a.b-c_d',
        applicationId: '123456789012345678',
        guildId: '123456789012345679',
        adminRoles: ['123456789012345678', '123456789012345679'],
        apiUrl: 'http://127.0.0.1:5000/api',
        shards: 3,
        messageContent: true,
      },
      slack: undefined,
    });
  });

  it('takes an empty variable for one that is not set', () => {
    assert.deepEqual(
      readConfig(Object.fromEntries(Object.keys(BAD).map((name) => [name, ' ']))),
      readConfig({}),
    );
  });

  it('reports every fault at once, by name, without values', () => {
    assert.throws(
      () => readConfig(BAD),
      (error) => {
        assert.ok(error instanceof UserError);
        for (const text of [error.text('ko'), error.text('en')]) {
          for (const name of Object.keys(BAD)) assert.ok(text.includes(name), name);
          assert.doesNotMatch(text, /secret[ -]\d/);
        }
        return true;
      },
    );
  });

  it('refuses a file where a folder should be', () => {
    const file = path.join(ROOT, 'package.json');
    assert.throws(() => readConfig({ MODELS_DIR: file }), /MODELS_DIR/);
    assert.equal(readConfig({ MODELS_DIR: `${file}.not-there` }).modelsDir, `${file}.not-there`);
  });

  it('speaks English where the system does', () => {
    assert.equal(readConfig({ LANG: 'en_US.UTF-8' }).locale, 'en');
    assert.equal(readConfig({ LANG: 'en_US.UTF-8', LC_ALL: 'ko_KR.UTF-8' }).locale, 'ko');
    assert.equal(readConfig({ LANG: 'C.UTF-8' }).locale, 'ko');
  });

  it('is documented whole in .env.example, with defaults that are taken', () => {
    const example = readFileSync(path.join(ROOT, '.env.example'), 'utf8');
    const documented = Object.fromEntries(
      example.split('\n').flatMap((line) => {
        const [, name, value] = /^#?([A-Z][A-Z_]+)=(.*)$/.exec(line) ?? [];
        return name === undefined ? [] : [[name, value]];
      }),
    );
    assert.deepEqual(
      Object.keys(documented).sort(),
      [...Object.keys(BAD), 'MODELS_DIR', 'REPLAY_DATA', 'VAR_DIR'].sort(),
    );
    const { threads: _, logLevel: __, ...given } = readConfig(documented);
    const { threads: ___, logLevel: ____, ...defaults } = readConfig({});
    const examples = { defaultModel: 'ballad', engine: 'wasm', kernels: 'relaxed16' };
    const owners = ['123456789012345678', 'U0123456789'];
    assert.deepEqual(given, { ...defaults, ...examples, owners });
  });
});
