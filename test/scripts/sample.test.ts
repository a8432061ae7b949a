import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findAddon } from '../../src/engine/tensorflow/addon.ts';
import { saveCheckpoint } from '../../src/store/checkpoints.ts';
import { randomCheckpoint } from '../sampling/fixtures.ts';
import { runNode } from './run.ts';

describe('npm run sample', () => {
  let folder: string;
  let model: string;
  const sample = (...args: string[]) => runNode('sample.js', ['--model', model, ...args]);

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sample-'));
    model = path.join(folder, 'small.safetensors');
    await saveCheckpoint(model, randomCheckpoint());
  });
  after(() => rm(folder, { recursive: true }));

  it('prints the prime text and the lyric, the same for the same seed', async () => {
    const args = ['--prime-text', '사랑은 ', '--length', '40', '--seed', '3', '--no-stop-at-end'];
    const [first, second, other] = await Promise.all([
      sample(...args),
      sample(...args),
      sample(...args, '--seed', '4'),
    ]);
    assert.equal(first.code, 0);
    assert.ok(first.stdout.startsWith('사랑은 '));
    assert.equal([...first.stdout].length, '사랑은 '.length + 40 + 1);
    assert.equal(second.stdout, first.stdout);
    assert.notEqual(other.stdout, first.stdout);
  });

  it('sings on the engine that is configured', async () => {
    const args = ['--model', model, '--length', '5', '--sample', '0', '--prime-text', '밤'];
    const forced = await runNode('sample.js', args, { ENGINE: 'tensorflow' });
    if (findAddon()) assert.equal(forced.stdout, (await sample(...args.slice(2))).stdout);
    else assert.match(forced.stderr, /the tensorflow engine cannot be used/);
    const wrong = await runNode('sample.js', args, { KERNELS: 'avx' });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /KERNELS: one of relaxed16/);
  });

  it('takes the likeliest character with --sample 0, whatever the seed', async () => {
    const args = ['--sample', '0', '--length', '30', '--no-stop-at-end', '--seed'];
    const [first, second] = await Promise.all([sample(...args, '1'), sample(...args, '2')]);
    assert.equal(first.stdout, second.stdout);
    assert.ok(first.stdout.length > 30);
  });

  it('gives with --json what is needed to have each lyric again', async () => {
    const { stdout, code } = await sample(
      '--json',
      '--count',
      '3',
      '--seed',
      '5',
      '--top-k',
      '9',
      '--top-p',
      '0.9',
    );
    assert.equal(code, 0);
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      records.map(({ seed }) => seed),
      [5, 6, 7],
    );
    for (const { text, seed, temperature, top_k, top_p, characters, prime_text } of records) {
      assert.equal([...text].length, characters);
      const again = await sample(
        ...['--seed', seed, '--temperature', temperature, '--top-k', top_k, '--top-p', top_p].map(String),
      );
      assert.equal(again.stdout, `${prime_text}${text}\n`);
    }
  });

  it('names characters that the network has not seen, apart from the lyric', async () => {
    const { stdout, stderr, code } = await sample('--prime-text', '뷁사랑', '--length', '5');
    assert.equal(code, 0);
    assert.ok(stdout.startsWith('뷁사랑'));
    assert.match(stderr, /뷁/);
  });

  it('says what is wrong, prints nothing and fails', async () => {
    const faults: [string[], RegExp][] = [
      [['--temperature', '0'], /--temperature 0 cannot be used/],
      [['--temperature', 'NaN'], /--temperature NaN/],
      [['--length', '1e9'], /--length/],
      [['--length', '0'], /--length/],
      [['--seed', '1.5'], /--seed/],
      [['--top-p', '2'], /--top-p/],
      [['--top-k', '0'], /--top-k/],
      [['--sample', '2'], /--sample/],
      [['--colour', 'red'], /--colour/],
      [['--model', path.join(folder, 'absent.safetensors')], /absent\.safetensors/],
    ];
    for (const [args, message] of faults) {
      const { stdout, stderr, code } = await sample(...args);
      assert.equal(code, 1, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /at .*\.js/, 'no stack');
    }
  });

  it('explains its options', async () => {
    const { stdout, code } = await sample('--help');
    assert.equal(code, 0);
    assert.match(stdout, /--prime-text <text>/);
    assert.match(stdout, /default: 0\.9/);
  });
});
