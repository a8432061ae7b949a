// The barrier between threads. AssemblyScript globals are per instance, so the counters live in shared memory.

/** Turns of the loop before a waiting thread sleeps: about 50 microseconds, longer than threads drift apart in a step. */
const SPINS: i32 = 20000;

/** Waits until all `threads` threads are here. `control`: two i32 (arrived, generation), zero at first. */
export function barrier(threads: i32, control: usize): void {
  if (threads < 2) return;
  const generation = atomic.load<i32>(control, 4);
  if (atomic.add<i32>(control, 1) == threads - 1) {
    atomic.store<i32>(control, 0);
    atomic.add<i32>(control, 1, 4);
    atomic.notify(control + 4, threads);
    return;
  }
  for (let i = 0; i < SPINS; i++) if (atomic.load<i32>(control, 4) != generation) return;
  while (atomic.load<i32>(control, 4) == generation) atomic.wait<i32>(control + 4, generation, -1);
}

/** The number of the next piece of work; each is given to one thread. */
export function takeWork(counter: usize): i32 {
  return atomic.add<i32>(counter, 1);
}
