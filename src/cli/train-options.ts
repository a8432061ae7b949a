/** From the command line of `npm run train` to a training job. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { type Config, engineOrder } from '../config.ts';
import { UserError } from '../errors.ts';
import { trainingStateFile } from '../store/training-state.ts';
import type { Localized } from '../strings/index.ts';
import { choice, flag, number, optionName, parseFields, whole } from '../training/fields.ts';
import type { TrainingJob } from '../training/job.ts';
import type { EngineOrder } from '../training/protocol.ts';
import { type Interrupted, readRun } from '../training/run-state.ts';
import {
  FINE_TUNING,
  NETWORK_SETTINGS,
  PRESET_NAMES,
  PRESETS,
  resolveSettings,
  SETTING_NAMES,
  type TrainSettings,
} from '../training/settings.ts';
import { parseArguments } from './arguments.ts';
import { dataOf } from './data.ts';
import { SCRIPT_DEFAULTS, TRAIN_SCRIPT } from './train-help.ts';

/** All options but the settings of the training. */
const scriptSchema = z.strictObject({
  preset: choice(PRESET_NAMES).optional(),
  dataDir: z.string().optional(),
  checkpointDir: z.string().optional(),
  savefile: z
    .string()
    .regex(/^[^/\\]+$/)
    .describe('a name without / and \\')
    .optional(),
  initFrom: z.string().optional(),
  replayData: z.string().optional(),
  resume: flag().optional(),
  dtype: choice(['float32', 'float16']).optional(),
  printEvery: whole(1, 1_000_000),
  saveEvery: number(z.number().min(0).max(86_400), '0 <= x <= 86400'),
  json: flag().optional(),
  threads: whole(1, 256).optional(),
  gpuid: whole(-1, 255).optional(),
});

type ScriptOptions = z.infer<typeof scriptSchema>;

export interface TrainOrder {
  readonly job: TrainingJob;
  readonly engine: EngineOrder;
  /** By `--gpuid`, whose absence leaves it to the machine. */
  readonly gpuWanted: boolean;
  readonly json: boolean;
  readonly printEvery: number;
}

/**
 * Reads a command line. With `--resume`, what is left out is taken from the run that is resumed. Throws a
 * `UserError` on what cannot be, commander's error after `--help`.
 */
export async function readTrainOptions(argv: readonly string[], config: Config): Promise<TrainOrder> {
  const given = parseArguments(TRAIN_SCRIPT, argv, config.locale);
  const isSetting = ([name]: [string, unknown]) => (SETTING_NAMES as readonly string[]).includes(name);
  const settingsGiven = Object.fromEntries(Object.entries(given).filter(isSetting));
  const script = parseFields(scriptSchema, {
    printEvery: SCRIPT_DEFAULTS.printEvery,
    saveEvery: SCRIPT_DEFAULTS.saveEvery,
    ...Object.fromEntries(Object.entries(given).filter((entry) => !isSetting(entry))),
  });
  if (script.initFrom !== undefined) assertNetworkNotGiven(settingsGiven);

  const folder = script.dataDir ?? SCRIPT_DEFAULTS.dataDir;
  const savefile = script.savefile ?? path.parse(path.resolve(folder)).name;
  const checkpoint = path.join(script.checkpointDir ?? config.modelsDir, `${savefile}.safetensors`);
  const earlier = script.resume ? await requireRun(checkpoint) : undefined;
  const base = earlier && !script.preset ? earlier.record.settings : presetOf(script, config);
  const settings = resolveSettings(settingsGiven, base);
  const data =
    earlier && script.dataDir === undefined
      ? { data: earlier.record.data, name: earlier.state.checkpoint.training.data }
      : await dataOf(folder);
  const replayData = replayDataOf(script, settings, data.data, earlier, config);
  const job: TrainingJob = {
    ...data,
    settings,
    checkpoint,
    dtype: script.dtype ?? earlier?.record.dtype ?? SCRIPT_DEFAULTS.dtype,
    initFrom: script.initFrom ? path.resolve(script.initFrom) : (earlier?.record.initFrom ?? null),
    ...(replayData !== undefined && { replayData }),
    resume: script.resume ? 'required' : 'never',
    maxBytes: config.limits.maxTrainingBytes,
    saveEvery: script.saveEvery,
  };
  return {
    job,
    engine: engineOf(script, earlier, config),
    gpuWanted: (script.gpuid ?? -1) >= 0,
    json: script.json ?? false,
    printEvery: script.printEvery,
  };
}

/** Going on from a checkpoint has defaults of its own, unless a preset was asked for. */
function presetOf({ preset, initFrom }: ScriptOptions, { fineTuning }: Config): TrainSettings {
  const { replay, maxBaseLossIncrease } = fineTuning;
  const settings = { ...PRESETS[preset ?? SCRIPT_DEFAULTS.preset], replay, maxBaseLossIncrease };
  return initFrom !== undefined && preset === undefined ? { ...settings, ...FINE_TUNING } : settings;
}

/** What a run replays: what it is told, else, going on from a checkpoint on another text, the configured base text. */
function replayDataOf(
  { initFrom, replayData }: ScriptOptions,
  { replay, split }: TrainSettings,
  data: string,
  earlier: Interrupted | undefined,
  { fineTuning }: Config,
): string | undefined {
  if (replayData !== undefined) return path.resolve(replayData);
  if (earlier) return earlier.record.replayData ?? undefined;
  const usual = fineTuning.replayData;
  const isWanted = initFrom !== undefined && replay > 0 && split === 'blocks' && data !== usual;
  return isWanted && existsSync(usual) ? usual : undefined;
}

/** A resumed run goes on with its engine, build and number of threads, so that it ends with the same bits. */
function engineOf(script: ScriptOptions, earlier: Interrupted | undefined, config: Config): EngineOrder {
  const { cacheFolder, ...configured } = engineOrder(config);
  const before = earlier?.record.choice ?? {
    ...configured,
    threads: configured.threads ?? availableParallelism(),
  };
  const { gpuid, threads } = script;
  return {
    ...before,
    cacheFolder,
    // char-rnn's meaning: -1 the CPU, 0 and up that GPU.
    ...(gpuid === -1 && { engine: 'wasm' as const }),
    ...(gpuid !== undefined &&
      gpuid >= 0 && { engine: before.engine === 'wasm' ? undefined : before.engine, gpu: gpuid }),
    ...(threads !== undefined && { threads }),
  };
}

function assertNetworkNotGiven(settingsGiven: Readonly<Record<string, unknown>>): void {
  const given = NETWORK_SETTINGS.filter((name) => name in settingsGiven).map(optionName);
  if (given.length > 0) throw new UserError('initFromNetwork', { options: given.join(', ') });
}

async function requireRun(checkpoint: string): Promise<Interrupted> {
  const earlier = await readRun(checkpoint);
  if (!earlier) throw new UserError('resumeNothing', { file: trainingStateFile(checkpoint) });
  return earlier;
}

/** How to go on with a job that was stopped. */
export function resumeCommand({ checkpoint }: TrainingJob): Localized {
  const { dir, name } = path.parse(checkpoint);
  const command = `npm run train -- --resume --checkpoint-dir ${quoted(dir || '.')} --savefile ${quoted(name)}`;
  return { ko: `이어서 하려면: ${command}`, en: `to go on: ${command}` };
}

const quoted = (word: string): string =>
  /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
