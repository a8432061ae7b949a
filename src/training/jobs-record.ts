/** A job between its row in the store and what people see of it. */
import { UserError } from '../errors.ts';
import type { JobRow } from '../store/jobs.ts';
import type { ErrorCode } from '../strings/errors.ts';
import type { Locale } from '../strings/index.ts';
import type { JobOrder, JobOutcome, JobProgress, JobView, MessageRef, Waiting } from './jobs-api.ts';
import { type TrainSettings, trainSettingsSchema } from './settings.ts';

/** What is kept of an order beside its files. */
export interface OrderRecord {
  readonly user: string;
  readonly locale: Locale;
  readonly name: string;
  readonly textName: string;
  readonly baseName: string | null;
  /** File in the job's folder. */
  readonly baseFile: string | null;
  readonly replays: boolean;
  readonly settings: TrainSettings;
  readonly estimatedSeconds: number | null;
}

/** A reason as it is kept. */
export interface ReasonRecord {
  readonly code: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export const orderOf = ({ order }: JobRow): OrderRecord => order as OrderRecord;

/** As of the order; those that the program has got since have their defaults. Throws where they do not fit it. */
export const settingsOf = (row: JobRow): TrainSettings => trainSettingsSchema.parse(orderOf(row).settings);

export const progressOf = (row: JobRow): JobProgress =>
  (row.progress as JobProgress | null) ?? { epoch: 0, epochs: orderOf(row).settings.maxEpochs, fraction: 0 };

/** @param copy our copy of the text: people know the file that they gave */
export function reasonRecord({ code, facts }: UserError, row: JobRow, copy: string): ReasonRecord {
  const known = facts as Readonly<Record<string, unknown>>;
  return { code, facts: known.file === copy ? { ...known, file: orderOf(row).textName } : known };
}

export const reasonCode = ({ reason }: JobRow): string | undefined => (reason as ReasonRecord | null)?.code;

function reasonOf({ reason }: JobRow): UserError | null {
  if (reason === null) return null;
  const { code, facts } = reason as ReasonRecord;
  return new UserError(code as ErrorCode, facts as never);
}

export function recordOf(order: JobOrder, baseFile: string | null): OrderRecord {
  return {
    user: order.user,
    locale: order.locale,
    name: order.name,
    textName: order.text.name,
    baseName: order.base?.name ?? null,
    baseFile,
    replays: order.replayFile !== null,
    settings: order.settings,
    estimatedSeconds: order.estimatedSeconds ?? null,
  };
}

/** @param progress of a job that runs: newer than the row's. */
export function viewOf(row: JobRow, waiting: Waiting | null, progress = progressOf(row)): JobView {
  const { user, locale, name, textName, baseName } = orderOf(row);
  const { id, place, state, decision, createdAt, endedAt } = row;
  return {
    id,
    place,
    user,
    locale,
    name,
    textName,
    baseName,
    state,
    waiting,
    reason: reasonOf(row),
    progress,
    outcome: row.outcome as JobOutcome | null,
    decision,
    message: row.message as MessageRef | null,
    createdAt,
    endedAt,
  };
}

/** About how long each of the jobs in turn has to wait, in seconds; undefined after one of unknown length. */
export function waitingTimes(inTurn: readonly JobRow[], running?: JobProgress): Map<number, Waiting> {
  const times = new Map<number, Waiting>();
  let seconds: number | undefined = 0;
  for (const [ahead, row] of inTurn.entries()) {
    if (row.state === 'queued') times.set(row.id, { ahead, seconds });
    const left = row.state === 'running' ? (running?.secondsLeft ?? estimate(row)) : estimate(row);
    seconds = seconds === undefined || left === undefined ? undefined : seconds + left;
  }
  return times;
}

function estimate(row: JobRow): number | undefined {
  const { estimatedSeconds } = orderOf(row);
  return estimatedSeconds === null ? undefined : estimatedSeconds * (1 - progressOf(row).fraction);
}
