/** What a training run reports, in the order in which it happens. Plain data: it crosses a process boundary. */
import { z } from 'zod';

const count = z.number().int().nonnegative();

/** Nats per character on a held-out text: of the network that training began with, and of the best one since. */
const changeSchema = z.strictObject({ before: z.number(), after: z.number() });

export const lossesSchema = z.strictObject({
  /** On what was held out of the new text. A new network's `before` is that of a uniform guess. */
  newText: changeSchema,
  /** On what was held out of the base text; null where the job has no `replayData`. */
  base: changeSchema.nullable(),
});

/** What a training changed, in nats per character. */
export type Losses = Readonly<z.infer<typeof lossesSchema>>;

export const progressSchema = z.discriminatedUnion('type', [
  /** The run is set up; nothing has been learnt yet. */
  z.strictObject({
    type: z.literal('started'),
    /** Trainable numbers. */
    parameters: count,
    /** Vocabulary size V, reserved ids included. */
    vocabulary: count,
    /** Characters that `initFrom`'s checkpoint did not know. */
    newCharacters: count,
    characters: z.strictObject({ train: count, val: count, test: count }),
    /** Characters of the base text that are replayed in each epoch; 0 without `replayData`. */
    replayed: count,
    /** Rows of a batch; fewer than asked for where the text is small. */
    batchSize: count,
    seqLength: count,
    stepsPerEpoch: count,
    steps: count,
    /** Steps made before: more than 0 when a run is resumed. */
    step: count,
    /** Bytes that the engine holds for training. */
    memory: count,
    engine: z.string(),
    /** Whether a checkpoint already stands where this run's will. */
    replaces: z.boolean(),
  }),
  /** One update. */
  z.strictObject({
    type: z.literal('step'),
    /** Updates made. */
    step: count,
    steps: count,
    /** Passes over the training part, with fraction. */
    epoch: z.number(),
    /** Nats per character, of this batch alone. */
    loss: z.number(),
    learningRate: z.number(),
    gradientNorm: z.number(),
    charsPerSecond: z.number(),
    secondsLeft: z.number(),
  }),
  /** The validation part was evaluated. */
  z.strictObject({
    type: z.literal('validated'),
    step: count,
    epoch: z.number(),
    /** Nats per character. */
    valLoss: z.number(),
    /** On the held-out part of the base text; null without `replayData`. */
    baseLoss: z.number().nullable(),
    /** Whether it is the best so far: by `valLoss`, and not forgetting the base. */
    best: z.boolean(),
  }),
  /**
   * An epoch ended; a verse of the network as it is then. Epoch 0 is before training, where it goes on from another.
   * Sent again when a run is resumed at that very place.
   */
  z.strictObject({ type: z.literal('sample'), epoch: count, text: z.string() }),
  /** A file was written: the best network so far, or what a resumed run needs. */
  z.strictObject({ type: z.literal('saved'), what: z.enum(['checkpoint', 'state']), file: z.string() }),
  /** Training ended before its last step: no better validation loss for long (`done` follows), or cancelled. */
  z.strictObject({
    type: z.literal('stopped'),
    reason: z.enum(['patience', 'cancelled']),
    step: count,
    epoch: z.number(),
  }),
  /** The run is complete. */
  z.strictObject({
    type: z.literal('done'),
    checkpoint: z.string(),
    /** Of the checkpoint, nats per character; null without a validation part. */
    valLoss: z.number().nullable(),
    /** Of the checkpoint beside the network that training began with; null where nothing could be held out. */
    losses: lossesSchema.nullable(),
    /** Verses of the network that training began with and of the checkpoint, pairwise of one seed; none for a new network. */
    samples: z.array(z.strictObject({ before: z.string(), after: z.string() })),
    /** Passes over the training part, with fraction. */
    epochs: z.number(),
    /** Training speed of this process, validation left out. */
    charsPerSecond: z.number(),
    /** Of this process. */
    seconds: z.number(),
  }),
]);

export type TrainingProgress = z.infer<typeof progressSchema>;
export type ProgressOf<T extends TrainingProgress['type']> = Extract<TrainingProgress, { type: T }>;
