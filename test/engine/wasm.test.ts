import { chooseEngine } from '../../src/engine/index.ts';
import { createReferenceEngine } from '../reference/engine.ts';
import { testEngine, testParity } from './contract.ts';

for (const threads of [1, 2]) {
  const makeEngine = async () => (await chooseEngine({ engine: 'wasm', threads })).engine;
  testEngine(`wasm, threads: ${threads}`, makeEngine);
  testParity(`wasm, threads: ${threads}`, makeEngine, createReferenceEngine);
}
