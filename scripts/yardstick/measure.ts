/** One protocol of the yardstick from its beginning to its figures. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Engine } from '../../src/engine/engine.ts';
import { UserError } from '../../src/errors.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import { evaluateParts } from '../../src/training/evaluate.ts';
import { partsOf } from '../../src/training/prepare.ts';
import type { TrainingProgress } from '../../src/training/progress.ts';
import type { TrainSettings } from '../../src/training/settings.ts';
import { train } from '../../src/training/trainer.ts';
import { statisticalBaselines } from '../corpus/baselines.ts';
import { type ProtocolName, TEXT } from './protocols.ts';

/** Nats are those of a character. */
export interface CurvePoint {
  readonly epoch: number;
  readonly step: number;
  /** Since training began, validations among them. */
  readonly minutes: number;
  /** As training judges itself: a long validation part in rows side by side. */
  readonly val_nats: number;
}

export interface Result {
  readonly protocol: ProtocolName;
  readonly data: string;
  readonly characters: number;
  /** Whether the text is tinyshakespeare, bit by bit: if not, published figures are of another text. */
  readonly public_text: boolean;
  readonly settings: TrainSettings;
  readonly parameters: number;
  readonly engine: string;
  readonly node: string;
  readonly curve: readonly CurvePoint[];
  /** Until the last step. */
  readonly minutes: number;
  readonly chars_per_second: number;
  /** Of the checkpoint, as `npm run evaluate` measures it: each segment of the validation part from one zero state. */
  readonly val_nats: number;
  readonly kneser_ney_7_nats: number;
}

export interface Order {
  readonly protocol: ProtocolName;
  readonly settings: TrainSettings;
  readonly data: string;
  readonly checkpointDir: string;
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly report: (progress: TrainingProgress) => void;
}

export const resultFile = ({ checkpointDir, protocol }: Pick<Order, 'checkpointDir' | 'protocol'>): string =>
  path.join(checkpointDir, `${protocol}.json`);

/** Throws a `UserError` that says where the text is to be had, if it is not there. */
export async function readYardstick(file: string): Promise<string> {
  if (!existsSync(file)) throw new UserError('yardstickMissing', { file, url: TEXT.url });
  return (await readCorpus({ file })).text;
}

/**
 * Trains, and measures what was learnt. The curve so far stands in `resultFile` after each validation, all
 * figures at the end. Undefined when `signal` was aborted.
 */
export async function measureProtocol(order: Order): Promise<Result | undefined> {
  const { protocol, settings, data, engine } = order;
  const text = await readYardstick(data);
  await mkdir(order.checkpointDir, { recursive: true });
  const beginning = {
    protocol,
    data,
    characters: [...text].length,
    public_text: createHash('sha256').update(text).digest('hex') === TEXT.sha256,
    settings,
    engine: engine.description,
    node: process.version,
  };
  const write = (figures: object) =>
    writeFile(resultFile(order), `${JSON.stringify({ ...beginning, ...figures }, null, 2)}\n`);

  const learnt = await learn(order, (curve) => write({ curve }));
  if (!learnt) return undefined;
  const parts = partsOf(text, settings);
  const checkpoint = await loadCheckpoint(learnt.checkpoint);
  const { nats, chars } = await evaluateParts(engine, checkpoint, parts.val, settings);
  const sevenGram = statisticalBaselines(parts).find(({ name }) => name === 'Kneser-Ney 7-gram')!;
  const { checkpoint: _, ...run } = learnt;
  const figures = { ...run, val_nats: nats / chars, kneser_ney_7_nats: sevenGram.val!.nats_per_char };
  await write(figures);
  return { ...beginning, ...figures };
}

async function learn(
  { protocol, settings, data, checkpointDir, engine, signal, report }: Order,
  keep: (curve: readonly CurvePoint[]) => Promise<void>,
) {
  const checkpoint = path.join(checkpointDir, `${protocol}.safetensors`);
  const job = {
    data: path.resolve(data),
    name: path.parse(data).name,
    settings,
    checkpoint,
    dtype: 'float32',
    initFrom: null,
    resume: 'never',
    maxBytes: Number.MAX_SAFE_INTEGER,
    saveEvery: 60,
  } as const;
  const begun = performance.now();
  const curve: CurvePoint[] = [];
  let parameters = 0;
  for await (const progress of train(job, { engine, choice: engine.trainingChoice(), signal })) {
    report(progress);
    if (progress.type === 'started') parameters = progress.parameters;
    if (progress.type === 'validated') {
      const { epoch, step, valLoss } = progress;
      curve.push({ epoch, step, minutes: (performance.now() - begun) / 60_000, val_nats: valLoss });
      await keep(curve);
    }
    if (progress.type === 'done') {
      const { seconds, charsPerSecond } = progress;
      return { checkpoint, parameters, curve, minutes: seconds / 60, chars_per_second: charsPerSecond };
    }
  }
  return undefined;
}
