/** Runs what was asked for, one figure after the other. */
import { BRISK_PACE, type Pace, QUICK_PACE, USUAL_PACE } from './compare.ts';
import { type Entrant, ourEntrant, pytorchEntrants, tensorflowEntrant, tfjsEntrant } from './entrants.ts';
import { type Figure, type Lists, measure, type Row } from './figure.ts';
import { findText, TEXT_PLACES } from './learning-text.ts';
import { describeMachine, type Machine, systemLoad } from './machine.ts';
import type { BenchOptions } from './options.ts';
import { measureStart, type StartFigures } from './start.ts';
import { measureTimeToLoss, type TimeToLoss } from './time-to-loss.ts';
import { describeShape, LYRIC_LENGTH, type Shape, samplingWork, trainingWork, variantsOf } from './work.ts';

export interface BenchResult {
  readonly machine: Machine;
  /** Figures of a quick run are not to be trusted. */
  readonly quick: boolean;
  readonly repeats: number;
  readonly shape: Shape;
  readonly figures: readonly Figure[];
  readonly start: StartFigures | null;
  readonly time_to_loss: TimeToLoss | Skipped | null;
}

/** What could not be measured at all, and for want of what. */
export interface Skipped {
  /** Files that were looked for. */
  readonly skipped: readonly string[];
}

/** Lyrics at once, of the two figures of sampling. */
const COMPANIES = [1, 16] as const;
const QUICK_LENGTH = 20;
const EVALUATIONS_AN_EPOCH = { usual: 4, quick: 16 } as const;
/** Lyrics of a turn beside a training: enough for a 95th percentile of four turns. */
const BESIDE = { lyrics: 40, quick: 3 } as const;

/** @param tell hears what is being measured. */
export async function runBench(options: BenchOptions, tell: (title: string) => void): Promise<BenchResult> {
  const before = systemLoad();
  const usual = options.matrix ? BRISK_PACE : USUAL_PACE;
  const base: Pace = options.quick ? QUICK_PACE : usual;
  const pace: Pace = { ...base, repeats: options.repeats ?? base.repeats };
  const length = options.quick ? QUICK_LENGTH : LYRIC_LENGTH;
  const figures: Figure[] = [];
  const add = async (title: string, work: Parameters<typeof measure>[0]['work'], lists: Lists) => {
    tell(title);
    const figure = await measure({ title, work }, lists, pace);
    figures.push(figure);
    return figure;
  };
  const train = (shape: Shape) =>
    add(`training, ${describeShape(shape)}`, trainingWork(shape), trainers(options));

  if (options.sections.includes('training')) {
    for (const shape of options.matrix ? variantsOf(options.shape) : [options.shape]) await train(shape);
  }
  if (options.sections.includes('sampling')) {
    for (const lyrics of COMPANIES) {
      const network = describeNetwork(options.shape);
      const title = `sampling, ${network}, ${lyrics} x ${length} characters`;
      await add(title, samplingWork(options.shape, { lyrics, length }), samplers(options));
    }
  }
  let start: StartFigures | null = null;
  if (options.sections.includes('start')) {
    const training = figures.find(({ figure }) => figure === 'training') ?? (await train(options.shape));
    tell('start, memory, lyrics beside a training');
    start = await measureStart({
      shape: options.shape,
      model: options.model,
      threads: mostThreads(options),
      length,
      repeats: pace.repeats,
      lyrics: options.quick ? BESIDE.quick : BESIDE.lyrics,
      entrant: ourEntrant('sampler', {}),
      training,
    });
  }
  const learnt = options.sections.includes('timeToLoss') ? await timeToLoss(options, pace, tell) : null;
  const speeds = [...kernelSpeeds(figures), ...(learnt && 'rows' in learnt ? kernelSpeeds([learnt]) : [])];
  return {
    machine: describeMachine(before, options.build, speeds),
    quick: options.quick,
    repeats: pace.repeats,
    shape: options.shape,
    figures,
    start,
    time_to_loss: learnt,
  };
}

/** Ours at the most threads and the fastest PyTorch; without a text it is skipped. */
async function timeToLoss(
  options: BenchOptions,
  pace: Pace,
  tell: (title: string) => void,
): Promise<TimeToLoss | Skipped> {
  const { settings, loss, dataDir } = options.timeToLoss;
  const file = await findText(dataDir);
  if (file === undefined) return { skipped: TEXT_PLACES };
  const evaluationsPerEpoch = EVALUATIONS_AN_EPOCH[options.quick ? 'quick' : 'usual'];
  const lists = { ...trainers({ ...options, threads: [mostThreads(options)] }), peers: [] };
  return measureTimeToLoss({ settings, file, loss, evaluationsPerEpoch, pace }, lists, tell);
}

export const kernelSpeeds = (figures: readonly { rows: readonly Pick<Row, 'kernel_gigaflops'>[] }[]) =>
  figures.flatMap(({ rows }) => rows.flatMap(({ kernel_gigaflops }) => kernel_gigaflops ?? []));

const describeNetwork = (shape: Shape): string => describeShape(shape).split(', batch')[0]!;

const mostThreads = ({ threads }: BenchOptions): number => Math.max(...threads);

const peersOf = (options: BenchOptions): Pick<Lists, 'peers' | 'pytorch'> => ({
  peers: [
    ...(options.peers.includes('tensorflow') ? [tensorflowEntrant(mostThreads(options))] : []),
    ...(options.peers.includes('tfjs') ? [tfjsEntrant] : []),
  ],
  pytorch: options.peers.includes('pytorch') ? pytorchEntrants(options.pythons, mostThreads(options)) : [],
});

export function trainers(options: BenchOptions): Lists {
  const { build } = options;
  const ours: Entrant[] = options.threads.map((threads) =>
    ourEntrant(`wasm, ${threads} ${threads === 1 ? 'thread' : 'threads'}`, { threads, build }),
  );
  return { ours, ...peersOf(options) };
}

function samplers(options: BenchOptions): Lists {
  const ours = (['float32', 'int8'] as const).map((precision) =>
    ourEntrant(`wasm, ${precision}`, { precision }),
  );
  return { ours, ...peersOf(options) };
}
