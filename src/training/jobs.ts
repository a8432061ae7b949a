/**
 * The trainings that the bot runs: ordered by places, one at a time, each in a child process, written down so that
 * a restart after any kind of end goes on with them. What one comes to waits for a decision. It knows places and
 * folders, no chat.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../errors.ts';
import type { Decision, JobRow, JobState } from '../store/jobs.ts';
import { type Place, samePlace } from '../store/places.ts';
import {
  type CurvePoint,
  isOpen,
  type JobOrder,
  type JobSample,
  type Jobs,
  type JobView,
  type MessageRef,
} from './jobs-api.ts';
import type { OpenJobs, TrainingJobsOptions } from './jobs-open.ts';

const MOST_PER_PLACE = 4;
/** Numbers of jobs, the latest, where one is named that is not there. */
const MOST_NAMED = 10;

export class TrainingJobs implements Jobs {
  readonly #options: TrainingJobsOptions;
  readonly #watchers = new Map<number, Set<(view: JobView) => void>>();
  readonly #closing = new AbortController();
  /** Decisions that are being carried out. */
  readonly #settling = new Map<number, Promise<JobRow>>();
  #opening: Promise<OpenJobs> | undefined;
  #jobs: OpenJobs | undefined;

  constructor(options: TrainingJobsOptions) {
    this.#options = options;
  }

  get current(): JobView | undefined {
    const row = this.#jobs?.queue.current;
    return row && this.#jobs!.book.view(row);
  }

  /** Goes on with what an earlier process left. Does nothing, and loads nothing, where there never was a job. */
  async wake(): Promise<void> {
    const { log, folder } = this.#options;
    let told = false;
    while (this.#wasUsed && !this.#closing.signal.aborted) {
      try {
        await this.#open();
        return;
      } catch (error) {
        if (!(error instanceof UserError && error.code === 'jobsElsewhere')) throw error;
        if (!told) log.warn({ folder }, 'another process has the training jobs: waiting for its end');
        told = true;
      }
    }
  }

  async add(order: JobOrder): Promise<JobView> {
    const { book, files, queue, recordOf } = await this.#open();
    const { log } = this.#options;
    const { place, name } = order;
    this.#assertRoom(book, place, name);
    const row = await files.write(order, (folder, baseFile) => {
      // Again: others may have been added while the files were written.
      this.#assertRoom(book, place, name);
      return book.store.add({
        place,
        folder,
        order: recordOf(order, baseFile),
        createdAt: Date.now(),
        message: order.message,
      });
    });
    log.info({ job: row.id, platform: place.platform, place: place.id }, 'training ordered');
    queue.work();
    return book.view(row);
  }

  async get(place: Place, id: number): Promise<JobView> {
    const jobs = await this.#openUsed(id);
    const row = rowOf(jobs, place, id);
    return jobs.book.view(row);
  }

  async list(place?: Place): Promise<readonly JobView[]> {
    if (!this.#wasUsed) return [];
    const { book } = await this.#open();
    return book.views(book.store.list(place));
  }

  async find(place: Place, states: readonly JobState[]): Promise<JobView> {
    const fitting = (await this.list(place)).filter(({ state }) => states.includes(state));
    const running = fitting.find(({ state }) => state === 'running');
    if (running) return running;
    if (fitting.length > 1) throw new UserError('jobWhich', { jobs: fitting.map(({ id }) => id).reverse() });
    const [only] = fitting;
    if (!only) throw new UserError('jobNone', {});
    return only;
  }

  async pause(place: Place, id: number): Promise<JobView> {
    const jobs = await this.#openUsed(id);
    const row = rowOf(jobs, place, id);
    if (row.state === 'paused') return jobs.book.view(row);
    assertState(row, ['queued', 'running']);
    const paused = jobs.book.update(id, { state: 'paused', reason: null });
    // Not waited for: the step that it is in and the saving may take some seconds, and nothing depends on them.
    jobs.queue
      .stop(id, 'pause')
      .catch((error: unknown) =>
        this.#options.log.error({ job: id, err: error }, 'a training was not stopped'),
      );
    return jobs.book.view(paused);
  }

  async resume(place: Place, id: number): Promise<JobView> {
    const jobs = await this.#openUsed(id);
    const row = rowOf(jobs, place, id);
    if (row.state === 'queued' || row.state === 'running') return jobs.book.view(row);
    // Files of what has failed are not kept for ever.
    if (!jobs.isResumable(row) || !existsSync(jobs.files.folder(row.folder))) {
      throw new UserError('jobState', { job: id, state: row.state });
    }
    if (!isOpen(row)) this.#assertRoom(jobs.book, place, jobs.book.view(row).name);
    return jobs.book.view(jobs.queue.requeue(id));
  }

  async cancel(place: Place, id: number): Promise<JobView> {
    const jobs = await this.#openUsed(id);
    const row = rowOf(jobs, place, id);
    if (row.state === 'cancelled') return jobs.book.view(row);
    if (!jobs.isResumable(row)) assertState(row, ['queued', 'running']);
    const cancelled = jobs.book.update(id, { state: 'cancelled', reason: null, endedAt: Date.now() });
    await jobs.queue.stop(id, 'cancel');
    await jobs.files.remove(row.folder);
    return jobs.book.view(cancelled);
  }

  async settle(place: Place, id: number, decision: Decision): Promise<JobView> {
    const jobs = await this.#openUsed(id);
    const row = rowOf(jobs, place, id);
    assertState(row, ['done']);
    const view = jobs.book.view(row);
    if (row.decision === decision) return view;
    const settling = this.#settling.get(id);
    // Pressed twice.
    if (settling && row.deciding === decision) return jobs.book.view(await settling);
    if (row.decision !== null || settling) throw new UserError('jobDecided', { job: id });
    if (decision === 'publish' && view.outcome?.verdict !== 'publish') {
      throw new UserError('jobVerdict', { job: id });
    }
    const work = jobs.carryOut(jobs.book.update(id, { deciding: decision }));
    this.#settling.set(id, work);
    return jobs.book.view(await work.finally(() => this.#settling.delete(id)));
  }

  watch(id: number, listener: (view: JobView) => void): () => void {
    const listeners = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#watchers.delete(id);
    };
  }

  async remember(id: number, message: MessageRef): Promise<void> {
    const { book } = await this.#open();
    book.update(id, { message });
  }

  async curve(id: number): Promise<readonly CurvePoint[]> {
    return (await this.#open()).book.store.points(id);
  }

  async samples(id: number): Promise<readonly JobSample[]> {
    return (await this.#open()).book.store.samples(id);
  }

  /** Saves what runs; that and the queue go on with the next process. */
  async close(): Promise<void> {
    this.#closing.abort();
    const jobs = await this.#opening?.catch(() => undefined);
    await jobs?.close();
  }

  /** Throws a `UserError` where a place has no room for another job, or another one that makes a model of that name. */
  #assertRoom(book: OpenJobs['book'], place: Place, name: string): void {
    const { mostPerPlace: most = MOST_PER_PLACE } = this.#options;
    const open = book.views(book.store.list(place).filter(isOpen));
    if (open.length >= most) throw new UserError('jobsTooMany', { most });
    const other = open.find((one) => one.name === name);
    if (other) throw new UserError('jobNameTaken', { job: other.id, model: name });
  }

  /** Whether there ever was a job. */
  get #wasUsed(): boolean {
    return this.#jobs !== undefined || existsSync(path.join(this.#options.folder, 'jobs.db'));
  }

  /** What the first lyric does not need is loaded here. */
  #open(): Promise<OpenJobs> {
    this.#opening ??= this.#load().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #load(): Promise<OpenJobs> {
    const { openJobs } = await import('./jobs-open.ts');
    const tell = (view: JobView) => {
      for (const listener of this.#watchers.get(view.id) ?? []) {
        try {
          listener(view);
        } catch (error) {
          // What is not shown is trained all the same.
          this.#options.log.error({ job: view.id, err: error }, 'a change of a training was not told');
        }
      }
    };
    this.#jobs = await openJobs(this.#options, tell, this.#closing.signal);
    return this.#jobs;
  }

  /** Throws `jobUnknown` where there never was a job. */
  #openUsed(id: number): Promise<OpenJobs> {
    if (!this.#wasUsed) throw new UserError('jobUnknown', { job: id, jobs: [] });
    return this.#open();
  }
}

/** The job as it is now. Another place's is none. */
function rowOf({ book }: OpenJobs, place: Place, id: number): JobRow {
  const row = Number.isSafeInteger(id) ? book.store.get(id) : undefined;
  if (!row || !samePlace(row.place, place)) {
    const jobs = book.store.list(place).map((one) => one.id);
    throw new UserError('jobUnknown', { job: id, jobs: jobs.slice(0, MOST_NAMED).reverse() });
  }
  return row;
}

function assertState({ id, state }: JobRow, allowed: readonly JobState[]): void {
  if (!allowed.includes(state)) throw new UserError('jobState', { job: id, state });
}
