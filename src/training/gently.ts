/** Long work in the process that answers the chat: lets the event loop have its turn in between. */
import { setImmediate } from 'node:timers/promises';

/** Longest stretch of work between two turns. */
const BUSY_MS = 15;
/** Items between two looks at the clock. */
const CLOCK_EVERY = 64;

/** Calls `work` on each item in order. */
export async function eachGently<T>(
  items: readonly T[],
  work: (item: T, index: number) => void,
): Promise<void> {
  let since = performance.now();
  for (const [index, item] of items.entries()) {
    work(item, index);
    if (index % CLOCK_EVERY !== 0 || performance.now() - since < BUSY_MS) continue;
    await setImmediate();
    since = performance.now();
  }
}
