/** Signals that ask a script to end: its work is told once and ends in its own way. */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface StopRequest {
  readonly signal: AbortSignal;
  /** 128 and the signal's number, as shells have it; 0 as long as none came. */
  readonly exitCode: number;
}

/** Listens from now on. Further signals change nothing: npm passes on a Ctrl-C that we have had ourselves. */
export function listenForStop(): StopRequest {
  const controller = new AbortController();
  let exitCode = 0;
  for (const name of SIGNALS) {
    process.on(name, () => {
      exitCode ||= 128 + constants.signals[name];
      controller.abort();
    });
  }
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
  };
}
