/** A Python that has PyTorch, and pytorch.py in it: a child process that answers one request after another. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Batch } from '../../src/engine/engine.ts';
import type { NetworkSpec, Weights } from '../../src/model/network.ts';
import { ROOT } from '../../src/paths.ts';

const PYTHONS = ['python3', '/usr/bin/python3'];
const SCRIPT = path.join(ROOT, 'scripts', 'corpus', 'pytorch.py');
const LAST_WORDS = 4000;

/** The command of a Python that has PyTorch; undefined where there is none. */
export const pythonWithPytorch = (): string | undefined =>
  PYTHONS.find((python) => spawnSync(python, ['-c', 'import torch']).status === 0);

export interface PytorchBeginning {
  readonly spec: NetworkSpec;
  readonly weights: Weights;
  /** RMSProp's. */
  readonly optimizer: { readonly alpha: number; readonly epsilon: number };
  /** Each number of a gradient is clamped to +-clip; 0: none is. */
  readonly clip: number;
  readonly threads: number;
}

const errorSchema = z.object({ error: z.string() });
const begunSchema = z.object({ version: z.string() });
const stepSchema = z.object({ loss: z.number(), gradient_norm: z.number(), count: z.number() });
const weightsSchema = z.object({ weights: z.record(z.string(), z.string()) });

/** Every method throws an `Error` with Python's words where it fails. */
export class PytorchProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #gone: Promise<void>;
  #lastWords = '';

  constructor(python: string) {
    this.#child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'pipe'] });
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

  /** Returns PyTorch's version. */
  async begin({ weights, ...rest }: PytorchBeginning): Promise<string> {
    const encoded = Object.fromEntries([...weights].map(([name, values]) => [name, base64Of(values)]));
    return (await this.#ask({ ask: 'begin', ...rest, weights: encoded }, begunSchema)).version;
  }

  async step({ inputs, targets, fresh }: Batch, rate: number, rows: number) {
    const request = {
      ask: 'step',
      rate,
      inputs: [...inputs],
      targets: [...targets],
      fresh: [...(fresh ?? new Uint8Array(rows))],
    };
    const { gradient_norm: gradientNorm, ...result } = await this.#ask(request, stepSchema);
    return { ...result, gradientNorm };
  }

  async weights(): Promise<Map<string, Float32Array>> {
    const { weights } = await this.#ask({ ask: 'weights' }, weightsSchema);
    return new Map(Object.entries(weights).map(([name, text]) => [name, floatsOf(text)]));
  }

  async close(): Promise<void> {
    this.#child.stdin!.end();
    await this.#gone;
  }

  async #ask<T>(request: object, schema: z.ZodType<T>): Promise<T> {
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    const { done, value } = await this.#lines.next();
    if (done) {
      await this.#gone;
      throw new Error(`PyTorch: ${this.#lastWords.trim() || 'ended without a word'}`);
    }
    const answer: unknown = JSON.parse(value);
    const failed = errorSchema.safeParse(answer);
    if (failed.success) throw new Error(`PyTorch: ${failed.data.error}`);
    return schema.parse(answer);
  }
}

const base64Of = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

/** A copy, since a `Buffer` may begin where no float can. */
const floatsOf = (text: string): Float32Array =>
  new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
