/** A contender as the measuring process sees it: a child process that answers one request after another. */
import type { z } from 'zod';
import { AnsweringProcess } from './answering-process.ts';
import {
  aboutSchema,
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

export class Contender {
  readonly name: string;
  #about: Readonly<Record<string, string>> = {};
  readonly #process: AnsweringProcess;

  private constructor(name: string, command: readonly string[]) {
    this.name = name;
    this.#process = new AnsweringProcess(command, (reason) => new ContenderFault(reason));
  }

  /** Starts a process and waits until it is ready. Throws a `ContenderFault` where it cannot be. */
  static async start(name: string, command: readonly string[]): Promise<Contender> {
    const contender = new Contender(name, command);
    contender.#about = (await contender.#process.answer(aboutSchema)).about;
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
      this.#process.kill(`took longer than ${Math.round(patienceSeconds)} s`);
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
  close(): Promise<void> {
    return this.#process.close();
  }

  #ask<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
    return this.#process.ask(request, schema);
  }
}
