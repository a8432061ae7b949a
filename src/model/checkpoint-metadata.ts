/**
 * What a checkpoint says of itself before any weight is read: the metadata entries of its file, each a string: `format`,
 * `network`, `vocabulary` (index = token id), `training` and, where they are known, `recall` and `songs`, all but the
 * first JSON.
 */
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { assertNetwork, CELLS, type NetworkSpec } from './network.ts';
import { LENGTHS, PLACES, type Recall, TIMES } from './recall.ts';
import { Vocabulary } from './vocabulary.ts';

const FORMAT = 'balladeer-1';

const NetworkFields = z.object({
  cell: z.enum(CELLS),
  num_layers: z.int(),
  rnn_size: z.int(),
  embedding_size: z.int(),
  dropout: z.number(),
  tied: z.boolean(),
});

/** Nats per character of a held-out text: of the network that training began with, and of this one. */
const LossChange = z.object({ before: z.number().nullable(), after: z.number().nullable() });

const TrainingFields = z.object({
  /** Name of the data that it was trained on. */
  data: z.string(),
  /** Passes over the training part; need not be whole. */
  epochs: z.number().nonnegative(),
  /** Nats per character on the validation part; null where there was none. */
  val_loss: z.number().nullable(),
  seed: z.int(),
  /** Name of the checkpoint that training went on from. */
  parent: z.string().nullable(),
  /** What training changed on the text that it was for, and on what the parent learnt from (null: not measured). */
  losses: z.object({ new_text: LossChange, base_text: LossChange.nullable() }).optional(),
  /** When training ended, in ISO 8601 and UTC: known to who ordered it, not to the training. */
  date: z.iso.datetime().optional(),
  /** Counts what was published under one name, from 1; `replaces` is the version that stood there before. */
  version: z.int().min(1).optional(),
  replaces: z.int().min(1).nullable().optional(),
});

const RecallFields = z.object({
  weights: z.array(z.array(z.array(z.number().min(0).lt(1)).length(LENGTHS)).length(TIMES)).length(PLACES),
});

const SongsFields = z.object({
  /** Characters that all but the shortest hundredth have. */
  shortest: z.int().nonnegative(),
  /** Characters that a quarter exceeds; files of before 2026-11-28 lack it. */
  long: z.int().nonnegative().optional(),
});

export type TrainingRecord = z.infer<typeof TrainingFields>;
export type SongLengths = Readonly<z.infer<typeof SongsFields>>;

export interface CheckpointHeader {
  readonly spec: NetworkSpec;
  readonly vocabulary: Vocabulary;
  readonly training: TrainingRecord;
  /** How its songs repeat themselves; undefined where nobody looked. */
  readonly recall?: Recall | undefined;
  /** How long the songs were that it learnt; undefined where it learnt none. */
  readonly songs?: SongLengths | undefined;
}

/** The metadata entries of a checkpoint. */
export function checkpointMetadata(header: CheckpointHeader): Record<string, string> {
  const { spec, vocabulary, training, recall, songs } = header;
  const network: z.infer<typeof NetworkFields> = {
    cell: spec.cell,
    num_layers: spec.numLayers,
    rnn_size: spec.rnnSize,
    embedding_size: spec.embeddingSize,
    dropout: spec.dropout,
    tied: spec.tied,
  };
  return {
    format: FORMAT,
    network: JSON.stringify(network),
    vocabulary: JSON.stringify(vocabulary),
    training: JSON.stringify(TrainingFields.parse(training)),
    ...(recall && { recall: JSON.stringify(RecallFields.parse(recall)) }),
    ...(songs && { songs: JSON.stringify(SongsFields.parse(songs)) }),
  };
}

/** The header of a checkpoint's metadata, which may have more entries. Throws a `UserError` that names `file` and the entry. */
export function parseMetadata(metadata: Readonly<Record<string, string>>, file: string): CheckpointHeader {
  if (metadata.format !== FORMAT) throw new UserError('checkpointFormat', { file, expected: FORMAT });
  const network = parseEntry(metadata, 'network', NetworkFields, file);
  const training = parseEntry(metadata, 'training', TrainingFields, file);
  const vocabulary = Vocabulary.fromJSON(parseEntry(metadata, 'vocabulary', z.unknown(), file), file);
  const recall = optionalEntry(metadata, 'recall', RecallFields, file);
  const songs = optionalEntry(metadata, 'songs', SongsFields, file);
  const spec: NetworkSpec = {
    cell: network.cell,
    numLayers: network.num_layers,
    rnnSize: network.rnn_size,
    embeddingSize: network.embedding_size,
    vocabularySize: vocabulary.size,
    dropout: network.dropout,
    tied: network.tied,
  };
  try {
    assertNetwork(spec);
  } catch (error) {
    throw new UserError(
      'headerField',
      { file, field: `network (${(error as Error).message})` },
      { cause: error },
    );
  }
  return {
    spec,
    vocabulary,
    training,
    ...(recall && { recall }),
    ...(songs && { songs }),
  };
}

const optionalEntry = <T>(
  ...[metadata, entry, schema, file]: Parameters<typeof parseEntry<T>>
): T | undefined => (metadata[entry] === undefined ? undefined : parseEntry(metadata, entry, schema, file));

function parseEntry<T>(
  metadata: Readonly<Record<string, string>>,
  entry: string,
  schema: z.ZodType<T>,
  file: string,
): T {
  let value: unknown;
  try {
    value = JSON.parse(metadata[entry] ?? '');
  } catch (error) {
    throw new UserError('headerField', { file, field: entry }, { cause: error });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const field = [entry, ...result.error.issues[0].path].join('.');
  throw new UserError('headerField', { file, field }, { cause: result.error });
}
