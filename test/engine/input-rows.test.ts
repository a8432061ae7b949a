import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputRows } from '../../src/engine/wasm/input-rows.ts';
import type { NetworkSpec } from '../../src/model/network.ts';

const SPEC: NetworkSpec = {
  cell: 'lstm',
  numLayers: 1,
  rnnSize: 32,
  embeddingSize: 16,
  vocabularySize: 50,
  dropout: 0,
  tied: false,
};

function select(rows: InputRows, ...tokens: number[]) {
  const [ids, newIds] = [new Int32Array(4), new Int32Array(4)];
  const fresh = rows.select(Int32Array.from(tokens), tokens.length, ids, newIds);
  return {
    rows: [...ids.subarray(0, tokens.length)],
    fresh: [...newIds.subarray(0, fresh)],
    tokens: [...rows.newTokens.subarray(0, fresh)],
  };
}

test('a row is computed once', () => {
  const rows = new InputRows(SPEC, 4, () => 0);
  assert.deepEqual(select(rows, 7, 9), { rows: [7, 9], fresh: [7, 9], tokens: [7, 9] });
  assert.deepEqual(select(rows, 9, 8, 7), { rows: [9, 8, 7], fresh: [8], tokens: [8] });
  assert.deepEqual(select(rows, 7, 7, 7, 7), { rows: [7, 7, 7, 7], fresh: [], tokens: [] });
});

test('an input in place of a token is computed at every step, in a row of its slot', () => {
  const rows = new InputRows(SPEC, 4, () => 0);
  for (let step = 0; step < 2; step++) {
    const { fresh, tokens } = select(rows, 50, 3, 51);
    assert.deepEqual(tokens, step === 0 ? [50, 3, 51] : [50, 51]);
    assert.deepEqual(fresh, step === 0 ? [50, 3, 52] : [50, 52]);
  }
});
