/** Long work in steps: at once, or letting the event loop have its turn in between, as where a chat is answered. */
import { setImmediate } from 'node:timers/promises';

/** Yields after each short stretch of work. */
export type Steps<T> = Generator<void, T, void>;

/** Longest stretch of work between two turns of the event loop. */
const BUSY_MS = 15;

/** Does all of it now. */
export function atOnce<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Does all of it in a while. What it works on must not be changed meanwhile. */
export async function gently<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  for (let since = performance.now(); !step.done; step = steps.next()) {
    if (performance.now() - since < BUSY_MS) continue;
    await setImmediate();
    since = performance.now();
  }
  return step.value;
}
