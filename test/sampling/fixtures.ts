/** Small checkpoints for tests of sampling. */
import type { TestContext } from 'node:test';
import { chooseEngine } from '../../src/engine/index.ts';
import type { Checkpoint } from '../../src/model/checkpoint.ts';
import { type Cell, initialWeights } from '../../src/model/network.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import type { SampleRequest } from '../../src/sampling/request.ts';
import { Sampler } from '../../src/sampling/sampler.ts';

const TEXT = '사랑은 비가 되어\n내 마음에 내린다\n\n그대 없는 밤';

/** A network of random weights, its logits far enough apart to be of interest. */
export function randomCheckpoint(cell: Cell = 'lstm'): Checkpoint {
  const vocabulary = Vocabulary.of(TEXT);
  const spec = {
    cell,
    numLayers: 2,
    rnnSize: 24,
    embeddingSize: 10,
    vocabularySize: vocabulary.size,
    dropout: 0,
    tied: false,
  };
  const weights = new Map([...initialWeights(spec, 3)].map(([name, w]) => [name, w.map((x) => 4 * x)]));
  const training = { data: 'test', epochs: 1, val_loss: null, seed: 3, parent: null };
  return { spec, vocabulary, weights, training };
}

/** A network whose logits are the same after any text: those given by token id, -9 for the others. */
export function constantCheckpoint(logits: Readonly<Record<number, number>>): Checkpoint {
  const checkpoint = randomCheckpoint();
  const weights = new Map(checkpoint.weights);
  weights.set(
    'output.weight',
    weights.get('output.weight')!.map(() => 0),
  );
  weights.set(
    'output.bias',
    weights.get('output.bias')!.map((_, id) => logits[id] ?? -9),
  );
  return { ...checkpoint, weights };
}

/** A sampler that closes when the test ends. */
export async function createSampler(
  t: TestContext,
  checkpoint: Checkpoint,
  slots = 4,
  precision?: 'float32',
): Promise<Sampler> {
  const { engine } = await chooseEngine({ engine: 'wasm', threads: 1 });
  const sampler = await Sampler.create(engine, checkpoint, { slots, ...(precision && { precision }) });
  t.after(() => sampler.close());
  return sampler;
}

export function sampleRequest(given: Partial<SampleRequest> = {}): SampleRequest {
  return { primeText: '사랑은 ', length: 60, temperature: 0.9, seed: 7, stopAtEnd: false, ...given };
}
