/**
 * What a training job is to those who order, show and end one. Plain data and one interface; `jobs.ts`
 * carries it out. It knows places and people by their ids alone, and no chat.
 */
import type { UserError } from '../errors.ts';
import type { Decision, JobState } from '../store/jobs.ts';
import type { Place } from '../store/places.ts';
import type { Locale } from '../strings/index.ts';
import type { Losses } from './progress.ts';
import type { TrainSettings } from './settings.ts';
import type { Verdict } from './verdict.ts';

export { type Decision, JOB_STATES, type JobState } from '../store/jobs.ts';

export interface JobOrder {
  readonly place: Place;
  /** The person's id. */
  readonly user: string;
  /** Of the job's messages, also after a restart. */
  readonly locale: Locale;
  /** Name of the model to be. */
  readonly name: string;
  /** The text as it is trained on, already cleaned; the name is for people. */
  readonly text: { readonly name: string; readonly bytes: Uint8Array };
  /** Model to go on from, with its file, which is copied; null trains a new network. */
  readonly base: { readonly name: string; readonly file: string } | null;
  /** Text of which `settings.replay` is replayed (`replayData` of the child's job); null replays nothing. Copied. */
  readonly replayFile: string | null;
  /** Resolved: the same as the summary was made with. */
  readonly settings: TrainSettings;
  /** Estimated seconds of training, for the waiting times of others. */
  readonly estimatedSeconds?: number | undefined;
  /** Where its message is to be: on disk with the order, so that the next process shows it there in any case. */
  readonly message?: MessageRef | undefined;
}

/** How far a job is. Nothing of it is known before its first start. */
export interface JobProgress {
  /** Passes over the text: made, and in all. */
  readonly epoch: number;
  readonly epochs: number;
  /** 0 to 1. */
  readonly fraction: number;
  /** Nats per character: of the last batch, and the lowest on the validation part. */
  readonly loss?: number | undefined;
  readonly valLoss?: number | null | undefined;
  readonly charsPerSecond?: number | undefined;
  readonly secondsLeft?: number | undefined;
  /** Of the training part. */
  readonly characters?: number | undefined;
  readonly newCharacters?: number | undefined;
  /** Trainable numbers; bytes that the training holds. */
  readonly parameters?: number | undefined;
  readonly memory?: number | undefined;
  readonly engine?: string | undefined;
  /** The last verse that was sampled from it. */
  readonly sample?: JobSample | undefined;
}

export interface JobSample {
  readonly epoch: number;
  readonly text: string;
}

/** What a complete training came to. */
export interface JobOutcome {
  /** Null where nothing could be held out. */
  readonly losses: Losses | null;
  /** Whether it may become the default, and if not, why. */
  readonly verdict: Verdict;
  /** Pairs of one seed, of the network before and after; none for a new network. */
  readonly samples: readonly { readonly before: string; readonly after: string }[];
  readonly epochs: number;
  readonly seconds: number;
}

/** Where a job's message is, in the words of the platform that showed it. */
export type MessageRef = Readonly<Record<string, string>>;

/** `ahead`: jobs that come first, the one that runs among them; `seconds`: until its turn, where that can be told. */
export interface Waiting {
  readonly ahead: number;
  readonly seconds: number | undefined;
}

export interface JobView {
  readonly id: number;
  readonly place: Place;
  readonly user: string;
  readonly locale: Locale;
  /** Of the model to be, of the text, and of the model gone on from. */
  readonly name: string;
  readonly textName: string;
  readonly baseName: string | null;
  readonly state: JobState;
  /** Of a job in the queue. */
  readonly waiting: Waiting | null;
  /** Why it failed, or is paused though nobody asked. */
  readonly reason: UserError | null;
  readonly progress: JobProgress;
  /** Of a job that is `done`. */
  readonly outcome: JobOutcome | null;
  /** Of a job that is `done`; null awaits one. */
  readonly decision: Decision | null;
  /** As `remember` got it. */
  readonly message: MessageRef | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly endedAt: number | null;
}

/** Whether a job still takes its place's room, and the name of the model to be. */
export const isOpen = ({ state, decision }: Pick<JobView, 'state' | 'decision'>): boolean =>
  ['queued', 'running', 'paused'].includes(state) || (state === 'done' && decision === null);

/** One point of the loss curve; `loss` is the mean since the point before. */
export interface CurvePoint {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number | null;
  readonly valLoss: number | null;
  /** On the held-out part of the base text, where one is replayed. */
  readonly baseLoss?: number | null | undefined;
}

/** The jobs of all places: one runs, the others wait their turn. All of it is on disk before a call resolves. */
export interface Jobs {
  /** The one that runs now, in any place. */
  readonly current: JobView | undefined;

  /**
   * Takes an order. Throws a `UserError` where the place has too many waiting or one of that name (`jobNameTaken`), or
   * its files cannot be written.
   */
  add(order: JobOrder): Promise<JobView>;
  /** Throws `jobUnknown` unless it is of that place. */
  get(place: Place, id: number): Promise<JobView>;
  /** Newest first: those of a place, or of all. */
  list(place?: Place): Promise<readonly JobView[]>;
  /** The job that a command means which names none: the place's running one, else the only one that fits. Throws `jobNone`. */
  find(place: Place, states: readonly JobState[]): Promise<JobView>;

  /** Saves and stops; other jobs have their turn meanwhile. Throws `jobState` where that makes no sense now. */
  pause(place: Place, id: number): Promise<JobView>;
  /** Puts a paused job back into the queue; a failed one too, if it can go on and nothing has its name since. */
  resume(place: Place, id: number): Promise<JobView>;
  /** Ends a job for good and removes its files. */
  cancel(place: Place, id: number): Promise<JobView>;
  /** Decides what becomes of a `done` job's checkpoint. Throws `jobState` where it is decided, `jobVerdict` on publishing what did not get better. */
  settle(place: Place, id: number, decision: Decision): Promise<JobView>;

  /** Tells of every change (progress about five times a second) until the returned function is called. */
  watch(id: number, listener: (view: JobView) => void): () => void;
  /** Notes the message that shows the job, so that it can be edited on after a restart. */
  remember(id: number, message: MessageRef): Promise<void>;
  /** For the picture: thinned to some hundreds of points, kept over restarts. */
  curve(id: number): Promise<readonly CurvePoint[]>;
  /** One a epoch, oldest first. */
  samples(id: number): Promise<readonly JobSample[]>;
}
