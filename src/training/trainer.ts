/**
 * Trains a network on a text: an async generator of what happens. It knows neither the command line nor the
 * chat nor a process: `scripts/train.ts` prints what it yields, `worker.ts` sends it to the bot.
 *
 * Everything that a weight depends on is in the job, the text and the saved state, so a run that was stopped
 * or killed at any moment ends with the bits it would have ended with. Between steps the event loop may breathe.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Engine } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { NgramModel } from '../model/ngram.ts';
import { loadCheckpoint, saveCheckpoint } from '../store/checkpoints.ts';
import type { TrainingJob } from './job.ts';
import { isBetter, lossesOf, measure, measureBeginning } from './measure.ts';
import { fitMixture } from './mixture.ts';
import { tablesOf } from './ngram-tables.ts';
import type { ProgressOf, TrainingProgress } from './progress.ts';
import type { EngineChoice } from './protocol.ts';
import { coolDown, epochOf, openRun, type Run, trainingRecord } from './run.ts';
import { saveRun } from './run-state.ts';
import { sampleEvent, singBeginning, verseIsDue, versePairs } from './run-verses.ts';
import { learningRateAt } from './schedule.ts';
import { Speed } from './speed.ts';

/** A loss this many times that of a uniform guess is far above it ... */
const HIGH_LOSS = 2;
/** ... and after so many updates in a row nothing will be learnt any more. */
const HIGH_LOSSES = 50;

export interface TrainingContext {
  readonly engine: Engine;
  /** How the engine was chosen; written down, so that a resumed run can choose the same. */
  readonly choice?: EngineChoice;
  readonly signal?: AbortSignal;
}

/**
 * Runs a job to its end. The best network by validation loss stands in `job.checkpoint` at any time from the
 * first validation on, the latest state beside it. When `signal` is aborted the state is saved, `stopped`
 * is the last event and the run can be resumed. Throws `UserError`s on bad data, settings that do not fit,
 * files that cannot be written and a loss that explodes; an earlier checkpoint is whole then.
 */
export async function* train(
  job: TrainingJob,
  { engine, choice = {}, signal }: TrainingContext,
): AsyncGenerator<TrainingProgress, void, void> {
  const run = await openRun(job, engine, choice);
  try {
    yield run.started;
    yield* advance(run, signal);
  } finally {
    await run.stepper.close();
  }
}

async function* advance(run: Run, signal?: AbortSignal): AsyncGenerator<TrainingProgress, void, void> {
  const { position, steps, job } = run;
  const speed = new Speed();
  // First of all, so that a folder which cannot be written shows before an hour is spent.
  yield await saveState(run);
  let savedAt = speed.elapsed;
  await measureBeginning(run, signal);
  await singBeginning(run);
  let verseAt = -1;
  for (;;) {
    if (validationIsDue(run)) yield* validate(run, signal);
    if (verseIsDue(run) && verseAt !== position.step && !signal?.aborted) {
      yield await sampleEvent(run);
      verseAt = position.step;
    }
    const complete = position.stoppedEarly || position.step >= steps;
    if (complete && !validationIsDue(run)) break;
    if (signal?.aborted) {
      yield await saveState(run);
      yield { type: 'stopped', reason: 'cancelled', step: position.step, epoch: epochOf(run) };
      return;
    }
    if (position.step === run.coolsFrom) await coolDown(run);
    yield update(run, speed);
    if (speed.elapsed - savedAt >= job.saveEvery) {
      yield await saveState(run);
      savedAt = speed.elapsed;
    }
    await breathe();
  }
  yield await saveState(run);
  if (!(await addMixture(run, signal))) {
    yield { type: 'stopped', reason: 'cancelled', step: position.step, epoch: epochOf(run) };
    return;
  }
  if (position.stoppedEarly) {
    yield { type: 'stopped', reason: 'patience', step: position.step, epoch: epochOf(run) };
  }
  yield {
    type: 'done',
    checkpoint: job.checkpoint,
    valLoss: position.bestLoss,
    losses: lossesOf(position),
    samples: await versePairs(run),
    epochs: epochOf(run),
    charsPerSecond: speed.mean,
    seconds: speed.elapsed,
  };
}

/** One update; moves the position. */
function update(run: Run, speed: Speed): ProgressOf<'step'> {
  const { position, plan, steps, stepper } = run;
  const learningRate = learningRateAt(run.job.settings, position.step, steps, plan.stepsPerEpoch);
  const batch = plan.batch(position.step);
  const { loss, gradientNorm } = speed.time(() => stepper.step(batch, learningRate));
  position.step++;
  // A text of characters that are new to a trained network begins far above a uniform guess.
  const usual = Math.max(Math.log(run.network.vocabulary.size), position.before?.newText ?? 0);
  position.highLosses = loss > HIGH_LOSS * usual ? position.highLosses + 1 : 0;
  // With gradients beyond all numbers the engine changes nothing, so no later step would be another.
  if (!Number.isFinite(loss + gradientNorm) || position.highLosses >= HIGH_LOSSES) throw exploded(run, loss);
  return {
    type: 'step',
    step: position.step,
    steps,
    epoch: epochOf(run),
    loss,
    learningRate,
    gradientNorm,
    charsPerSecond: speed.recent,
    secondsLeft: speed.secondsLeft(steps - position.step),
  };
}

function validationIsDue({ position, plan, steps, job }: Run): boolean {
  const { step, validatedAt } = position;
  if (step === 0 || validatedAt === step) return false;
  return step === steps || step % (job.settings.evalValEvery || plan.stepsPerEpoch) === 0;
}

/** Evaluates the held-out parts and keeps the best network; where there is none, the latest. */
async function* validate(run: Run, signal?: AbortSignal): AsyncGenerator<TrainingProgress, void, void> {
  const { position, job } = run;
  const measured = await measure(run, signal);
  if (measured === undefined) return;
  const { newText: valLoss, base: baseLoss } = measured;
  if (valLoss !== null && !Number.isFinite(valLoss)) throw exploded(run, valLoss);
  const best = isBetter(measured, position, job.settings);
  if (best) {
    const kept = { bestLoss: valLoss, bestBaseLoss: baseLoss };
    const training = trainingRecord({ ...run, position: { ...position, ...kept } });
    const checkpoint = { ...run.network, weights: run.stepper.readWeights(), training };
    await saveCheckpoint(job.checkpoint, checkpoint, job.dtype);
    Object.assign(position, kept);
  }
  position.validatedAt = position.step;
  position.withoutGain = best ? 0 : position.withoutGain + 1;
  const { patience } = job.settings;
  position.stoppedEarly = patience > 0 && position.withoutGain >= patience && position.step < run.steps;
  if (valLoss !== null) {
    yield { type: 'validated', step: position.step, epoch: epochOf(run), valLoss, baseLoss, best };
  }
  if (best) yield { type: 'saved', what: 'checkpoint', file: job.checkpoint };
}

/**
 * What stands beside the network that is kept, once at the end, as text is read for it: the n-grams of what was learnt,
 * beside its parent's, with as much weight as suits what was held out; and of a network that began anew how songs that
 * were held out recall themselves. Others have their parent's recall. False when `signal` is aborted.
 */
async function addMixture(run: Run, signal?: AbortSignal): Promise<boolean> {
  const { engine, job, pieces, learnt, network } = run;
  const { settings } = job;
  const isNew = job.initFrom === null;
  const tables = tablesOf(network, learnt, settings.ngramOrder, isNew);
  const recalls = isNew && settings.split === 'blocks';
  if (!tables && !recalls) return true;
  const checkpoint = await loadCheckpoint(job.checkpoint);
  // What the parent has learnt already would praise its n-grams: a text that grew is cut anew.
  const before = network.ngram && new NgramModel(network.ngram.tables, network.spec.vocabularySize);
  const unknown = pieces.filter(({ tokens }) => !before?.knows(tokens));
  const options = { tables, weights: network.ngram?.weights, signal };
  const mixture = await fitMixture(engine, checkpoint, unknown, options);
  if (!mixture) return false;
  const { ngram, recall = checkpoint.recall } = mixture;
  await saveCheckpoint(job.checkpoint, { ...checkpoint, ngram, ...(recalls && { recall }) }, job.dtype);
  return true;
}

async function saveState(run: Run): Promise<ProgressOf<'saved'>> {
  const { network, position, stateFile } = run;
  const header = { ...network, training: trainingRecord(run) };
  await saveRun(stateFile, header, run.stepper, { ...run.record, position });
  return { type: 'saved', what: 'state', file: stateFile };
}

function exploded({ position, job }: Run, loss: number): UserError {
  return new UserError('trainingExploded', {
    step: position.step,
    loss: Number.isFinite(loss) ? loss.toFixed(2) : String(loss),
    learningRate: job.settings.learningRate,
  });
}
