/** The contender TensorFlow.js with its WebAssembly backend, which has one thread in Node. */
// biome-ignore lint/suspicious/noTsIgnore: where the package is installed, nothing is wrong
// @ts-ignore: a development dependency; without it this contender is missing, and all else is built
import * as tf from 'tfjs-union';
import { initialWeights, START, tensorShapes } from '../../src/model/network.ts';
import type { Outcome, SamplingWork, TrainingWork } from './protocol.ts';
import { type ReadyWork, serve } from './serve.ts';
import { type LayerState, type Matrix, TfNetwork } from './tfjs-network.ts';
import { RECIPE } from './work.ts';

// biome-ignore lint/suspicious/noTsIgnore: as above
// @ts-ignore: as above
await import('@tensorflow/tfjs-backend-wasm');
await tf.setBackend('wasm');

function prepareTraining(work: TrainingWork): ReadyWork {
  const { spec, batchSize } = work;
  const network = new TfNetwork(spec, initialWeights(spec, RECIPE.seed), tensorShapes(spec));
  const { learningRate, beta1, beta2, epsilon } = RECIPE;
  const optimizer = tf.train.adam(learningRate, beta1, beta2, epsilon);
  const drop = (x: Matrix) => (spec.dropout > 0 ? tf.dropout(x, spec.dropout) : x) as Matrix;
  const oneHot = (ids: readonly number[]) =>
    tf.oneHot(tf.tensor1d([...ids], 'int32'), spec.vocabularySize).toFloat() as Matrix;
  let states = network.zeroState(batchSize);
  let done = 0;

  const step = (): number => {
    const { inputs, targets } = work.batches[done++ % work.batches.length]!;
    let after: LayerState[] = [];
    const loss = tf.tidy(() => {
      // gradients need these beyond the function that is differentiated
      const [before, wanted, transposes] = [oneHot(inputs), oneHot(targets), network.transposes()];
      const { value, grads } = tf.variableGrads(() => {
        const embedded = network.embed(before);
        const { logits, states: next } = network.forward(embedded, states, { transposes, drop });
        after = next.map((state) => state.map((part) => tf.keep(part)));
        return tf.losses.softmaxCrossEntropy(wanted, logits) as tf.Scalar;
      });
      optimizer.applyGradients(clipped(grads) as Record<string, tf.Variable>);
      return value.dataSync()[0]!;
    });
    for (const part of states.flat()) part.dispose();
    states = after;
    return loss;
  };
  return {
    details: `TensorFlow.js ${tf.version.tfjs}, wasm`,
    async run(count): Promise<Outcome> {
      const start = performance.now();
      const loss = step();
      for (let i = 1; i < count; i++) step();
      return { seconds: (performance.now() - start) / 1000, loss };
    },
  };
}

function clipped(gradients: tf.NamedTensorMap): tf.NamedTensorMap {
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
  const scale = tf.minimum(1, tf.div(RECIPE.clip, tf.sqrt(tf.addN(squares))));
  return Object.fromEntries(
    Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, scale)]),
  );
}

function prepareSampling(work: SamplingWork): ReadyWork {
  const { spec, lyrics, length } = work;
  const network = new TfNetwork(spec, initialWeights(spec, RECIPE.seed), tensorShapes(spec));
  const sing = () =>
    tf.tidy(() => {
      const embedding = network.variables.get('embedding.weight')!;
      const text: tf.Tensor1D[] = [];
      let ids = tf.fill([lyrics], START, 'int32') as tf.Tensor1D;
      let states = network.zeroState(lyrics);
      while (text.length < length) {
        const step = tf.tidy(() => {
          const after = network.forward(tf.gather(embedding, ids) as Matrix, states);
          const scores = tf.div(after.logits, RECIPE.temperature) as Matrix;
          const chosen = tf.multinomial(scores, 1).reshape([lyrics]) as tf.Tensor1D;
          return { chosen, states: after.states as Matrix[][] };
        });
        for (const part of states.flat()) part.dispose();
        ({ chosen: ids, states } = step);
        text.push(ids);
      }
      return tf.concat(text).dataSync().length;
    });
  return {
    details: `TensorFlow.js ${tf.version.tfjs}, wasm`,
    async run(count): Promise<Outcome> {
      const start = performance.now();
      for (let i = 0; i < count; i++) sing();
      return { seconds: (performance.now() - start) / 1000 };
    },
  };
}

await serve({ node: process.version, tfjs: tf.version.tfjs, backend: tf.getBackend() }, async (work) => {
  if (work.kind === 'learning') throw new Error('TensorFlow.js is too slow to learn to a loss');
  return work.kind === 'training' ? prepareTraining(work) : prepareSampling(work);
});
