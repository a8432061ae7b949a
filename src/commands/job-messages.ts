/**
 * The messages that show trainings: each follows its job until nothing changes any more, whichever process posted
 * it. What a message has told of the end stands beside its reference, so that it is told once.
 */
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Jobs, JobView, MessageRef } from '../training/jobs-api.ts';
import { jobChart } from './job-chart.ts';
import { isOver, jobMessage } from './job-message.ts';
import type { LiveMessage, MessageFile } from './message.ts';
import type { OpenMessages } from './open-messages.ts';

/** In a reference: the end that its message tells. No platform has a key of this name. */
const TOLD = 'told';
const PICTURE_PATIENCE_MS = 3000;

export interface JobMessagesOptions {
  readonly jobs: Jobs;
  readonly messages: OpenMessages;
  readonly log: Log;
}

export class JobMessages {
  readonly #options: JobMessagesOptions;
  /** How to stop following, by job. */
  readonly #following = new Map<number, () => void>();
  readonly #telling = new Set<Promise<void>>();
  /** The last words of a job's message, by job: one after the other. */
  readonly #finishing = new Map<number, Promise<void>>();
  #closed = false;

  constructor(options: JobMessagesOptions) {
    this.#options = options;
  }

  /** Keeps a message of a job up to date, and tells in it how the job ends. */
  follow(view: JobView, message: LiveMessage): void {
    const { jobs } = this.#options;
    if (this.#closed) return;
    this.#following.get(view.id)?.();
    let shown = JSON.stringify(message.ref);
    const change = (now: JobView) => {
      if (isOver(now)) {
        this.#forget(now.id);
        this.#track(now, this.#tellEnd(now, message));
        return;
      }
      message.update(jobMessage(now));
      // It may have moved since.
      const ref = JSON.stringify(message.ref);
      if (ref === shown || !message.ref) return;
      shown = ref;
      this.#track(now, jobs.remember(now.id, message.ref));
    };
    this.#following.set(view.id, jobs.watch(view.id, change));
    // What has happened between the view and the watch.
    this.#track(
      view,
      (async () => {
        if (message.ref) await jobs.remember(view.id, message.ref);
        const now = await jobs.get(view.place, view.id);
        if (this.#following.has(view.id) && (isOver(now) || now.state !== view.state)) change(now);
      })(),
    );
  }

  /** Goes on with the messages of an earlier process, where their platform runs. */
  async resume(): Promise<void> {
    const { jobs } = this.#options;
    for (const view of await jobs.list()) {
      if (!view.message || (isOver(view) && view.message[TOLD] === endOf(view))) continue;
      const message = this.#reopen(view);
      if (!message) continue;
      if (!isOver(view)) this.#goOn(view, message);
      else if (view.decision === null) this.#track(view, this.#tellEnd(view, message));
      else this.#track(view, this.#finish(view, message));
    }
  }

  /** Goes on with the message of a job that goes on after its end was told. */
  goOn(view: JobView): void {
    const message = this.#following.has(view.id) || isOver(view) ? undefined : this.#reopen(view);
    if (message) this.#goOn(view, message);
  }

  #goOn(view: JobView, message: LiveMessage): void {
    message.update(jobMessage(view));
    this.follow(view, message);
  }

  /** Tells in a job's message what became of its model: the buttons go. */
  async tellDecision(view: JobView): Promise<void> {
    const message = this.#reopen(view);
    if (message) await this.#finish(view, message);
  }

  /** Follows nothing any more; resolves when what is being told is told. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const id of [...this.#following.keys()]) this.#forget(id);
    await Promise.all(this.#telling);
  }

  #reopen({ place, message, locale }: JobView): LiveMessage | undefined {
    if (!message) return undefined;
    const { [TOLD]: _, ...ref } = message;
    return this.#options.messages.reopen(place.platform, ref, locale);
  }

  async #tellEnd(view: JobView, message: LiveMessage): Promise<void> {
    // On a busy machine the picture takes a while; what it is of is told meanwhile.
    const impatience = setTimeout(() => message.update(jobMessage(view)), PICTURE_PATIENCE_MS);
    const chart = view.state === 'done' ? await this.#chart(view) : undefined;
    clearTimeout(impatience);
    await this.#finish(view, message, chart ? [chart] : []);
  }

  async #chart(view: JobView) {
    try {
      return await jobChart(view, this.#options.jobs);
    } catch (error) {
      this.#options.log.error({ job: view.id, err: error }, 'a chart could not be drawn');
      return undefined;
    }
  }

  /** What a job has come to by now: while a picture is drawn people decide on it. */
  async #finish(view: JobView, message: LiveMessage, files: readonly MessageFile[] = []): Promise<void> {
    const before = this.#finishing.get(view.id) ?? Promise.resolve();
    const work = before.catch(() => {}).then(() => this.#finishNow(view, message, files));
    this.#finishing.set(view.id, work);
    try {
      await work;
    } finally {
      if (this.#finishing.get(view.id) === work) this.#finishing.delete(view.id);
    }
  }

  async #finishNow(
    { place, id }: JobView,
    message: LiveMessage,
    files: readonly MessageFile[],
  ): Promise<void> {
    const { jobs, log } = this.#options;
    const now = await jobs.get(place, id);
    // It goes on: somebody else tells of it.
    if (!isOver(now)) return;
    await message
      .finish({ ...jobMessage(now), ...(files.length > 0 ? { files } : {}) })
      .catch((error: unknown) => {
        // Its files are refused: what it says stands there.
        if (!(error instanceof UserError)) throw error;
        log.warn({ job: id, err: error }, 'a picture was not sent');
      });
    const ref: MessageRef = { ...(message.ref ?? now.message), [TOLD]: endOf(now)! };
    await jobs.remember(id, ref);
  }

  #forget(id: number): void {
    this.#following.get(id)?.();
    this.#following.delete(id);
  }

  #track({ id, place }: JobView, work: Promise<void>): void {
    const { log } = this.#options;
    const told = work.catch((error: unknown) =>
      log.error(
        { job: id, platform: place.platform, place: place.id, err: error },
        'a training was not shown',
      ),
    );
    this.#telling.add(told);
    void told.then(() => this.#telling.delete(told));
  }
}

/** What there is to be told of an end; undefined before one. */
function endOf(view: JobView): string | undefined {
  return isOver(view) ? `${view.state}${view.decision ? `:${view.decision}` : ''}` : undefined;
}
