/** The other end of contender.ts, for contenders that run on Node. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Memory, Outcome, Profile, Request, Setting, Work } from './protocol.ts';

/** Work that is set up and warm enough to be done again and again. */
export interface ReadyWork {
  readonly details: string;
  readonly gigaflops?: number | undefined;
  run(count: number): Promise<Outcome>;
  evaluate?(): Promise<Outcome>;
  profile?(count: number): Promise<Profile>;
}

export type Prepare = (work: Work, setting: Setting) => Promise<ReadyWork>;

/** Answers requests until the measuring process closes the pipe or is gone. */
export async function serve(about: Record<string, string>, prepare: Prepare): Promise<void> {
  console.log = console.error; // standard output is for answers alone
  const write = (answer: unknown) => void process.stdout.write(`${JSON.stringify(answer)}\n`);
  const answer = createAnswer(prepare);
  write({ about });
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      write(await answer(JSON.parse(line) as Request));
    } catch (error) {
      console.error(error);
      write({ error: error instanceof Error ? error.message : String(error) });
    }
  }
  process.exit();
}

function createAnswer(prepare: Prepare): (request: Request) => Promise<unknown> {
  let ready: ReadyWork | undefined;
  return async (request) => {
    if (request.ask === 'memory') return readMemory('self');
    if (request.ask === 'prepare') {
      ready = await prepare(request.work, request.setting);
      return { details: ready.details, gigaflops: ready.gigaflops };
    }
    if (!ready) throw new Error('nothing was prepared');
    if (request.ask === 'run') return ready.run(request.count);
    if (request.ask === 'evaluate') {
      if (!ready.evaluate) throw new Error('this work has nothing to evaluate');
      return ready.evaluate();
    }
    if (!ready.profile) throw new Error('this work has no profile');
    return ready.profile(request.count);
  };
}

/** Memory of a process as Linux tells it. @param pid or `self`. */
export function readMemory(pid: number | 'self'): Memory {
  let status = '';
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    // not Linux
  }
  const bytes = (field: string) => {
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  };
  return { resident: bytes('VmRSS'), peak: bytes('VmHWM') };
}
