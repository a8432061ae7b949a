/**
 * A checkpoint: a network with its vocabulary, weights and where they came from, to and from the bytes of a
 * safetensors file. Beside metadata (checkpoint-metadata.ts) and weights there may be a tensor `ngram`. It knows bytes,
 * no folders; files are store/checkpoints.ts.
 */
import { UserError } from '../errors.ts';
import {
  type CheckpointHeader,
  checkpointMetadata,
  parseMetadata,
  type TrainingRecord,
} from './checkpoint-metadata.ts';
import { assertNetwork, type NetworkSpec, tensorShapes, type Weights } from './network.ts';
import type { Ngram } from './ngram.ts';
import { decodingNgram, encodeNgram } from './ngram-bytes.ts';
import {
  type Dtype,
  decodeHeader,
  decoding,
  encodeSafetensors,
  type Safetensors,
  type Tensor,
  withMetadata,
} from './safetensors.ts';
import { atOnce, gently, type Steps } from './steps.ts';
import { areEqual } from './tensor-values.ts';

const NGRAM = 'ngram';

export interface Checkpoint extends CheckpointHeader {
  /** Every tensor of `tensorShapes(spec)`; when tied, `output.weight` is the array of `embedding.weight`. */
  readonly weights: Weights;
  /** What it says beside the network; undefined where nothing was counted. */
  readonly ngram?: Ngram | undefined;
}

/** The bytes of a checkpoint file. Throws a `UserError` on weights that `dtype` cannot hold. */
export function encodeCheckpoint(checkpoint: Checkpoint, dtype: Dtype): Uint8Array {
  const [tensors, metadata] = [checkpointTensors(checkpoint), checkpointMetadata(checkpoint)];
  return encodeSafetensors(tensors, metadata, dtype, checkpointBytes(checkpoint));
}

/** Reads and checks a checkpoint file's bytes. Throws a `UserError` that names `file` and what is wrong. */
export const decodeCheckpoint = (bytes: Uint8Array, file: string): Checkpoint =>
  atOnce(decodingCheckpoint(bytes, file));

/** As `decodeCheckpoint`, letting the event loop run in between: a large one takes a tenth of a second. */
export const decodeCheckpointGently = (bytes: Uint8Array, file: string): Promise<Checkpoint> =>
  gently(decodingCheckpoint(bytes, file));

function* decodingCheckpoint(bytes: Uint8Array, file: string): Steps<Checkpoint> {
  return yield* assembleCheckpoint(yield* decoding(bytes, file), file);
}

/** Reads and checks all but the weights; arguments as of `decodeHeader`. */
export function decodeCheckpointHeader(
  bytes: Uint8Array,
  fileLength: number,
  file: string,
): CheckpointHeader {
  const { metadata, entries } = decodeHeader(bytes, fileLength, file);
  const header = parseMetadata(metadata, file);
  assertTensors(header.spec, new Map([...entries].filter(([, { dtype }]) => dtype !== 'uint8')), file);
  assertBytes(
    [...entries].filter(([, { dtype }]) => dtype === 'uint8').map(([name]) => name),
    file,
  );
  return header;
}

/**
 * A checkpoint file that says something else of its training; weights stay as they are, to the bit, and metadata
 * that is not a checkpoint's is left out. The event loop runs in between. Throws a `UserError` on a damaged or foreign
 * file.
 */
export async function restampCheckpoint(
  bytes: Uint8Array,
  change: (training: TrainingRecord) => TrainingRecord,
  file: string,
): Promise<Uint8Array> {
  const header = decodeCheckpointHeader(bytes, bytes.length, file);
  return withMetadata(bytes, checkpointMetadata({ ...header, training: change(header.training) }), file);
}

/** Whether two checkpoint files hold the same network, to the bit, whatever they say of its training. */
export function sameNetwork(a: Uint8Array, b: Uint8Array): boolean {
  const [one, other] = [a, b].map(networkOf);
  return (
    one !== undefined &&
    other !== undefined &&
    one.length === other.length &&
    one.every((part, i) => part.equals(other[i]!))
  );
}

/** What makes a network: its description, its vocabulary, its songs, its weights. Undefined for what is no container. */
function networkOf(bytes: Uint8Array): readonly Buffer[] | undefined {
  try {
    const { metadata, dataStart } = decodeHeader(bytes, bytes.length, '');
    const { network, vocabulary, recall, songs } = metadata;
    const texts = [network, vocabulary, recall, songs].map((text = '') => Buffer.from(text));
    return [...texts, Buffer.from(bytes.buffer, bytes.byteOffset + dataStart, bytes.length - dataStart)];
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** The tensors of a checkpoint in the order of `tensorShapes`. */
export function checkpointTensors({ spec, vocabulary, weights }: Checkpoint): Map<string, Tensor> {
  assertNetwork(spec);
  if (vocabulary.size !== spec.vocabularySize) {
    throw new RangeError(`vocabulary of ${vocabulary.size}, network of ${spec.vocabularySize}`);
  }
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of tensorShapes(spec)) {
    const values = weights.get(spec.tied && name === 'output.weight' ? 'embedding.weight' : name);
    if (!values) throw new RangeError(`weights lack ${name}`);
    tensors.set(name, { shape, values });
  }
  return tensors;
}

/** What a checkpoint holds beside tensors of numbers. */
export const checkpointBytes = ({ ngram }: Checkpoint): Map<string, Uint8Array> =>
  new Map(ngram && [[NGRAM, encodeNgram(ngram)]]);

/** The checkpoint that a container holds: exactly its tensors, and metadata that may have more entries. */
export const checkpointOf = (container: Safetensors, file: string): Checkpoint =>
  atOnce(assembleCheckpoint(container, file));

function* assembleCheckpoint({ metadata, tensors, bytes }: Safetensors, file: string): Steps<Checkpoint> {
  const header = parseMetadata(metadata, file);
  assertTensors(header.spec, tensors, file);
  assertBytes(bytes.keys(), file);
  const weights = new Map<string, Float32Array>();
  for (const name of tensorShapes(header.spec).keys()) weights.set(name, tensors.get(name)!.values);
  if (header.spec.tied) {
    const embedding = weights.get('embedding.weight')!;
    const output = weights.get('output.weight')!;
    if (!(yield* areEqual(embedding, output))) throw new UserError('checkpointTied', { file });
    weights.set('output.weight', embedding);
  }
  const ngramBytes = bytes.get(NGRAM);
  if (!ngramBytes) return { ...header, weights };
  return { ...header, weights, ngram: yield* decodingNgram(ngramBytes, header.spec.vocabularySize, file) };
}

/** Names and shapes are exactly those of the network. */
function assertTensors(
  spec: NetworkSpec,
  tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  file: string,
): void {
  const expected = tensorShapes(spec);
  for (const [tensor, shape] of expected) {
    const actual = tensors.get(tensor)?.shape;
    if (!actual) throw new UserError('tensorMissing', { file, tensor });
    if (actual.length !== shape.length || actual.some((size, i) => size !== shape[i])) {
      throw new UserError('tensorShape', { file, tensor, actual: `[${actual}]`, expected: `[${shape}]` });
    }
  }
  for (const tensor of tensors.keys()) {
    if (!expected.has(tensor)) throw new UserError('tensorUnexpected', { file, tensor });
  }
}

function assertBytes(names: Iterable<string>, file: string): void {
  for (const tensor of names) if (tensor !== NGRAM) throw new UserError('tensorUnexpected', { file, tensor });
}
