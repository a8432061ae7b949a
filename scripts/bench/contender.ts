/** A contender as the measuring process sees it: a child process that answers one request after another. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import {
  aboutSchema,
  faultSchema,
  type Memory,
  memorySchema,
  type Outcome,
  outcomeSchema,
  type Prepared,
  type Profile,
  preparedSchema,
  profileSchema,
  type Request,
  type Setting,
  type Work,
} from './protocol.ts';

/** A contender cannot start or has failed; the message is the reason. */
export class ContenderFault extends Error {
  override readonly name = 'ContenderFault';
}

const CLOSE_PATIENCE_MS = 5000;
const LAST_WORDS = 4000;

export class Contender {
  readonly name: string;
  #about: Readonly<Record<string, string>> = {};
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #gone: Promise<void>;
  #lastWords = '';

  private constructor(name: string, command: readonly string[]) {
    this.name = name;
    this.#child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#gone = new Promise((resolve) => {
      this.#child.once('close', () => resolve());
      this.#child.once('error', (error) => {
        this.#lastWords = error.message;
        resolve();
      });
    });
    this.#child.stdin!.on('error', () => {}); // heard as the end of its answers
    this.#child.stderr!.setEncoding('utf8').on('data', (piece: string) => {
      this.#lastWords = (this.#lastWords + piece).slice(-LAST_WORDS);
    });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** Starts a process and waits until it is ready. Throws a `ContenderFault` where it cannot be. */
  static async start(name: string, command: readonly string[]): Promise<Contender> {
    const contender = new Contender(name, command);
    contender.#about = (await contender.#answer(aboutSchema)).about;
    return contender;
  }

  get about(): Readonly<Record<string, string>> {
    return this.#about;
  }

  prepare(work: Work, setting: Setting): Promise<Prepared> {
    return this.#ask({ ask: 'prepare', work, setting }, preparedSchema);
  }

  /** @param limits.patienceSeconds after which the contender is ended. */
  async run(
    count: number,
    { setting, patienceSeconds }: { setting?: Setting | undefined; patienceSeconds?: number } = {},
  ): Promise<Outcome> {
    const outcome = this.#ask({ ask: 'run', count, setting }, outcomeSchema);
    if (patienceSeconds === undefined) return outcome;
    const impatience = setTimeout(() => {
      this.#lastWords = `took longer than ${Math.round(patienceSeconds)} s`;
      this.#child.kill('SIGKILL');
    }, patienceSeconds * 1000);
    return outcome.finally(() => clearTimeout(impatience));
  }

  evaluate(): Promise<Outcome> {
    return this.#ask({ ask: 'evaluate' }, outcomeSchema);
  }

  memory(): Promise<Memory> {
    return this.#ask({ ask: 'memory' }, memorySchema);
  }

  profile(count: number): Promise<Profile> {
    return this.#ask({ ask: 'profile', count }, profileSchema);
  }

  /** Ends the process. */
  async close(): Promise<void> {
    this.#child.stdin!.end();
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_PATIENCE_MS);
    await this.#gone;
    clearTimeout(impatience);
  }

  #ask<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    return this.#answer(schema);
  }

  async #answer<T>(schema: z.ZodType<T>): Promise<T> {
    const { done, value } = await this.#lines.next();
    if (done) {
      await this.#gone;
      throw new ContenderFault(this.#reason());
    }
    const answer: unknown = JSON.parse(value);
    const fault = faultSchema.safeParse(answer);
    if (fault.success) {
      await this.close();
      throw new ContenderFault(fault.data.error);
    }
    return schema.parse(answer);
  }

  /** The last line of standard error that says something: Python's and Node's errors end with or name it. */
  #reason(): string {
    const lines = this.#lastWords.split('\n').filter((line) => line.trim() !== '');
    const error = lines.findLast((line) => /^\w*(Error|Exception)\b/.test(line)) ?? lines.at(-1);
    return error?.trim() ?? `ended with ${this.#child.signalCode ?? `exit code ${this.#child.exitCode}`}`;
  }
}
