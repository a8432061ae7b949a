/** Loads TensorFlow in this process, lets it multiply two matrices, and tells its device. */
import { findAddon } from '../../src/engine/tensorflow/addon.ts';
import { loadTensorflow } from '../../src/engine/tensorflow/load.ts';
import { Ops } from '../../src/engine/tensorflow/ops.ts';
import { UserError } from '../../src/errors.ts';

export interface Device {
  readonly version: string;
  readonly gpu: boolean;
}

/** Throws a `UserError` when the addon does not load or its product is wrong. */
export async function checkTensorflow(): Promise<Device> {
  try {
    const ops = new Ops(await loadTensorflow());
    const [a, b] = [
      ops.floats(Float32Array.of(1, 2, 3, 4), [2, 2]),
      ops.floats(Float32Array.of(5, 6, 7, 8), [2, 2]),
    ];
    const product = [...ops.matMul(a, b).dataSync()];
    if (String(product) !== '19,22,43,50') throw new Error(`a product is ${product}`);
    return { version: ops.version, gpu: ops.usesGpu };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError('tensorflowSetup', { step: findAddon()?.file ?? 'load', reason }, { cause: error });
  }
}
