/**
 * All that a training needs to go on as if it had never stopped, in one safetensors file beside the
 * checkpoint that it publishes: the latest weights (the published ones are the best, which may be older),
 * the optimiser's moments, the carried state, and a JSON record of the trainer's own.
 * One file, because two could be of different moments after a crash.
 */
import path from 'node:path';
import { z } from 'zod';
import type { OptimizerState } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { type Checkpoint, checkpointBytes, checkpointOf, checkpointTensors } from '../model/checkpoint.ts';
import { checkpointMetadata } from '../model/checkpoint-metadata.ts';
import { tensorShapes } from '../model/network.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../model/safetensors.ts';
import { makeFolder, readBytes, writeFileAtomic } from './files.ts';

export interface TrainingState {
  /** The latest weights, with their network and vocabulary. */
  readonly checkpoint: Checkpoint;
  readonly optimizer: OptimizerState;
  /** Hidden state that the next batch begins with, as `TrainingStepper.readState` gives it. */
  readonly carried: Float32Array;
  /** The trainer's own: schedule position, data cursor, random state, best loss, ... JSON values. */
  readonly record: Readonly<Record<string, unknown>>;
}

const MOMENT = 'optimizer.';
const CARRIED = 'carried';
const RECORD = 'state';
const RecordFields = z.object({ step: z.int().nonnegative(), record: z.record(z.string(), z.unknown()) });

/** Where the training state of a checkpoint stands: beside it. */
export const trainingStateFile = (checkpointFile: string): string => `${checkpointFile}.state`;

/** Writes a training state in whole or not at all. Throws a `UserError` as `writeFileAtomic` does. */
export async function saveTrainingState(file: string, state: TrainingState): Promise<void> {
  const { checkpoint, optimizer, carried, record } = state;
  const tensors = checkpointTensors(checkpoint);
  const shapes = tensorShapes(checkpoint.spec);
  for (const [name, values] of optimizer.moments) {
    const shape = shapes.get(tensorOfMoment(name));
    if (!shape) throw new RangeError(`the network has no tensor for the moment ${name}`);
    tensors.set(MOMENT + name, { shape, values });
  }
  tensors.set(CARRIED, { shape: [carried.length], values: carried });
  const metadata = {
    ...checkpointMetadata(checkpoint),
    [RECORD]: JSON.stringify({ step: optimizer.step, record }),
  };
  await makeFolder(path.dirname(file));
  await writeFileAtomic(file, encodeSafetensors(tensors, metadata, 'float32', checkpointBytes(checkpoint)));
}

/** Reads a training state. Throws a `UserError` that names the file and what is wrong. */
export async function loadTrainingState(file: string): Promise<TrainingState> {
  const { metadata, tensors, bytes } = decodeSafetensors(await readBytes(file), file);
  const weights = new Map<string, Tensor>();
  const moments = new Map<string, Tensor>();
  for (const [name, tensor] of tensors) {
    if (name.startsWith(MOMENT)) moments.set(name.slice(MOMENT.length), tensor);
    else if (name !== CARRIED) weights.set(name, tensor);
  }
  const checkpoint = checkpointOf({ metadata, tensors: weights, bytes }, file);
  const carried = tensors.get(CARRIED);
  if (!carried) throw new UserError('tensorMissing', { file, tensor: CARRIED });
  assertMoments(checkpoint, moments, file);
  const { step, record } = parseRecord(metadata[RECORD], file);
  return {
    checkpoint,
    optimizer: { step, moments: new Map([...moments].map(([name, { values }]) => [name, values])) },
    carried: carried.values,
    record,
  };
}

const tensorOfMoment = (moment: string): string => moment.replace(/^[mv]\./, '');

function assertMoments({ spec }: Checkpoint, moments: ReadonlyMap<string, Tensor>, file: string): void {
  const shapes = tensorShapes(spec);
  for (const [name, { shape: actual }] of moments) {
    const shape = shapes.get(tensorOfMoment(name));
    const tensor = MOMENT + name;
    if (!shape) throw new UserError('tensorUnexpected', { file, tensor });
    if (String(actual) !== String(shape)) {
      throw new UserError('tensorShape', { file, tensor, actual: `[${actual}]`, expected: `[${shape}]` });
    }
  }
}

function parseRecord(json: string | undefined, file: string): z.infer<typeof RecordFields> {
  try {
    return RecordFields.parse(JSON.parse(json ?? ''));
  } catch (error) {
    throw new UserError('headerField', { file, field: RECORD }, { cause: error });
  }
}
