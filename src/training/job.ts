/** A training run as it is ordered. Plain data: it can be written to disk and sent to another process. */
import { z } from 'zod';
import { trainSettingsSchema } from './settings.ts';

export const trainingJobSchema = z.strictObject({
  /** The text file. */
  data: z.string().min(1),
  /** Name of the text in the checkpoint's record. */
  name: z.string().min(1),
  settings: trainSettingsSchema,
  /** Where the best network is saved; what a resumed run needs stands beside it (`trainingStateFile`). */
  checkpoint: z.string().endsWith('.safetensors'),
  dtype: z.enum(['float32', 'float16']),
  /** Checkpoint to start from: its weights, its vocabulary and its network. */
  initFrom: z.string().min(1).nullable(),
  /**
   * Text that the network of `initFrom` learnt from, of which `settings.replay` is replayed and the loss is watched;
   * absent: nothing is. A run can be resumed only while it is there and unchanged: a durable job has its own copy.
   */
  replayData: z.string().min(1).optional(),
  /** `never` starts anew, `required` fails where there is nothing to continue, `if-possible` takes what is there. */
  resume: z.enum(['never', 'required', 'if-possible']),
  /** Largest text file that is read. */
  maxBytes: z.number().int().positive(),
  /** Seconds between two savings of the state. */
  saveEvery: z.number().min(0).max(86_400),
});

export type TrainingJob = Readonly<z.infer<typeof trainingJobSchema>>;
