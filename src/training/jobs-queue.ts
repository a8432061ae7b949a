/**
 * Works the queue off: one job after the other, each in a child process, again after a crash. It decides what a
 * job's end means; who ordered it and what becomes of its checkpoint is not known here.
 */
import { statfs } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { JobChanges, JobRow } from '../store/jobs.ts';
import type { JobBook } from './jobs-book.ts';
import { type JobFiles, savingBytes, TEXT_FILE, trainingJob } from './jobs-files.ts';
import { progressOf, reasonCode, reasonRecord, settingsOf } from './jobs-record.ts';
import { JobRun, type RunEnd } from './jobs-run.ts';
import type { EngineOrder } from './protocol.ts';
import { verdictOf } from './verdict.ts';

/** Ends of the child that nobody asked for, before its job has failed. */
const MOST_CRASHES = 3;
/** Starts without anything learnt (the bot was killed with it each time), before a person has to look. */
const MOST_ATTEMPTS = 10;
/** Before a crashed job is started again, and between two looks at a full disk. */
const RETRY_MS = 2000;
const ROOM_MS = 60_000;
/** Of room, where a training's size is not known yet. */
const UNKNOWN_BYTES = 64 * 2 ** 20;

/** Failures after which a job can go on where it was ... */
const CRASHES: readonly string[] = ['trainingCrashed', 'jobLocked'];
/** ... and those that a person has to mend first. */
const PAUSING: readonly string[] = ['diskFull', 'folderNotWritable'];

export interface JobQueueOptions {
  readonly book: JobBook;
  readonly files: JobFiles;
  /** Of a text. */
  readonly maxBytes: number;
  readonly engine: EngineOrder;
  readonly log: Log;
  readonly saveEvery?: number | undefined;
  readonly retryMs?: number | undefined;
  readonly roomMs?: number | undefined;
}

/** Why a run ends, where that was asked for. */
type Ending = 'pause' | 'cancel' | 'close';

interface Turn {
  readonly row: JobRow;
  readonly run: JobRun;
  readonly over: Promise<RunEnd>;
  ending: Ending | undefined;
}

/** Whether a failed job can be put into the queue again. */
export const isResumable = (row: JobRow): boolean =>
  row.state === 'paused' || (row.state === 'failed' && CRASHES.includes(reasonCode(row) ?? ''));

export class JobQueue {
  readonly #options: JobQueueOptions;
  readonly #closing = new AbortController();
  #turn: Turn | undefined;
  #working: Promise<void> | undefined;
  #roomTimer: NodeJS.Timeout | undefined;

  constructor(options: JobQueueOptions) {
    this.#options = options;
  }

  /** The row of the job that has its turn, as it began. */
  get current(): JobRow | undefined {
    return this.#turn?.ending ? undefined : this.#turn?.row;
  }

  /** To be called when there is something in the queue. */
  work(): void {
    this.#watchRoom();
    this.#working ??= this.#workOff();
  }

  /**
   * Ends a job's turn, if it has it, after its row was changed. `pause` saves and lets the step that it is in go to
   * its end; `cancel` kills. Resolves when its process is gone.
   */
  async stop(id: number, ending: Ending): Promise<void> {
    const turn = this.#turn;
    if (turn?.row.id !== id) return;
    if (turn.ending !== 'cancel') turn.ending = ending;
    await (turn.ending === 'cancel' ? turn.run.kill() : turn.run.stop());
    await turn.over;
  }

  /** Saves what runs; resolves when nothing does. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#roomTimer);
    if (this.#turn && !this.#turn.ending) await this.stop(this.#turn.row.id, 'close');
    await this.#working;
  }

  /** Puts a job at the queue's end. */
  requeue(id: number): JobRow {
    const { book } = this.#options;
    const changes = { state: 'queued', reason: null, crashes: 0, attempts: 0, endedAt: null } as const;
    const row = book.update(id, { ...changes, turn: book.store.lastTurn() });
    this.work();
    return row;
  }

  async #workOff(): Promise<void> {
    const { book, log, retryMs = RETRY_MS, roomMs = ROOM_MS } = this.#options;
    const { signal } = this.#closing;
    const rest = (ms: number) => wait(ms, undefined, { signal }).catch(() => {});
    try {
      // Whoever called sees first that there is work going on.
      await Promise.resolve();
      for (;;) {
        const [next] = signal.aborted ? [] : book.store.inTurn();
        if (!next) return;
        try {
          if (await this.#train(next)) await rest(retryMs);
        } catch (error) {
          log.error({ job: next.id, err: error }, 'a training could not be managed');
          await rest(roomMs);
        }
      }
    } catch (error) {
      log.error({ err: error }, 'the queue of trainings cannot be read');
    } finally {
      this.#working = undefined;
    }
  }

  /** Resolves when the job's turn is over: with true if it is to have another after a while. */
  async #train(next: JobRow): Promise<boolean> {
    const { book, files, engine, log } = this.#options;
    const { id, attempts } = next;
    if (attempts >= MOST_ATTEMPTS) {
      this.#leave(next, { state: 'paused' }, new UserError('jobStuck', { starts: attempts }));
      return false;
    }
    const row = book.update(id, { state: 'running', reason: null, attempts: attempts + 1 });
    const run = new JobRun({
      row,
      job: trainingJob(row, this.#options),
      folder: files.folder(row.folder),
      engine,
      store: book.store,
      log,
      onProgress: () => book.tell(book.store.get(id)!),
    });
    const turn: Turn = { row, run, over: run.end(), ending: undefined };
    this.#turn = turn;
    book.live = { id, run };
    log.info({ job: id, attempts: row.attempts, child: run.pid }, 'training started');
    try {
      return await this.#ended(turn, await turn.over);
    } finally {
      this.#turn = undefined;
      book.live = undefined;
    }
  }

  /** Writes down how a turn has ended; resolves with true if the job is to have another. */
  async #ended({ row, ending }: Turn, end: RunEnd): Promise<boolean> {
    const { book, log } = this.#options;
    log.info({ job: row.id, end: end.type, ending }, 'training process ended');
    if (ending === 'pause' || ending === 'cancel') return false;
    if (end.type === 'done') {
      await this.#complete(row, end);
      return false;
    }
    if (ending === 'close') {
      book.update(row.id, { attempts: row.attempts - 1 });
      return false;
    }
    // Told to end by somebody else, as by Ctrl-C: we are likely to be the next.
    return end.type === 'stopped' || this.#failed(row, end.error);
  }

  #failed(row: JobRow, error: UserError): boolean {
    const { book, log } = this.#options;
    log.warn({ job: row.id, err: error, cause: error.cause }, 'training failed');
    if (PAUSING.includes(error.code)) {
      this.#leave(row, { state: 'paused' }, error);
      this.#watchRoom();
      return false;
    }
    const crashes = row.crashes + (CRASHES.includes(error.code) ? 1 : 0);
    if (CRASHES.includes(error.code) && crashes < MOST_CRASHES) {
      book.update(row.id, { crashes });
      return true;
    }
    this.#leave(row, { state: 'failed', crashes, endedAt: Date.now() }, error);
    return false;
  }

  #leave(row: JobRow, changes: Partial<JobChanges>, reason: UserError): void {
    this.#options.book.update(row.id, { ...changes, reason: reasonRecord(reason, row, TEXT_FILE) });
  }

  async #complete(
    row: JobRow,
    { losses, samples, epochs, seconds }: RunEnd & { type: 'done' },
  ): Promise<void> {
    const { book, files, log } = this.#options;
    const verdict = verdictOf(losses, settingsOf(row).maxBaseLossIncrease);
    const outcome = { losses, verdict, samples, epochs, seconds };
    const done = book.update(row.id, { state: 'done', outcome, endedAt: Date.now() });
    await files
      .keepCheckpoint(done)
      .catch((error: unknown) => log.warn({ job: row.id, err: error }, 'files were not removed'));
  }

  /** Looks now and then whether jobs that a full disk has paused have room again. */
  #watchRoom(): void {
    const { roomMs = ROOM_MS } = this.#options;
    if (this.#roomTimer || this.#closing.signal.aborted || this.#withoutRoom().length === 0) return;
    this.#roomTimer = setInterval(() => void this.#lookForRoom(), roomMs).unref();
  }

  #withoutRoom(): JobRow[] {
    return this.#options.book.store
      .list()
      .filter((row) => row.state === 'paused' && reasonCode(row) === 'diskFull');
  }

  async #lookForRoom(): Promise<void> {
    const { files, log } = this.#options;
    const rows = this.#withoutRoom();
    if (rows.length === 0) {
      clearInterval(this.#roomTimer);
      this.#roomTimer = undefined;
      return;
    }
    try {
      const { bavail, bsize } = await statfs(files.root);
      const fitting = this.#withoutRoom().find((row) => bavail * bsize >= neededRoom(row));
      if (fitting && !this.#closing.signal.aborted) this.requeue(fitting.id);
    } catch (error) {
      log.warn({ err: error }, 'a full disk could not be looked at');
    }
  }
}

function neededRoom(row: JobRow): number {
  const { parameters } = progressOf(row);
  return parameters === undefined ? UNKNOWN_BYTES : savingBytes(parameters);
}
