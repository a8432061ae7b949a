/**
 * Jobs in SQLite: what must not be forgotten of a training, whatever ends the process. Changes of state are on
 * the disk when a call returns; progress may lose its last seconds. It knows rows and JSON, not what they mean.
 */

import type { Place } from './places.ts';
import { type Database, inTransaction, type OpenFile, openDatabase, sqliteError } from './sqlite.ts';

/**
 * `queued` waits for its turn, `paused` for a person (or for room on the disk). The others are ends; of them
 * `done` has a checkpoint that waits for a `Decision`.
 */
export const JOB_STATES = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** What became of a job's checkpoint: the place's default, listed beside the others, or removed. */
export type Decision = 'publish' | 'keep' | 'discard';

/** All that changes of a job. JSON values are the caller's own. */
export interface JobChanges {
  readonly state: JobState;
  /** A decision that is being carried out, and one that was. */
  readonly deciding: Decision | null;
  readonly decision: Decision | null;
  /** Ends of the child that nobody asked for. */
  readonly crashes: number;
  /** Starts since anything was learnt. */
  readonly attempts: number;
  /** The lowest is next. */
  readonly turn: number;
  readonly reason: unknown;
  readonly progress: unknown;
  readonly outcome: unknown;
  readonly message: unknown;
  readonly endedAt: number | null;
}

export interface NewJob {
  readonly place: Place;
  /** Name of the folder of its files. */
  readonly folder: string;
  /** What was ordered; never changes. */
  readonly order: unknown;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** A new job, perhaps with where its message is to be. */
export type AddedJob = NewJob & Partial<Pick<JobChanges, 'message'>>;

export interface JobRow extends NewJob, JobChanges {
  readonly id: number;
}

export interface PointRow {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number | null;
  readonly valLoss: number | null;
  readonly baseLoss: number | null;
}

export interface SampleRow {
  readonly epoch: number;
  readonly text: string;
}

const MIGRATIONS = [
  `CREATE TABLE jobs (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     platform TEXT NOT NULL,
     place TEXT NOT NULL,
     folder TEXT NOT NULL UNIQUE,
     ordered TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     state TEXT NOT NULL DEFAULT 'queued'
       CHECK (state IN ('queued', 'running', 'paused', 'done', 'failed', 'cancelled')),
     deciding TEXT CHECK (deciding IN ('publish', 'keep', 'discard')),
     decision TEXT CHECK (decision IN ('publish', 'keep', 'discard')),
     crashes INTEGER NOT NULL DEFAULT 0,
     attempts INTEGER NOT NULL DEFAULT 0,
     turn INTEGER NOT NULL,
     reason TEXT,
     progress TEXT,
     outcome TEXT,
     message TEXT,
     ended_at INTEGER
   ) STRICT;
   CREATE INDEX jobs_of_place ON jobs (platform, place);
   CREATE TABLE points (
     job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
     step INTEGER NOT NULL,
     epoch REAL NOT NULL,
     loss REAL,
     val_loss REAL,
     base_loss REAL,
     PRIMARY KEY (job, step)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE samples (
     job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
     epoch INTEGER NOT NULL,
     text TEXT NOT NULL,
     PRIMARY KEY (job, epoch)
   ) STRICT, WITHOUT ROWID`,
];

/** Bytes of free pages that a new job brings along, so that its changes of state need no room on a full disk. */
const RESERVED_BYTES = 256 * 1024;

const COLUMNS: { readonly [K in keyof JobChanges]: { readonly name: string; readonly json?: true } } = {
  state: { name: 'state' },
  deciding: { name: 'deciding' },
  decision: { name: 'decision' },
  crashes: { name: 'crashes' },
  attempts: { name: 'attempts' },
  turn: { name: 'turn' },
  reason: { name: 'reason', json: true },
  progress: { name: 'progress', json: true },
  outcome: { name: 'outcome', json: true },
  message: { name: 'message', json: true },
  endedAt: { name: 'ended_at' },
};

type Raw = Readonly<Record<string, string | number | null>>;

export class JobStore {
  readonly #database: Database;
  readonly #file: string;

  private constructor(database: Database, file: string) {
    this.#database = database;
    this.#file = file;
  }

  /** Throws a `UserError` on a file that is damaged, of a newer program, or cannot be written. */
  static async open(file: string, driver?: OpenFile): Promise<JobStore> {
    const database = await openDatabase(file, MIGRATIONS, driver);
    database.exec('PRAGMA foreign_keys = ON');
    return new JobStore(database, file);
  }

  /** Last in the queue. Throws a `UserError` on a full disk; there is no job then. */
  add({ place, folder, order, createdAt, message = null }: AddedJob): JobRow {
    const insert = () => {
      this.#reserve();
      const written = message === null ? null : JSON.stringify(message);
      const row = this.#database
        .prepare(
          `INSERT INTO jobs (platform, place, folder, ordered, created_at, message, turn)
           VALUES (?, ?, ?, ?, ?, ?, (SELECT coalesce(max(turn), 0) + 1 FROM jobs)) RETURNING *`,
        )
        .get(place.platform, place.id, folder, JSON.stringify(order), createdAt, written);
      return jobOf(row as Raw);
    };
    return this.#guard(() => this.#write(false, () => inTransaction(this.#database, insert)));
  }

  get(id: number): JobRow | undefined {
    const row = this.#database.prepare('SELECT * FROM jobs WHERE id = ?').get(id) as Raw | undefined;
    return row && jobOf(row);
  }

  /** Those of a place, or of all; the newest first. */
  list(place?: Place): JobRow[] {
    const where = place ? 'WHERE platform = ? AND place = ?' : '';
    const values = place ? [place.platform, place.id] : [];
    const rows = this.#database.prepare(`SELECT * FROM jobs ${where} ORDER BY id DESC`).all(...values);
    return (rows as Raw[]).map(jobOf);
  }

  /** The one that runs or was running when the process ended, then those in the queue. */
  inTurn(): JobRow[] {
    const rows = this.#database
      .prepare(`SELECT * FROM jobs WHERE state IN ('running', 'queued') ORDER BY state = 'queued', turn`)
      .all();
    return (rows as Raw[]).map(jobOf);
  }

  /** The turn of one that comes last. */
  lastTurn(): number {
    return (
      this.#database.prepare('SELECT coalesce(max(turn), 0) + 1 AS turn FROM jobs').get() as { turn: number }
    ).turn;
  }

  /** On the disk when it returns, unless `light`: then a crash of the machine may undo it. */
  update(id: number, changes: Partial<JobChanges>, { light = false } = {}): JobRow {
    const names = Object.keys(changes) as (keyof JobChanges)[];
    const values = names.map((name) => {
      const value = changes[name] ?? null;
      return COLUMNS[name].json && value !== null ? JSON.stringify(value) : value;
    });
    const set = names.map((name) => `${COLUMNS[name].name} = ?`).join(', ');
    return this.#guard(() =>
      this.#write(light, () => {
        const row = this.#database
          .prepare(`UPDATE jobs SET ${set} WHERE id = ? RETURNING *`)
          .get(...values, id);
        if (!row) throw new RangeError(`there is no job ${id}`);
        return jobOf(row as Raw);
      }),
    );
  }

  addPoint(id: number, { step, epoch, loss, valLoss, baseLoss }: PointRow): void {
    this.#guard(() =>
      this.#write(true, () =>
        this.#database
          .prepare(
            `INSERT INTO points VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
             SET loss = coalesce(excluded.loss, loss), val_loss = coalesce(excluded.val_loss, val_loss),
               base_loss = coalesce(excluded.base_loss, base_loss)`,
          )
          .run(id, step, epoch, loss, valLoss, baseLoss),
      ),
    );
  }

  /** Forgets what is made again: points after a step. */
  cutPoints(id: number, step: number): void {
    this.#guard(() =>
      this.#write(true, () =>
        this.#database.prepare('DELETE FROM points WHERE job = ? AND step > ?').run(id, step),
      ),
    );
  }

  points(id: number): PointRow[] {
    return this.#database
      .prepare(
        'SELECT step, epoch, loss, val_loss AS valLoss, base_loss AS baseLoss FROM points WHERE job = ? ORDER BY step',
      )
      .all(id) as PointRow[];
  }

  addSample(id: number, { epoch, text }: SampleRow): void {
    this.#guard(() =>
      this.#write(true, () =>
        this.#database.prepare('INSERT OR REPLACE INTO samples VALUES (?, ?, ?)').run(id, epoch, text),
      ),
    );
  }

  samples(id: number): SampleRow[] {
    return this.#database
      .prepare('SELECT epoch, text FROM samples WHERE job = ? ORDER BY epoch')
      .all(id) as SampleRow[];
  }

  /** Forgets jobs whose end lies before a time, but none that awaits a decision. */
  removeEndedBefore(time: number): void {
    const unneeded = "ended_at < ? AND (state <> 'done' OR decision IS NOT NULL)";
    this.#guard(() => this.#database.prepare(`DELETE FROM jobs WHERE ${unneeded}`).run(time));
  }

  close(): void {
    this.#database.close();
  }

  #write<T>(light: boolean, work: () => T): T {
    if (light) this.#database.exec('PRAGMA synchronous = NORMAL');
    try {
      return work();
    } finally {
      if (light) this.#database.exec('PRAGMA synchronous = FULL');
      else this.#emptyLog();
    }
  }

  /** So that SQLite's log is written anew from its beginning, and does not grow when the disk is full. */
  #emptyLog(): void {
    try {
      this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // What was written is in the log all the same; the next write tries again.
    }
  }

  #reserve(): void {
    this.#database.exec(
      `CREATE TABLE reserve (room BLOB); INSERT INTO reserve VALUES (zeroblob(${RESERVED_BYTES})); DROP TABLE reserve`,
    );
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw sqliteError(error, this.#file);
    }
  }
}

function jobOf(row: Raw): JobRow {
  const json = (name: string): unknown => (row[name] == null ? null : JSON.parse(row[name] as string));
  return {
    id: row.id as number,
    place: { platform: row.platform as string, id: row.place as string },
    folder: row.folder as string,
    order: json('ordered'),
    createdAt: row.created_at as number,
    state: row.state as JobState,
    deciding: row.deciding as Decision | null,
    decision: row.decision as Decision | null,
    crashes: row.crashes as number,
    attempts: row.attempts as number,
    turn: row.turn as number,
    reason: json('reason'),
    progress: json('progress'),
    outcome: json('outcome'),
    message: json('message'),
    endedAt: row.ended_at as number | null,
  };
}
