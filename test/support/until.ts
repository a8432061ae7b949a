/** Waits for what other processes bring about. */
import { setTimeout as wait } from 'node:timers/promises';

/** Resolves when it holds; throws after a minute. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what} did not come`);
    await wait(10);
  }
}
