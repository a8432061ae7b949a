/** How speed and memory grow with one thing at a time. */
import type { BuildName } from '../../src/engine/wasm/builds.ts';
import { type Pace, warmUp } from './compare.ts';
import { type Entrant, enter, ourEntrant } from './entrants.ts';
import { type Figure, type Lists, measure } from './figure.ts';
import type { Outcome, Profile } from './protocol.ts';
import { median } from './statistics.ts';
import { describeShape, type Shape, samplingWork, trainingWork } from './work.ts';

export interface GrowthOptions {
  readonly shape: Shape;
  readonly threads: number;
  readonly build: BuildName | undefined;
  /** One setting of PyTorch, or none. */
  readonly pytorch: readonly Entrant[];
  readonly pace: Pace;
  /** Characters of a lyric. */
  readonly length: number;
}

/** A field of the shape that a table goes along. */
export type Axis = 'batchSize' | 'rnnSize' | 'vocabularySize';

/** Named by its threads. */
const trainer = ({ build }: GrowthOptions, threads: number): Entrant =>
  ourEntrant(String(threads), { threads, build });

/** Training with one field of the shape changed. */
export async function measureAxis(
  options: GrowthOptions,
  field: Axis,
  values: readonly number[],
  tell: (title: string) => void,
): Promise<{ shape: Shape; figure: Figure }[]> {
  const { threads, pytorch, pace } = options;
  const lists = { ours: [trainer(options, threads)], peers: [], pytorch };
  const points: { shape: Shape; figure: Figure }[] = [];
  for (const value of values) {
    const shape = { ...options.shape, [field]: value };
    tell(describeShape(shape));
    points.push({ shape, figure: await measureTraining(shape, lists, pace) });
  }
  return points;
}

const measureTraining = (shape: Shape, lists: Lists, pace: Pace): Promise<Figure> =>
  measure({ title: describeShape(shape), work: trainingWork(shape) }, lists, pace);

/** Training steps of that many seconds together, under the profiler. */
export async function profileTraining(options: GrowthOptions, seconds: number): Promise<Profile> {
  const { contender } = await enter(trainer(options, options.threads), trainingWork(options.shape));
  try {
    const { count } = await warmUp(contender, { ...options.pace, leastSeconds: seconds });
    return await contender.profile(count);
  } finally {
    await contender.close();
  }
}

export interface HeldPoint {
  readonly checkpoints: number;
  /** Of the sampling process; NaN outside Linux. */
  readonly resident_mb: number;
  /** A lyric, each of another checkpoint than the one before. */
  readonly lyric_ms: number;
}

export async function measureHeld(options: GrowthOptions, counts: readonly number[]): Promise<HeldPoint[]> {
  const points: HeldPoint[] = [];
  for (const checkpoints of counts) {
    const work = samplingWork(options.shape, { lyrics: 1, length: options.length, checkpoints });
    const { contender } = await enter(ourEntrant('held', {}), work);
    try {
      await contender.run(2 * checkpoints); // warm, and every network was used
      const seconds: number[] = [];
      for (let i = 0; i < Math.max(checkpoints, options.pace.repeats); i++) {
        seconds.push((await contender.run(1)).seconds);
      }
      const { resident } = await contender.memory();
      points.push({
        checkpoints,
        resident_mb: resident === null ? Number.NaN : resident / 1e6,
        lyric_ms: median(seconds) * 1000,
      });
    } finally {
      await contender.close();
    }
  }
  return points;
}

export interface QueuePoint {
  readonly requests: number;
  readonly chars_per_second: number;
  /** Milliseconds from the request to the end of the lyric. */
  readonly median_ms: number;
  readonly last_ms: number;
}

/** That many lyrics asked for at the same moment, of a sampler with the bot's number of slots. */
export async function measureQueue(options: GrowthOptions, counts: readonly number[]): Promise<QueuePoint[]> {
  const points: QueuePoint[] = [];
  for (const requests of counts) {
    const work = samplingWork(options.shape, { lyrics: requests, length: options.length });
    const { contender } = await enter(ourEntrant('queue', {}), work);
    try {
      await contender.run(1);
      const runs: Outcome[] = [];
      for (let i = 0; i < options.pace.repeats; i++) runs.push(await contender.run(1));
      const typical = (of: (seconds: readonly number[]) => number) =>
        1000 * median(runs.map(({ lyricSeconds }) => of(lyricSeconds!)));
      points.push({
        requests,
        chars_per_second: (requests * options.length) / median(runs.map(({ seconds }) => seconds)),
        median_ms: typical(median),
        last_ms: typical((seconds) => Math.max(...seconds)),
      });
    } finally {
      await contender.close();
    }
  }
  return points;
}
