/**
 * Which ops run the LSTM: cuDNN's where there is a GPU and they give what TensorFlow's own give, in values and in every
 * gradient; else TensorFlow's own. So code that was never run on a GPU cannot train wrongly on one.
 */
import { Random } from '../../random.ts';
import { cudnnLstm } from './cudnn.ts';
import { lstm } from './lstm.ts';
import type { Ops } from './ops.ts';
import { readFloats } from './parameters.ts';
import type { LayerInput, Recurrence } from './recurrence.ts';
import type { Tensor } from './tfjs.ts';

export interface LstmChoice {
  readonly recurrence: Recurrence;
  /** The op that runs, and where it is not cuDNN's though there is a GPU, why. */
  readonly name: string;
}

const choices = new WeakMap<Ops, LstmChoice>();

/** Checked once for a process. */
export function lstmOf(ops: Ops): LstmChoice {
  const choice = choices.get(ops) ?? chooseLstm(ops);
  choices.set(ops, choice);
  return choice;
}

const OWN = 'BlockLSTMV2';
const CUDNN = 'CudnnRNNV3';

export function chooseLstm(ops: Ops, usesGpu = ops.usesGpu): LstmChoice {
  if (!usesGpu) return { recurrence: lstm, name: OWN };
  const fault = findDifference(ops, cudnnLstm, lstm);
  return fault === undefined
    ? { recurrence: cudnnLstm, name: CUDNN }
    : { recurrence: lstm, name: `${OWN} (not ${CUDNN}: ${fault})` };
}

/** An odd shape, so that a transposed or shifted matrix shows. */
const [T, B, IN, H] = [5, 3, 7, 6];
/** Relative to the largest number of a tensor; single precision in another order of additions stays far below. */
const TOLERANCE = 1e-4;

/** What one LSTM gives otherwise than another; undefined where all agrees. Throws nothing. */
export function findDifference(ops: Ops, one: Recurrence, other: Recurrence): string | undefined {
  try {
    const [a, b] = [run(ops, one), run(ops, other)];
    for (const [name, values] of a) {
      const expected = b.get(name)!;
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
      // NaN is above no tolerance: asked the other way round
      const agrees = values.every((value, i) => Math.abs(value - expected[i]!) <= TOLERANCE * largest);
      if (values.length !== expected.length || !agrees) return `${name} differs`;
    }
    return undefined;
  } catch (error) {
    return said(error);
  }
}

/** In one line; TensorFlow's binding puts the number of a status before the message. */
function said(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [line = ''] = text.replace(/^Invalid TF_Status: \d+\s*Message: /, '').split('\n');
  return line.slice(0, 200);
}

/** A layer forward and backward on fixed numbers: values, state and gradients by name. */
function run(ops: Ops, recurrence: Recurrence): Map<string, Float32Array> {
  const random = new Random(7);
  const tensor = (...shape: number[]): Tensor =>
    ops.floats(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform() - 0.5),
      shape,
    );
  const results = new Map<string, Float32Array>();
  ops.tidy(() => {
    const weights = {
      weightIh: tensor(4 * H, IN),
      weightHh: tensor(4 * H, H),
      biasIh: tensor(4 * H),
      biasHh: tensor(4 * H),
    };
    const input: LayerInput = {
      weights,
      prepared: recurrence.prepare(ops, weights),
      x: tensor(T * B, IN),
      start: [tensor(B, H), tensor(B, H)],
      seqLength: T,
    };
    const output = recurrence.forward(ops, input);
    const gradients = recurrence.backward(ops, input, output, tensor(T * B, H));
    const [h, c] = output.end;
    for (const [name, value] of Object.entries({ output: output.h, h: h!, c: c!, ...gradients }))
      results.set(name, readFloats(value as Tensor));
    return [];
  });
  return results;
}
