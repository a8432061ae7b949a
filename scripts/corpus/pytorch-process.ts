/** A Python that has PyTorch, and pytorch.py in it: a child process that answers one request after another. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import type { Batch } from '../../src/engine/engine.ts';
import type { NetworkSpec, Weights } from '../../src/model/network.ts';
import { ROOT } from '../../src/paths.ts';
import { AnsweringProcess } from '../bench/answering-process.ts';

const PYTHONS = ['python3', '/usr/bin/python3'];
const SCRIPT = path.join(ROOT, 'scripts', 'corpus', 'pytorch.py');

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

const begunSchema = z.object({ version: z.string() });
const stepSchema = z.object({ loss: z.number(), gradient_norm: z.number(), count: z.number() });
const weightsSchema = z.object({ weights: z.record(z.string(), z.string()) });

/** Every method throws an `Error` with Python's words where it fails. */
export class PytorchProcess {
  readonly #process: AnsweringProcess;

  constructor(python: string) {
    this.#process = new AnsweringProcess([python, SCRIPT], (reason) => new Error(`PyTorch: ${reason}`));
  }

  /** Returns PyTorch's version. */
  async begin({ weights, ...rest }: PytorchBeginning): Promise<string> {
    const encoded = Object.fromEntries([...weights].map(([name, values]) => [name, base64Of(values)]));
    return (await this.#process.ask({ ask: 'begin', ...rest, weights: encoded }, begunSchema)).version;
  }

  async step({ inputs, targets, fresh }: Batch, rate: number, rows: number) {
    const request = {
      ask: 'step',
      rate,
      inputs: [...inputs],
      targets: [...targets],
      fresh: [...(fresh ?? new Uint8Array(rows))],
    };
    const { gradient_norm: gradientNorm, ...result } = await this.#process.ask(request, stepSchema);
    return { ...result, gradientNorm };
  }

  async weights(): Promise<Map<string, Float32Array>> {
    const { weights } = await this.#process.ask({ ask: 'weights' }, weightsSchema);
    return new Map(Object.entries(weights).map(([name, text]) => [name, floatsOf(text)]));
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}

const base64Of = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

/** A copy, since a `Buffer` may begin where no float can. */
const floatsOf = (text: string): Float32Array =>
  new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
