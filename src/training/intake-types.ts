/**
 * What `intake(sources, options): Promise<Intake>` of `intake.ts` takes and says. Plain data: a summary can be written to disk beside its job.
 */
import type { NetworkSpec } from '../model/network.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import type { Encoding } from './encoding.ts';
import type { TrainSettings } from './settings.ts';

/** A file under the name that people gave it, or the messages of a chat, oldest first. */
export type IntakeSource =
  | { readonly name: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly messages: readonly string[] };

export interface IntakeOptions {
  /** Most bytes of all files together. */
  readonly maxBytes: number;
  /** What the training will be told: it decides what is held out, and how long it takes. */
  readonly settings: TrainSettings;
  /** The network to go on from (a checkpoint's header will do); null for a new one. */
  readonly base: { readonly spec: NetworkSpec; readonly vocabulary: Vocabulary } | null;
  /** Where a base text is replayed. */
  readonly replays: boolean;
  /** Characters a second that a training of such a network makes here; absent: no estimate. */
  readonly speedOf?: (spec: NetworkSpec) => {
    readonly charsPerSecond: number;
    readonly basis: EstimateBasis;
  };
}

/** Shares in [0, 1] of the letters; 1 together. */
export interface LanguageShare {
  readonly hangul: number;
  readonly latin: number;
  readonly other: number;
}

/** Where the speed that an estimate rests on comes from. */
export type EstimateBasis =
  /** Trainings of a network of this very shape on this machine. */
  | 'measured'
  /** Trainings of other networks on this machine, by the arithmetic that a character takes. */
  | 'scaled'
  /** None yet: a guess for a machine of as many cores. */
  | 'assumed';

export interface TimeEstimate {
  readonly seconds: number;
  readonly charsPerSecond: number;
  readonly basis: EstimateBasis;
}

/** What the losses before and after are measured on. */
export interface HeldOut {
  /** Whole songs, or in a text of one song its lines; `none`: nothing can be set apart, so nothing is published. */
  readonly kind: 'songs' | 'lines' | 'none';
  /** Songs; pieces of lines. */
  readonly pieces: number;
  readonly characters: number;
}

export interface IntakeSummary {
  readonly sources: readonly {
    readonly name: string;
    /** Null for messages. */
    readonly encoding: Encoding | null;
    /** Left of it after cleaning. */
    readonly characters: number;
  }[];
  /** Code points of the cleaned text. */
  readonly characters: number;
  readonly songs: number;
  /** Lines that are not blank. */
  readonly lines: number;
  /** Characters that the base network does not know, the most frequent first; null without a base. */
  readonly newCharacters: readonly string[] | null;
  readonly duplicates: {
    /** Songs that are near-duplicates of an earlier one. */
    readonly songs: number;
    /** Lines that stood there before, refrains among them. */
    readonly lines: number;
  };
  readonly language: LanguageShare;
  /** What cleaning took out. */
  readonly removed: {
    readonly urls: number;
    readonly mentions: number;
    /** Labels of verses, credits, separators. */
    readonly boilerplateLines: number;
    /** Control, format, private and undecodable characters. */
    readonly characters: number;
  };
  readonly heldOut: HeldOut;
  /** Null where it was not asked for. */
  readonly estimate: TimeEstimate | null;
}

export interface Intake {
  /** Cleaned: NFC, `\n` line ends, songs set apart by two blank lines. UTF-8 of it is a job's `data`. */
  readonly text: string;
  readonly summary: IntakeSummary;
}
