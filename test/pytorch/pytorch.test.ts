import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { chooseEngine } from '../../src/engine/index.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/model/checkpoint.ts';
import { CELLS, type Cell, initialWeights } from '../../src/model/network.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { ROOT } from '../../src/paths.ts';
import { Random } from '../../src/random.ts';
import { trainingOptions } from '../engine/contract/fixtures.ts';

const ROWS = 3;
const LENGTH = 12;
const SCRIPT = path.join(ROOT, 'test', 'pytorch', 'loss.py');

/** A Python that has PyTorch, if there is one. */
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import torch']).status === 0,
);

interface Case {
  readonly cell: Cell;
  readonly tied: boolean;
  readonly dtype: 'float32' | 'float16';
}
const CASES: readonly Case[] = [
  ...CELLS.map((cell) => ({ cell, tied: false, dtype: 'float32' }) as const),
  { cell: 'lstm', tied: true, dtype: 'float32' },
  { cell: 'gru', tied: false, dtype: 'float16' },
];

interface Measured {
  readonly loss: number;
  readonly gradient_norms: Readonly<Record<string, number>>;
}

const vocabulary = Vocabulary.of('사랑은 비가 되어\n내 마음에 내린다');

function checkpointBytes({ cell, tied, dtype }: Case): Uint8Array {
  const spec = {
    cell,
    numLayers: 2,
    rnnSize: 21,
    embeddingSize: tied ? 21 : 13,
    vocabularySize: vocabulary.size,
    dropout: 0.2,
    tied,
  };
  const training = { data: 'test', epochs: 1, val_loss: null, seed: 1, parent: null };
  return encodeCheckpoint({ spec, vocabulary, weights: initialWeights(spec, 1), training }, dtype);
}

/** Rows of token ids. */
function rows(seed: number): number[][] {
  const random = new Random(seed);
  return Array.from({ length: ROWS }, () =>
    Array.from({ length: LENGTH }, () => random.below(vocabulary.size)),
  );
}

const timeMajor = (ids: number[][]): Int32Array =>
  Int32Array.from({ length: ROWS * LENGTH }, (_, i) => ids[i % ROWS]![Math.floor(i / ROWS)]!);

describe('a checkpoint in PyTorch', {
  skip: python ? false : 'no python3 with torch on this machine',
}, () => {
  const [inputs, targets] = [rows(1), rows(2)];
  let folder: string;
  let measured: Measured[];

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pytorch-'));
    const files = CASES.map((_, i) => path.join(folder, `${i}.safetensors`));
    await Promise.all(CASES.map((one, i) => writeFile(files[i]!, checkpointBytes(one))));
    const input = JSON.stringify({ inputs, targets });
    const { stdout, stderr, status } = spawnSync(python!, [SCRIPT, ...files], { input, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    measured = JSON.parse(stdout);
  });
  after(() => rm(folder, { recursive: true }));

  for (const [i, one] of CASES.entries()) {
    it(`has the same loss and gradients: ${one.cell}${one.tied ? ' tied' : ''}, ${one.dtype}`, async (t) => {
      const { spec, weights } = decodeCheckpoint(checkpointBytes(one), 'test');
      const { engine } = await chooseEngine({ engine: 'wasm', threads: 1 });
      const options = trainingOptions({ batchSize: ROWS, seqLength: LENGTH });
      const stepper = await engine.createTraining({ ...spec, dropout: 0 }, weights, options);
      t.after(() => stepper.close());
      const batch = { inputs: timeMajor(inputs), targets: timeMajor(targets) };
      const { loss, gradients } = stepper.gradients(batch);
      const expected = measured[i]!;
      assert.ok(Math.abs(loss - expected.loss) < 1e-4, `${loss} instead of ${expected.loss}`);
      for (const [name, norm] of Object.entries(expected.gradient_norms)) {
        const ratio = Math.hypot(...gradients.get(name)!) / norm;
        assert.ok(Math.abs(ratio - 1) < 1e-3, `${name}: ${ratio}`);
      }
    });
  }
});
