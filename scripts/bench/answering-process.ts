/** A child process that answers one request after another, each a line of JSON. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { faultSchema } from './protocol.ts';

const CLOSE_PATIENCE_MS = 5000;
const LAST_WORDS = 4000;

export class AnsweringProcess {
  readonly #child: ChildProcess;
  readonly #fault: (reason: string) => Error;
  readonly #lines: AsyncIterator<string>;
  readonly #gone: Promise<void>;
  #lastWords = '';

  /** @param fault what is thrown where the process cannot answer, ends or says `{"error": reason}`. */
  constructor(command: readonly string[], fault: (reason: string) => Error) {
    this.#fault = fault;
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

  ask<T>(request: object, schema: z.ZodType<T>): Promise<T> {
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    return this.answer(schema);
  }

  /** The next line that it says. */
  async answer<T>(schema: z.ZodType<T>): Promise<T> {
    const { done, value } = await this.#lines.next();
    if (done) {
      await this.#gone;
      throw this.#fault(this.#reason());
    }
    const answer: unknown = JSON.parse(value);
    const fault = faultSchema.safeParse(answer);
    if (fault.success) {
      await this.close();
      throw this.#fault(fault.data.error);
    }
    return schema.parse(answer);
  }

  /** Ends the process where it is, for this reason. */
  kill(reason: string): void {
    this.#lastWords = reason;
    this.#child.kill('SIGKILL');
  }

  /** Asks nothing more and waits until the process has ended. */
  async close(): Promise<void> {
    this.#child.stdin!.end();
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_PATIENCE_MS);
    await this.#gone;
    clearTimeout(impatience);
  }

  /** The last line of standard error that says something: Python's and Node's errors end with or name it. */
  #reason(): string {
    const lines = this.#lastWords.split('\n').filter((line) => line.trim() !== '');
    const error = lines.findLast((line) => /^\w*(Error|Exception)\b/.test(line)) ?? lines.at(-1);
    return error?.trim() ?? `ended with ${this.#child.signalCode ?? `exit code ${this.#child.exitCode}`}`;
  }
}
