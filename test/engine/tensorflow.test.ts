import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findAddon } from '../../src/engine/tensorflow/addon.ts';
import { loadTensorflow } from '../../src/engine/tensorflow/load.ts';
import { createTensorflowEngine } from '../../src/engine/tensorflow.ts';
import { createWasmEngine } from '../../src/engine/wasm/index.ts';
import { CELLS, initialWeights } from '../../src/model/network.ts';
import { createTraining, randomBatch, smallNetwork } from './contract/fixtures.ts';
import { testEngine, testParity } from './contract.ts';

if (findAddon()) {
  const makeEngine = () => createTensorflowEngine();
  testEngine('tensorflow', makeEngine);
  testParity('tensorflow', makeEngine, () => createWasmEngine({ threads: 1 }));

  for (const cell of CELLS) {
    it(`holds as many tensors after 100 steps as after one, and none when closed: ${cell}`, async (t) => {
      const engine = await makeEngine();
      const tf = await loadTensorflow();
      const spec = smallNetwork({ cell, dropout: 0.2 });
      const options = { clipping: { by: 'norm', limit: 0.1 } } as const;
      const work = async (steps: number) => {
        const training = await createTraining(t, engine, spec, options);
        const batch = { ...randomBatch(spec, training, 1), fresh: Uint8Array.of(1, 0, 0) };
        const sampling = await engine.createSampling(spec, initialWeights(spec, 1), { slots: 2 });
        for (let step = 0; step < steps; step++) {
          training.step(batch, 0.01 / (step + 1));
          training.evaluate(batch);
          training.gradients(batch);
          sampling.step(Int32Array.of(1), Int32Array.of(step % 5), 1);
        }
        training.writeState(training.readState());
        training.writeWeights(training.readWeights());
        training.writeOptimizer(training.readOptimizer());
        const held = tf.memory().numTensors;
        await Promise.all([training.close(), sampling.close()]);
        return { held, left: tf.memory().numTensors };
      };
      const one = await work(1);
      const many = await work(100);
      assert.deepEqual(many, one);
      assert.ok(one.held > one.left);
    });
  }
} else {
  it('tensorflow engine', { skip: 'the addon is not built: npm run libtensorflow' }, () => {});
}
