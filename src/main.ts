/**
 * The composition root: configuration, models, platforms, signals. What the first lyric does not need is
 * imported when it is needed, so that a start takes a fraction of a second.
 */

import path from 'node:path';
import type { Services } from './commands/command.ts';
import { createCommands } from './commands/index.ts';
import { JobMessages } from './commands/job-messages.ts';
import { OpenMessages } from './commands/open-messages.ts';
import { type Config, engineOrder, localeOf, readConfig } from './config.ts';
import { UserError } from './errors.ts';
import { createLog, type Log } from './log.ts';
import { Dispatcher } from './platforms/dispatch.ts';
import type { Platform, PlatformHost } from './platforms/platform.ts';
import { Terminal } from './platforms/terminal.ts';
import { Models } from './sampling/models.ts';
import { Kept } from './store/kept.ts';
import { Library } from './store/library.ts';
import { Privacy } from './store/privacy.ts';
import { Publisher } from './store/publisher.ts';
import { Settings } from './store/settings.ts';
import { TrainingJobs } from './training/jobs.ts';

/** How long lyrics may go on when the process is told to end. */
const GRACE_MS = 7000;
/** When the process is gone in any case: what runs it kills it soon afterwards. */
const DEADLINE_MS = 10_000;
/** How long buttons work, and lyrics can be gone on with. */
const KEPT_MS = 24 * 3_600_000;
/** Texts of the greatest length that wait for an answer at most, all places together. */
const MOST_DRAFTS = 16;

async function main(): Promise<void> {
  const config = readConfig();
  const chats = await createChats(config);
  const platforms = chats.length > 0 ? chats : [createTerminal(config)];
  // In a terminal the log stands between a person's lines: only what matters.
  const level = config.logLevel ?? (chats.length > 0 ? 'info' : 'warn');
  const log = createLog({ level, pretty: process.stderr.isTTY });
  const services = await createServices(config, log);
  const dispatcher = new Dispatcher({ services, log, rateLimits: config.rateLimits });
  const leave = onceLeaving(async () => {
    const answered = dispatcher.close(GRACE_MS);
    await services.jobMessages.close();
    await Promise.all([answered, services.training.close()]);
    await Promise.all(platforms.map((platform) => platform.stop()));
    await services.models.close();
  }, log);
  process.on('SIGTERM', () => leave(0));
  process.on('SIGINT', () => leave(0));
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'an error that nobody caught');
    leave(1);
  });
  const host: PlatformHost = { dispatcher, services, log, leave };
  for (const platform of platforms) await platform.start(host);
  log.info({ platforms: platforms.map(({ name }) => name) }, 'started');
  services.training
    .wake()
    .then(() => services.jobMessages.resume())
    .catch((error: unknown) => log.error({ err: error }, 'training jobs cannot be gone on with'));
}

/** The chats whose tokens are set. */
async function createChats({ discord, slack }: Config): Promise<Platform[]> {
  const chats: Platform[] = [];
  if (discord) {
    const { Discord } = await import('./platforms/discord.ts');
    chats.push(new Discord(discord));
  }
  if (slack) {
    const { Slack } = await import('./platforms/slack.ts');
    chats.push(new Slack(slack));
  }
  return chats;
}

const createTerminal = ({ locale, varDir }: Config): Platform =>
  new Terminal(
    { input: process.stdin, output: process.stdout, errors: process.stderr },
    locale,
    path.join(varDir, 'files'),
  );

async function createServices(config: Config, log: Log): Promise<Services> {
  const order = engineOrder(config);
  const choose = async () => {
    const { chooseEngine, explainWhy } = await import('./engine/index.ts');
    const chosen = await chooseEngine(order);
    const { name, report } = chosen.engine;
    log.info({ engine: name, ...report, why: explainWhy(chosen.why), other: chosen.other }, 'engine');
    return chosen;
  };
  let chosen: ReturnType<typeof choose> | undefined;
  const engine = () => {
    chosen ??= choose().catch((error: unknown) => {
      chosen = undefined;
      throw error;
    });
    return chosen;
  };
  const settings = await Settings.open(path.join(config.varDir, 'settings.json'));
  const library = new Library({ folder: config.modelsDir, defaultName: config.defaultModel, settings });
  const publisher = new Publisher({ library, settings, quota: config.quota });
  const training = new TrainingJobs({
    folder: config.varDir,
    maxBytes: config.limits.maxTrainingBytes,
    mostPerPlace: config.mostTrainings,
    engine: order,
    publisher,
    log,
  });
  const messages = new OpenMessages();
  return {
    models: new Models({
      library,
      engine: async () => (await engine()).engine,
      slots: config.samplingSlots,
      onFault: (model, error) =>
        log.warn({ model, err: error }, 'a changed checkpoint was not loaded, or an earlier one not freed'),
    }),
    publisher,
    training,
    jobMessages: new JobMessages({ jobs: training, messages, log }),
    fineTuning: config.fineTuning,
    engine,
    commands: createCommands(config.limits),
    kept: new Kept({ folder: path.join(config.varDir, 'kept'), lifetimeMs: KEPT_MS }),
    drafts: new Kept({
      folder: path.join(config.varDir, 'drafts'),
      lifetimeMs: KEPT_MS,
      mostBytes: MOST_DRAFTS * config.limits.maxTrainingBytes,
    }),
    settings,
    privacy: await Privacy.open(path.join(config.varDir, 'privacy.json')),
    messages,
    limits: config.limits,
    owners: new Set(config.owners),
    startedAt: Date.now(),
  };
}

/** Ends the process: once, in order, and in any case. */
function onceLeaving(close: () => Promise<void>, log: Log): (exitCode: number) => void {
  let leaving = false;
  const exit = () => process.exit();
  return (exitCode) => {
    process.exitCode ||= exitCode;
    if (leaving) return;
    leaving = true;
    setTimeout(exit, DEADLINE_MS).unref();
    close()
      .catch((error: unknown) => {
        log.error({ err: error }, 'closing failed');
        process.exitCode = 1;
      })
      .finally(exit);
  };
}

main().catch((error: unknown) => {
  const text = error instanceof UserError ? error.text(localeOf()) : String((error as Error)?.stack ?? error);
  process.stderr.write(`${text}\n`, () => process.exit(1));
});
