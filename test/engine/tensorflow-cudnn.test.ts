/** cuDNN's LSTM, as far as a machine without a GPU can tell: its layout, its ops' names, and that it is not trusted. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findAddon } from '../../src/engine/tensorflow/addon.ts';
import { cudnnLstm, fromCanonical, toCanonical } from '../../src/engine/tensorflow/cudnn.ts';
import { loadTensorflow } from '../../src/engine/tensorflow/load.ts';
import { lstm } from '../../src/engine/tensorflow/lstm.ts';
import { chooseLstm, findDifference } from '../../src/engine/tensorflow/lstm-choice.ts';
import { Ops } from '../../src/engine/tensorflow/ops.ts';
import { readFloats } from '../../src/engine/tensorflow/parameters.ts';
import type { Recurrence } from '../../src/engine/tensorflow/recurrence.ts';

const skip = findAddon() ? false : 'the addon is not built: npm run libtensorflow';

describe("cuDNN's LSTM", { skip }, () => {
  const makeOps = async () => new Ops(await loadTensorflow({ threads: 1 }));
  const [IN, H] = [3, 2];

  it('has 8 matrices and 8 biases in the order i, f, g, o of input and state, and back', async () => {
    const ops = await makeOps();
    const count = (length: number, first: number) => Float32Array.from({ length }, (_, i) => first + i);
    const layer = {
      weightIh: ops.floats(count(4 * H * IN, 0), [4 * H, IN]),
      weightHh: ops.floats(count(4 * H * H, 100), [4 * H, H]),
      biasIh: ops.floats(count(4 * H, 200), [4 * H]),
      biasHh: ops.floats(count(4 * H, 300), [4 * H]),
    };
    const { weights, biases } = toCanonical(ops, layer);
    assert.deepEqual(
      weights.map(({ shape }) => shape),
      [...Array(4).fill([H, IN]), ...Array(4).fill([H, H])],
    );
    assert.deepEqual(
      biases.map(({ shape }) => shape),
      Array(8).fill([H]),
    );
    const firsts = [...weights, ...biases].map((tensor) => readFloats(tensor)[0]);
    assert.deepEqual(firsts, [0, 6, 12, 18, 100, 104, 108, 112, 200, 202, 204, 206, 300, 302, 304, 306]);
    const back = fromCanonical(ops, weights, biases);
    for (const [name, tensor] of Object.entries(layer)) {
      const same = back[name as keyof typeof back];
      assert.deepEqual(same.shape, tensor.shape);
      assert.deepEqual(readFloats(same), readFloats(tensor));
    }
  });

  it('is known to TensorFlow, which has no kernel of it for a CPU', async () => {
    const ops = await makeOps();
    if (ops.usesGpu) return;
    const fault = findDifference(ops, cudnnLstm, lstm);
    assert.match(fault!, /CudnnRNNCanonicalToParamsV2/);
    assert.doesNotMatch(fault!, /attr|unknown op/i);
  });

  it('is not taken where it cannot run, and the reason is told', async () => {
    const ops = await makeOps();
    const chosen = chooseLstm(ops, true);
    if (ops.usesGpu) return;
    assert.equal(chosen.recurrence, lstm);
    assert.match(chosen.name, /^BlockLSTMV2 \(not CudnnRNNV3: .*Cudnn/);
    assert.deepEqual(chooseLstm(ops, false), { recurrence: lstm, name: 'BlockLSTMV2' });
  });

  it('is not taken where one value or one gradient differs', async () => {
    const ops = await makeOps();
    assert.equal(findDifference(ops, lstm, lstm), undefined);
    const swapped: Recurrence = {
      ...lstm,
      backward: (...given) => {
        const gradients = lstm.backward(...given);
        return { ...gradients, biasHh: ops.scale(gradients.biasHh, 1.001) };
      },
    };
    assert.equal(findDifference(ops, swapped, lstm), 'biasHh differs');
    const broken: Recurrence = {
      ...lstm,
      forward(...given) {
        const output = lstm.forward(...given);
        return { ...output, h: ops.scale(output.h, Number.NaN) };
      },
    };
    assert.equal(findDifference(ops, broken, lstm), 'output differs');
  });
});
