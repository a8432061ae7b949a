/**
 * The command contract. A command is one file that says what it is called, what it takes and what it does.
 * Help text, completion, the text parser, registration with Discord and Slack's manifest are derived from it.
 * A command never sees a platform: it answers through `Reply`.
 */
import type { ChosenEngine } from '../engine/index.ts';
import type { Models } from '../sampling/models.ts';
import type { Kept } from '../store/kept.ts';
import type { Place } from '../store/places.ts';
import type { Privacy } from '../store/privacy.ts';
import type { Publisher } from '../store/publisher.ts';
import type { Settings } from '../store/settings.ts';
import type { Locale, Localized } from '../strings/index.ts';
import type { TrainingJobs } from '../training/jobs.ts';
import type { ReadHistory } from './history.ts';
import type { JobMessages } from './job-messages.ts';
import type { Reply } from './message.ts';
import type { OpenMessages } from './open-messages.ts';
import type { Options, OptionValues } from './option.ts';

/** What commands work with; made once by the composition root. */
export interface Services {
  readonly models: Models;
  /** Changes which models there are. */
  readonly publisher: Publisher;
  readonly training: TrainingJobs;
  readonly jobMessages: JobMessages;
  readonly fineTuning: FineTuning;
  /** What sings, chosen when it is first asked for. */
  engine(): Promise<ChosenEngine>;
  readonly commands: readonly Command[];
  /** What outlives the process for a while: what buttons stand for. */
  readonly kept: Kept;
  /** Trainings that are asked about, each with its text: much larger, so that they do not push out the others. */
  readonly drafts: Kept;
  readonly settings: Settings;
  readonly privacy: Privacy;
  /** Messages of jobs, which outlive the process that posted them. */
  readonly messages: OpenMessages;
  readonly limits: Limits;
  /** Ids of those whose bot it is: people in any chat. */
  readonly owners: ReadonlySet<string>;
  /** When the process started, by `Date.now()`. */
  readonly startedAt: number;
}

/** How the owner wants models to be gone on from. */
export interface FineTuning {
  /** A text of which a share is replayed, so that it is not forgotten; it need not be there. */
  readonly replayData: string;
  readonly replay: number;
  /** Nats a character that the loss on it may rise by. */
  readonly maxBaseLossIncrease: number;
  /** Validations in a row without gain after which a training ends; 0 for never. */
  readonly patience: number;
}

export interface Limits {
  /** Characters of one lyric, at most. */
  readonly maxLength: number;
  /** Bytes of a training text, at most. */
  readonly maxTrainingBytes: number;
}

export type { Place };

export interface CommandContext {
  readonly services: Services;
  readonly place: Place;
  /** The person's id. */
  readonly user: string;
  /** Of the answer: the place's, where its admins have chosen one, else the person's. */
  readonly locale: Locale;
  readonly reply: Reply;
  /** Aborted when the person cancels or the process leaves: a lyric ends where it is. */
  readonly signal: AbortSignal;
  /** Lets work go on after `run` has ended: a failure is logged, a leaving process waits for it. */
  inBackground(work: Promise<void>): void;
  /** Reads the conversation's last messages. Rejects with a `UserError` where that is not possible or allowed. */
  readonly readHistory: ReadHistory;
  /** An error in this person's words; one that is not meant for people is logged, and gets an id. */
  explain(error: unknown): string;
}

export interface Command<O extends Options = Options> {
  /** Lower-case ASCII. */
  readonly name: string;
  /** Hangul. */
  readonly koreanName: string;
  readonly description: Localized;
  readonly options: O;
  /** For admins alone: checked on every call. */
  readonly admin: boolean;
  /** Answered to the asker alone, where a platform can: what the others there need not read. */
  readonly private?: true;
  /** Answers through `context.reply`. Throws a `UserError` for what the person can change. */
  run(context: CommandContext, options: OptionValues<O>): Promise<void>;
}

/** Infers the options' types for `run`. */
export const defineCommand = <const O extends Options>(command: Command<O>): Command => command as Command;

/** The command of that name, Korean or English, in any case and Unicode form. */
export function findCommand(commands: readonly Command[], name: string): Command | undefined {
  const wanted = name.normalize('NFKC').toLowerCase();
  return commands.find((command) => command.name === wanted || command.koreanName === wanted);
}

/** The command that a mistyped name probably means: one that begins alike. */
export function nearestCommand(commands: readonly Command[], name: string): Command | undefined {
  const beginning = name.normalize('NFKC').toLowerCase().slice(0, 2);
  if (beginning.length < 2) return undefined;
  return commands.find(
    (command) => command.name.startsWith(beginning) || command.koreanName.startsWith(beginning),
  );
}
