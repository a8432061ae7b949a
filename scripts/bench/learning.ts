/** Training to a loss with ours: the stepper as the trainer uses it. pytorch_learning.py does the same in PyTorch. */
import type { Batch, TrainingStepper } from '../../src/engine/engine.ts';
import { chooseEngine } from '../../src/engine/index.ts';
import { chosenBuild } from '../../src/engine/wasm/builds.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import type { LearningWork, Outcome, Setting, WorkBatch } from './protocol.ts';
import type { ReadyWork } from './serve.ts';

export const engineBatch = ({ inputs, targets }: WorkBatch): Batch => ({
  inputs: Int32Array.from(inputs),
  targets: Int32Array.from(targets),
});

export async function prepareLearning(
  work: LearningWork,
  { threads, build, engine: name = 'wasm' }: Setting,
): Promise<ReadyWork> {
  const { spec, batchSize, seqLength, optimizer, clipping, recurrentDropout, seed, learningRates } = work;
  const { engine } = await chooseEngine({ engine: name, threads, build });
  const { weights } = await loadCheckpoint(work.checkpoint);
  const options = { batchSize, seqLength, optimizer, clipping, recurrentDropout, seed };
  const stepper = await engine.createTraining(spec, weights, options);
  const batches = work.batches.map(engineBatch);
  const validation = work.validation.map(engineBatch);
  let done = 0;
  const step = () => {
    const rate = learningRates[Math.min(done, learningRates.length - 1)]!;
    return stepper.step(batches[done++ % batches.length]!, rate).loss;
  };
  return {
    details: engine.description,
    gigaflops: chosenBuild(build)?.gigaflops,
    async run(count): Promise<Outcome> {
      const start = performance.now();
      let sum = 0;
      for (let i = 0; i < count; i++) sum += step();
      return { seconds: (performance.now() - start) / 1000, loss: finite(sum / count) };
    },
    async evaluate(): Promise<Outcome> {
      const start = performance.now();
      const loss = evaluate(stepper, validation);
      return { seconds: (performance.now() - start) / 1000, loss: finite(loss) };
    },
  };
}

/** Leaves the carried state of training as it was. */
function evaluate(stepper: TrainingStepper, validation: readonly Batch[]): number {
  const carried = stepper.readState();
  stepper.resetState();
  let [nats, counted] = [0, 0];
  for (const batch of validation) {
    const { loss, count } = stepper.evaluate(batch);
    nats += loss * count;
    counted += count;
  }
  stepper.writeState(carried);
  return nats / counted;
}

/** A loss that is none ends the learning: nothing comes after it, and JSON has no word for it. */
function finite(loss: number): number {
  if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
  return loss;
}
