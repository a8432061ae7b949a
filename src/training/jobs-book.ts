/** The store with what is known of the running job beside it: every change goes through here, and is told. */
import type { JobChanges, JobRow, JobStore } from '../store/jobs.ts';
import type { JobProgress, JobView } from './jobs-api.ts';
import { viewOf, waitingTimes } from './jobs-record.ts';

/** The job that has its turn; its progress is newer than what is written of it. */
export interface Live {
  readonly id: number;
  readonly run: { readonly progress: JobProgress };
}

export class JobBook {
  readonly store: JobStore;
  readonly #tell: (view: JobView) => void;
  live: Live | undefined;

  constructor(store: JobStore, tell: (view: JobView) => void) {
    this.store = store;
    this.#tell = tell;
  }

  /** On the disk when it returns. Throws a `UserError` where it cannot be written. */
  update(id: number, changes: Partial<JobChanges>): JobRow {
    const row = this.store.update(id, changes);
    this.tell(row);
    return row;
  }

  tell(row: JobRow): void {
    this.#tell(this.view(row));
  }

  view(row: JobRow): JobView {
    return this.views([row])[0]!;
  }

  views(rows: readonly JobRow[]): JobView[] {
    const { live } = this;
    const waiting = rows.some(({ state }) => state === 'queued')
      ? waitingTimes(this.store.inTurn(), live?.run.progress)
      : undefined;
    return rows.map((row) =>
      viewOf(row, waiting?.get(row.id) ?? null, row.id === live?.id ? live.run.progress : undefined),
    );
  }
}
