/** What TensorFlow is told before it is loaded, in a process of its own for each case. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { visibleDevice } from '../../src/engine/tensorflow/environment.ts';

const MODULE = new URL('../../src/engine/tensorflow/environment.js', import.meta.url).href;
const NAMES = ['TF_NUM_INTRAOP_THREADS', 'OMP_NUM_THREADS', 'CUDA_VISIBLE_DEVICES', 'TF_ENABLE_ONEDNN_OPTS'];

/** The variables as the C library sees them: of a child that inherits them. */
function told(surroundings: object, before: Record<string, string> = {}): (string | null)[] {
  const { PATH = '' } = process.env;
  const code = `
    import { execFileSync } from 'node:child_process';
    const { prepareEnvironment } = await import(${JSON.stringify(MODULE)});
    prepareEnvironment(${JSON.stringify(surroundings)});
    const print = 'console.log(JSON.stringify(process.argv.slice(1).map((name) => process.env[name] ?? null)))';
    process.stdout.write(execFileSync(process.execPath, ['-e', print, ...${JSON.stringify(NAMES)}]));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    env: { PATH, ...before },
    encoding: 'utf8',
  });
  return JSON.parse(output);
}

describe("TensorFlow's environment", () => {
  it('has the configured threads and the GPU of that number', () => {
    assert.deepEqual(told({ threads: 3, gpu: 1 }), ['3', '3', '1', '0']);
  });

  it('is left alone where nothing is asked for', () => {
    assert.deepEqual(told({}), [null, null, null, '0']);
  });

  it('keeps what a person has set', () => {
    const before = { TF_NUM_INTRAOP_THREADS: '7', TF_ENABLE_ONEDNN_OPTS: '1', CUDA_VISIBLE_DEVICES: '4,6' };
    assert.deepEqual(told({ threads: 3 }, before), ['7', '3', '4,6', '1']);
    assert.deepEqual(told({ gpu: 1 }, before), ['7', null, '6', '1']);
  });
});

it('counts GPUs among those that can be seen', () => {
  assert.equal(visibleDevice(undefined, 2), '2');
  assert.equal(visibleDevice('', 2), '2');
  assert.equal(visibleDevice('3, 5', 1), '5');
  assert.equal(visibleDevice('3,5', 2), '-1');
  assert.equal(visibleDevice('3,5', -1), '-1');
});
