/** How long a text takes to be learnt to a loss: ours and PyTorch in turns, from one evaluation to the next. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCorpus } from '../../src/training/corpus.ts';
import type { TrainSettings } from '../../src/training/settings.ts';
import type { Pace } from './compare.ts';
import type { Ready } from './entrants.ts';
import { Absent, enterEach, type Lists } from './figure.ts';
import { Learner, type Learnt } from './learner.ts';
import { type Learning, learningWork } from './learning-work.ts';
import { pairRatio, type Ratio } from './statistics.ts';
import type { Trial } from './trial.ts';
import { describeShape } from './work.ts';

export interface TimeToLossOptions {
  readonly settings: TrainSettings;
  /** The text. */
  readonly file: string;
  /** Nats per character of the validation part. */
  readonly loss: number;
  /** For a text of some thousand steps an epoch few are enough to find the moment; a small one needs more. */
  readonly evaluationsPerEpoch: number;
  /** Of the trial of PyTorch's settings; its pause stands before each turn too. */
  readonly pace: Pace;
}

export interface TimeRatio {
  readonly ours: string;
  readonly peer: string;
  /** The peer's seconds to the loss over ours; null where one did not reach it. */
  readonly time: number | null;
  /** Of steps measured next to one another: what of `time` is speed and not luck with dropout. */
  readonly speed: Ratio;
}

export interface TimeToLoss {
  readonly title: string;
  readonly loss: number;
  /** Of the schedule. */
  readonly epochs: number;
  readonly steps_per_epoch: number;
  /** Predicted in an epoch, and in an evaluation. */
  readonly characters: { readonly train: number; readonly val: number };
  readonly settings: TrainSettings;
  readonly rows: readonly Learnt[];
  readonly ratios: readonly TimeRatio[];
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
  readonly trials: readonly Trial[];
}

/**
 * A peer that fails is listed with the reason. Throws a `UserError` where the text or the settings do not fit.
 * @param tell hears who is missing, and how far it is once an epoch.
 */
export async function measureTimeToLoss(
  options: TimeToLossOptions,
  lists: Lists,
  tell: (title: string) => void,
): Promise<TimeToLoss> {
  const { settings, loss, pace } = options;
  const { name, text } = await readCorpus({ file: options.file });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bench-learning-'));
  const absent = new Absent();
  const readies: Ready[] = [];
  try {
    const learning = await learningWork(text, settings, folder);
    const title = describeLearning(learning, settings, loss, name);
    tell(title);
    const trials = await enterEach(learning.work, lists, pace, { readies, absent });
    for (const { name: peer, reason } of absent.list) tell(`without ${peer}: ${reason}`); // before an hour is spent
    const learners = readies.map((ready) => new Learner(ready, learning, loss));
    const left = await learnInTurns(learners, options, { learning, absent, tell });
    return {
      title,
      loss,
      epochs: settings.maxEpochs,
      steps_per_epoch: learning.stepsPerEpoch,
      characters: learning.characters,
      settings,
      rows: await Promise.all(left.map((learner) => learner.result())),
      ratios: ratiosOf(left),
      missing: absent.list,
      trials,
    };
  } finally {
    await Promise.all(readies.map(({ contender }) => contender.close()));
    await rm(folder, { recursive: true });
  }
}

function describeLearning({ work }: Learning, settings: TrainSettings, loss: number, name: string): string {
  const network = describeShape({ ...work.spec, batchSize: work.batchSize, seqLength: work.seqLength });
  return `time to ${loss} nats, ${network}, ${settings.maxEpochs} epochs of ${name}`;
}

/** Whoever has reached the loss waits for the others. Returns those who have not failed. */
async function learnInTurns(
  learners: readonly Learner[],
  { evaluationsPerEpoch, pace }: TimeToLossOptions,
  { learning, absent, tell }: { learning: Learning; absent: Absent; tell: (title: string) => void },
): Promise<Learner[]> {
  const { steps, stepsPerEpoch } = learning;
  const every = Math.max(1, Math.round(stepsPerEpoch / evaluationsPerEpoch));
  let left = [...learners];
  for (let from = 0, to = 0; ; from = to, to = Math.min(steps, to + every)) {
    const able: Learner[] = [];
    for (const learner of left) {
      if (!learner.isThrough) await sleep(pace.pauseMs);
      const turn = learner.isThrough ? Promise.resolve(true) : learner.learn(to - from);
      if (await absent.unless(learner.ready.entrant, turn)) able.push(learner);
    }
    left = able;
    if (Math.floor(to / stepsPerEpoch) > Math.floor(from / stepsPerEpoch)) {
      const losses = left.map(({ ready, last }) => `${ready.entrant.name} ${last.loss.toFixed(3)}`);
      tell(`${(to / stepsPerEpoch).toFixed(1)} / ${steps / stepsPerEpoch}: ${losses.join('; ')}`);
    }
    if (to === steps || left.every(({ isThrough }) => isThrough)) return left;
  }
}

function ratiosOf(learners: readonly Learner[]): TimeRatio[] {
  const peers = learners.filter(({ ready }) => !ready.entrant.ours);
  return learners
    .filter(({ ready }) => ready.entrant.ours)
    .flatMap((ours) =>
      peers.map((peer) => {
        const common = Math.min(ours.turns.length, peer.turns.length);
        const [time, peerTime] = [ours.reached?.seconds, peer.reached?.seconds];
        return {
          ours: ours.ready.entrant.name,
          peer: peer.ready.entrant.name,
          time: time === undefined || peerTime === undefined ? null : peerTime / time,
          speed: pairRatio(peer.turns.slice(0, common), ours.turns.slice(0, common)),
        };
      }),
    );
}
