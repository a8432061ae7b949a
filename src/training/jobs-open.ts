/** Opens the jobs of a folder for this process alone, and ends what an earlier one had begun. */
import path from 'node:path';
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import { makeFolder } from '../store/files.ts';
import { type JobRow, JobStore } from '../store/jobs.ts';
import { type Lock, takeLock } from '../store/lock.ts';
import type { Publication, Publisher } from '../store/publisher.ts';
import type { JobOutcome, JobView } from './jobs-api.ts';
import { JobBook } from './jobs-book.ts';
import { JobFiles } from './jobs-files.ts';
import { isResumable, JobQueue } from './jobs-queue.ts';
import { orderOf, recordOf } from './jobs-record.ts';
import type { EngineOrder } from './protocol.ts';

export interface TrainingJobsOptions {
  /** Of the store and of the jobs' files; the bot's own. */
  readonly folder: string;
  /** Of a text. */
  readonly maxBytes: number;
  readonly engine: EngineOrder;
  readonly log: Log;
  /** Takes checkpoints among the models; the same one again after a crash. */
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Seconds between two savings of a training: the most that a crash can cost. */
  readonly saveEvery?: number | undefined;
  /** Jobs of one place that wait, run or await a decision. */
  readonly mostPerPlace?: number | undefined;
  /** Milliseconds before a crashed job is started again, and between two looks at a full disk. */
  readonly retryMs?: number | undefined;
  /** Milliseconds to wait for another process that has the folder and ends. */
  readonly ownerPatienceMs?: number | undefined;
  readonly roomMs?: number | undefined;
}

export interface OpenJobs {
  readonly book: JobBook;
  readonly files: JobFiles;
  readonly queue: JobQueue;
  readonly isResumable: typeof isResumable;
  readonly recordOf: typeof recordOf;
  /** Does what its row says is to become of a job's checkpoint. */
  carryOut(row: JobRow): Promise<JobRow>;
  close(): Promise<void>;
}

/** A process that is told to end still saves. */
const OWNER_PATIENCE_MS = 5000;
const DAY_MS = 24 * 3_600_000;
const KEEP_ENDED_MS = 90 * DAY_MS;
/** Files of a failed job that could go on. */
const KEEP_FILES_MS = 7 * DAY_MS;

/** Throws `jobsElsewhere` while another process has them, and as `JobStore.open`. */
export async function openJobs(
  options: TrainingJobsOptions,
  tell: (view: JobView) => void,
  signal: AbortSignal,
): Promise<OpenJobs> {
  const { folder, ownerPatienceMs = OWNER_PATIENCE_MS } = options;
  const files = new JobFiles(path.join(folder, 'jobs'));
  await makeFolder(files.root);
  // Two processes would train each job twice.
  const patience = { patienceMs: ownerPatienceMs, signal };
  const lock = await takeLock(path.join(folder, 'jobs.lock'), patience);
  if (!lock) throw new UserError('jobsElsewhere', { folder });
  try {
    const store = await JobStore.open(path.join(folder, 'jobs.db'));
    const book = new JobBook(store, tell);
    const jobs = join(options, book, files, lock);
    await recover(jobs, options).catch((error: unknown) => {
      store.close();
      throw error;
    });
    jobs.queue.work();
    return jobs;
  } catch (error) {
    lock.release();
    throw error;
  }
}

function join(options: TrainingJobsOptions, book: JobBook, files: JobFiles, lock: Lock): OpenJobs {
  const queue = new JobQueue({ ...options, book, files });
  return {
    book,
    files,
    queue,
    isResumable,
    recordOf,
    async carryOut(row) {
      const { id, place, deciding } = row;
      if (deciding === 'publish' || deciding === 'keep') {
        const { name } = orderOf(row);
        const publication = {
          place,
          name,
          asDefault: deciding === 'publish',
          beside: deciding === 'keep',
          lineage: lineageOf(row),
        };
        await options.publisher.publish(files.checkpoint(row), publication).catch((error: unknown) => {
          book.update(id, { deciding: null });
          throw error;
        });
      }
      const settled = book.update(id, { decision: deciding, deciding: null });
      options.log.info({ job: id, decision: deciding }, 'training decided');
      await files.remove(row.folder);
      return settled;
    },
    async close() {
      await queue.close();
      book.store.close();
      lock.release();
    },
  };
}

async function recover({ book, files, carryOut }: OpenJobs, { log }: TrainingJobsOptions): Promise<void> {
  const now = Date.now();
  book.store.removeEndedBefore(now - KEEP_ENDED_MS);
  const rows = book.store.list();
  await files.sweep(new Set(rows.filter((row) => needsFiles(row, now)).map(({ folder }) => folder)));
  for (const row of rows) {
    const { id, state, deciding, decision } = row;
    if (state !== 'done' || decision !== null) continue;
    const work = deciding === null ? files.keepCheckpoint(row) : carryOut(row);
    await work.catch((error: unknown) => log.error({ job: id, err: error }, 'what was begun was not ended'));
  }
}

function needsFiles(row: JobRow, now: number): boolean {
  if (row.state === 'done') return row.decision === null;
  if (row.state === 'failed') return isResumable(row) && now - (row.endedAt ?? 0) < KEEP_FILES_MS;
  return row.state !== 'cancelled';
}

/** What the checkpoint cannot know of its training. */
function lineageOf(row: JobRow): NonNullable<Publication['lineage']> {
  const { losses } = row.outcome as JobOutcome;
  return {
    date: new Date(row.endedAt ?? row.createdAt).toISOString(),
    parent: orderOf(row).baseName,
    ...(losses === null ? {} : { losses: { new_text: losses.newText, base_text: losses.base } }),
  };
}
