/** The contender that is this project: the engine's training stepper, and the sampler that the bot uses. */
import { chooseEngine } from '../../src/engine/index.ts';
import { chosenBuild } from '../../src/engine/wasm/builds.ts';
import { initialWeights } from '../../src/model/network.ts';
import { Sampler } from '../../src/sampling/sampler.ts';
import { randomCheckpoint } from './checkpoint.ts';
import { engineBatch, prepareLearning } from './learning.ts';
import { profileSteps } from './profile.ts';
import type { Outcome, SamplingWork, Setting, TrainingWork } from './protocol.ts';
import { type ReadyWork, serve } from './serve.ts';
import { RECIPE } from './work.ts';

async function prepareTraining(
  work: TrainingWork,
  { threads, build, engine: name = 'wasm' }: Setting,
): Promise<ReadyWork> {
  const { spec, batchSize, seqLength } = work;
  const { engine } = await chooseEngine({ engine: name, threads, build });
  const stepper = await engine.createTraining(spec, initialWeights(spec, RECIPE.seed), {
    batchSize,
    seqLength,
    optimizer: {
      name: 'adam',
      beta1: RECIPE.beta1,
      beta2: RECIPE.beta2,
      epsilon: RECIPE.epsilon,
      weightDecay: 0,
    },
    clipping: { by: 'norm', limit: RECIPE.clip },
    seed: RECIPE.seed,
  });
  const batches = work.batches.map(engineBatch);
  let done = 0;
  const step = () => stepper.step(batches[done++ % batches.length]!, RECIPE.learningRate).loss;
  const run = async (count: number): Promise<Outcome> => {
    const start = performance.now();
    const loss = step();
    for (let i = 1; i < count; i++) step();
    return { seconds: (performance.now() - start) / 1000, loss };
  };
  return {
    details: engine.description,
    gigaflops: chosenBuild(build)?.gigaflops,
    run,
    profile: (count) => profileSteps(count, run, build),
  };
}

async function prepareSampling(work: SamplingWork, setting: Setting): Promise<ReadyWork> {
  const precision = setting.precision ?? 'int8';
  const { engine } = await chooseEngine({ engine: setting.engine ?? 'wasm', threads: setting.threads ?? 1 });
  const samplers: Sampler[] = [];
  for (let i = 0; i < work.checkpoints; i++) {
    const checkpoint = randomCheckpoint(work.spec, RECIPE.seed + i);
    samplers.push(await Sampler.create(engine, checkpoint, { slots: work.slots, precision }));
  }
  let seed = 0;
  let runs = 0;
  const sing = async (sampler: Sampler): Promise<number[]> => {
    const start = performance.now();
    const lyrics = Array.from({ length: work.lyrics }, async () => {
      const { length } = work;
      const { temperature } = RECIPE;
      const { characters } = await sampler.sample({
        primeText: '',
        length,
        temperature,
        seed: seed++,
        stopAtEnd: false,
      });
      if (characters !== length) throw new Error(`a lyric of ${characters} characters, not ${length}`);
      return (performance.now() - start) / 1000;
    });
    return Promise.all(lyrics);
  };
  return {
    details: engine.name === 'wasm' ? `${engine.name}, ${precision}` : engine.description,
    async run(count): Promise<Outcome> {
      const start = performance.now();
      let lyricSeconds: number[] = [];
      for (let i = 0; i < count; i++) lyricSeconds = await sing(samplers[runs++ % samplers.length]!);
      return { seconds: (performance.now() - start) / 1000, lyricSeconds };
    },
  };
}

await serve({ node: process.version, v8: process.versions.v8 }, (work, setting) => {
  if (work.kind === 'learning') return prepareLearning(work, setting);
  return work.kind === 'training' ? prepareTraining(work, setting) : prepareSampling(work, setting);
});
