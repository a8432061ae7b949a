/** Real services on a folder of checkpoints, for tests in this process. */
import path from 'node:path';
import type { Services } from '../../src/commands/command.ts';
import { createCommands } from '../../src/commands/index.ts';
import { JobMessages } from '../../src/commands/job-messages.ts';
import { OpenMessages } from '../../src/commands/open-messages.ts';
import { chooseEngine } from '../../src/engine/index.ts';
import type { Log } from '../../src/log.ts';
import { Dispatcher } from '../../src/platforms/dispatch.ts';
import { Models } from '../../src/sampling/models.ts';
import { Kept } from '../../src/store/kept.ts';
import { Library } from '../../src/store/library.ts';
import { Privacy } from '../../src/store/privacy.ts';
import { Publisher } from '../../src/store/publisher.ts';
import { Settings } from '../../src/store/settings.ts';
import { TrainingJobs } from '../../src/training/jobs.ts';
import { temporaryFolder, writeCheckpoint } from './checkpoint.ts';
import { type Line, readableLog } from './log.ts';

export interface TestServices {
  readonly folder: string;
  readonly services: Services;
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  readonly logged: readonly Line[];
}

interface Context {
  after(clean: () => Promise<void>): void;
}

/** With one model, `ballad`. */
export async function createTestServices(context: Context): Promise<TestServices> {
  const folder = temporaryFolder(context);
  await writeCheckpoint(folder, 'ballad', { rnnSize: 32 });
  return openTestServices(context, folder);
}

/** In the place of `ballad`, one so large that a training of 1,000 epochs from it lasts minutes on any machine. */
export const writeLastingBase = (folder: string): Promise<string> =>
  writeCheckpoint(folder, 'ballad', { rnnSize: 256 });

/** Over a folder that is there, as after a restart of the process: the earlier services are closed by `closeServices`. */
export async function openTestServices(context: Context, folder: string): Promise<TestServices> {
  const { log, lines } = readableLog();
  const quota = { models: 5, bytes: 1_000_000, fileBytes: 500_000 };
  const limits = { maxLength: 5000, maxTrainingBytes: 100_000 };
  const settings = await Settings.open(path.join(folder, 'settings.json'));
  const library = new Library({ folder, settings });
  const publisher = new Publisher({ library, settings, quota });
  const engine = () => chooseEngine({ engine: 'wasm', threads: 1 });
  const training = new TrainingJobs({
    folder: path.join(folder, 'var'),
    maxBytes: limits.maxTrainingBytes,
    engine: { engine: 'wasm', threads: 1 },
    publisher,
    log,
  });
  const messages = new OpenMessages();
  const services: Services = {
    engine,
    models: new Models({
      library,
      engine: async () => (await engine()).engine,
      slots: 8,
      onFault: () => {},
    }),
    publisher,
    training,
    jobMessages: new JobMessages({ jobs: training, messages, log }),
    fineTuning: {
      replayData: path.join(folder, 'base.txt'),
      replay: 0.3,
      maxBaseLossIncrease: 0.05,
      patience: 0,
    },
    commands: createCommands(limits),
    kept: new Kept({ folder: path.join(folder, 'kept'), lifetimeMs: 3_600_000 }),
    drafts: new Kept({ folder: path.join(folder, 'drafts'), lifetimeMs: 3_600_000 }),
    settings,
    privacy: await Privacy.open(path.join(folder, 'privacy.json')),
    messages,
    limits,
    owners: new Set(['owner']),
    startedAt: Date.now(),
  };
  context.after(() => closeServices(services));
  const dispatcher = new Dispatcher({ services, log, rateLimits: { perUser: 1000, perPlace: 1000 } });
  return { folder, services, dispatcher, log, logged: lines };
}

export async function closeServices({ jobMessages, training, models }: Services): Promise<void> {
  await jobMessages.close();
  await training.close();
  await models.close();
}
