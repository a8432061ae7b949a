/** How long a lyric takes while a training job runs in its own process on the same cores, against idle. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../src/random.ts';
import { startTraining, type Training } from '../../src/training/host.ts';
import type { TrainingJob } from '../../src/training/job.ts';
import { resolveSettings } from '../../src/training/settings.ts';
import type { Contender } from './contender.ts';
import { type Entrant, enter } from './entrants.ts';
import { median, percentile } from './statistics.ts';
import { type Shape, samplingWork, vocabularyText } from './work.ts';

export interface LyricTimes {
  readonly lyrics: number;
  readonly median_ms: number;
  readonly p95_ms: number;
}

export interface BesideTraining {
  readonly idle: LyricTimes;
  readonly training: LyricTimes;
  /** 95th percentile beside a training over that of the idle machine. */
  readonly p95_ratio: number;
}

export interface BesideOptions {
  /** Samples; has its own process, as the bot has. */
  readonly entrant: Entrant;
  readonly shape: Shape;
  /** Of the training. */
  readonly threads: number;
  /** Characters of a lyric. */
  readonly length: number;
  /** Lyrics of each turn. */
  readonly lyrics: number;
  /** Idle and busy turns alternate. */
  readonly turns: number;
}

/** Milliseconds between lyrics, at most: people do not ask in step with the scheduler. */
const MOST_GAP = 100;
/** Of the text, for the training never to end in time. */
const STEPS_AN_EPOCH = 20;

export async function measureBesideTraining(options: BesideOptions): Promise<BesideTraining> {
  const { entrant, shape, length, lyrics, turns } = options;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bench-training-'));
  const { contender } = await enter(entrant, samplingWork(shape, { lyrics: 1, length }));
  const random = new Random(1);
  const idle: number[] = [];
  const busy: number[] = [];
  try {
    const job = await writeJob(folder, shape);
    await sing(contender, 5, random); // warm
    for (let turn = 0; turn < turns; turn++) {
      idle.push(...(await sing(contender, lyrics, random)));
      const training = startTraining(job, { engine: 'wasm', threads: options.threads });
      try {
        await firstStep(training);
        busy.push(...(await sing(contender, lyrics, random)));
      } finally {
        await training.cancel();
      }
    }
  } finally {
    await contender.close();
    await rm(folder, { recursive: true });
  }
  const [alone, beside] = [timesOf(idle), timesOf(busy)];
  return { idle: alone, training: beside, p95_ratio: beside.p95_ms / alone.p95_ms };
}

async function sing(contender: Contender, lyrics: number, random: Random): Promise<number[]> {
  const seconds: number[] = [];
  while (seconds.length < lyrics) {
    await sleep(random.uniform() * MOST_GAP);
    seconds.push((await contender.run(1)).seconds);
  }
  return seconds;
}

const timesOf = (seconds: readonly number[]): LyricTimes => ({
  lyrics: seconds.length,
  median_ms: median(seconds) * 1000,
  p95_ms: percentile(seconds, 0.95) * 1000,
});

/** Resolves when steps are being made; what comes later is read and dropped. Rejects where the training fails. */
async function firstStep(training: Training): Promise<void> {
  const events = training.events[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await events.next();
    if (done) throw new Error('the training ended at once');
    if (value.type === 'failed') throw value.error;
    if (value.type === 'step') break;
  }
  const drain = async (): Promise<void> => {
    while (!(await events.next()).done);
  };
  void drain();
}

async function writeJob(folder: string, shape: Shape): Promise<TrainingJob> {
  const random = new Random(2);
  const alphabet = [...vocabularyText(shape.vocabularySize)];
  const characters = Math.max(2 * alphabet.length, STEPS_AN_EPOCH * shape.batchSize * shape.seqLength);
  const text = Array.from(
    { length: characters },
    (_, i) => alphabet[i] ?? alphabet[random.below(alphabet.length)]!,
  );
  const data = path.join(folder, 'input.txt');
  await writeFile(data, text.join(''));
  const { cell, numLayers, rnnSize, embeddingSize, dropout, batchSize, seqLength } = shape;
  return {
    data,
    name: 'random',
    settings: resolveSettings({
      model: cell,
      numLayers,
      rnnSize,
      embeddingSize,
      dropout,
      batchSize,
      seqLength,
      split: 'streams',
      trainFrac: 1,
      valFrac: 0,
      maxEpochs: 100_000,
    }),
    checkpoint: path.join(folder, 'random.safetensors'),
    dtype: 'float32',
    initFrom: null,
    resume: 'never',
    maxBytes: 2 ** 30,
    saveEvery: 86_400,
  };
}
