import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { alternate, QUICK_PACE, warmUp } from '../../scripts/bench/compare.ts';
import { Contender, ContenderFault } from '../../scripts/bench/contender.ts';
import { enter, ourEntrant, type Ready, tfjsEntrant } from '../../scripts/bench/entrants.ts';
import { markdownTable, replaceTables } from '../../scripts/bench/markdown.ts';
import { readBenchOptions } from '../../scripts/bench/options.ts';
import { productShare, stepFlops } from '../../scripts/bench/roofline.ts';
import type { BenchResult } from '../../scripts/bench/run.ts';
import { median, pairRatio, percentile } from '../../scripts/bench/statistics.ts';
import { networkOf, trainingWork, USUAL, variantsOf, vocabularyText } from '../../scripts/bench/work.ts';
import { findAddon } from '../../src/engine/tensorflow/addon.ts';
import { UserError } from '../../src/errors.ts';
import { CELLS, START, tensorShapes } from '../../src/model/network.ts';
import { ROOT } from '../../src/paths.ts';
import { runNode } from './run.ts';

const SMALL = [
  ...['--quick', '--num-layers', '2', '--rnn-size', '20', '--embedding-size', '12'],
  ...['--vocabulary-size', '60', '--batch-size', '4', '--seq-length', '6'],
];
const TINY = { ...USUAL, numLayers: 2, rnnSize: 20, embeddingSize: 12, vocabularySize: 60, batchSize: 4 };
const NOWHERE = '/nowhere/python3';

async function bench(...args: string[]): Promise<BenchResult> {
  const { stdout, stderr, code } = await runNode('bench.js', [...SMALL, '--json', ...args]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

describe('npm run bench', () => {
  it('has the tensorflow engine beside the others, or says why not', async () => {
    const { figures } = await bench('--training', '--peers', 'tensorflow', '--threads', '1');
    const { rows, missing } = figures[0]!;
    if (findAddon()) {
      assert.deepEqual(missing, []);
      const [wasm, tensorflow] = rows;
      assert.match(tensorflow!.details, /^TensorFlow \d/);
      assert.ok(Math.abs(tensorflow!.first_loss! - wasm!.first_loss!) < 1e-4);
    } else {
      assert.equal(rows.length, 1);
      assert.match(missing[0]!.reason, /tensorflow.*setup-gpu/);
    }
  });

  it('measures training and sampling, ours and the peers that are there', async () => {
    const { figures, machine, start, quick } = await bench(
      ...['--peers', 'pytorch,tfjs', '--python', NOWHERE, '--threads', '1,2'],
    );
    assert.equal(quick, true);
    assert.equal(start, null);
    assert.ok(machine.cores >= 1 && machine.model !== '' && machine.node === process.version);
    assert.match(machine.build, /^(relaxed|simd)(8|16)$/);
    assert.ok(machine.gigaflops! > 0);
    assert.deepEqual(
      figures.map(({ figure, rows }) => [figure, ...rows.map(({ name }) => name)]),
      [
        ['training', 'wasm, 1 thread', 'wasm, 2 threads', 'tfjs-backend-wasm'],
        ['sampling', 'wasm, float32', 'wasm, int8', 'tfjs-backend-wasm'],
        ['sampling', 'wasm, float32', 'wasm, int8', 'tfjs-backend-wasm'],
      ],
    );
    assert.deepEqual(
      figures.map(({ characters }) => characters),
      [4 * 6, 20, 16 * 20],
    );
    for (const { rows, ratios, missing, characters } of figures) {
      for (const row of rows) {
        assert.ok(row.all_ms.length >= 5);
        assert.equal(row.median_ms, median(row.all_ms));
        assert.equal(row.min_ms, Math.min(...row.all_ms));
        assert.ok(row.min_ms > 0);
        assert.ok(Math.abs(row.chars_per_second * row.median_ms - 1000 * characters) < 1e-3 * characters);
        if (os.platform() === 'linux') assert.ok(row.peak_memory_mb! > 20);
      }
      const [first, second, peer] = rows;
      assert.deepEqual(
        ratios.map((ratio) => [ratio.ours, ratio.peer]),
        [first, second].map((row) => [row!.name, peer!.name]),
      );
      for (const [i, row] of [first, second].entries()) {
        assert.equal(ratios[i]!.median.toFixed(9), pairRatio(peer!.all_ms, row!.all_ms).median.toFixed(9));
      }
      assert.equal(missing.length, 1);
      assert.equal(missing[0]!.name, 'PyTorch');
      assert.match(missing[0]!.reason, /nowhere.*ENOENT/);
    }
  });

  it('lets PyTorch take part at its fastest setting', async (t) => {
    const { figures } = await bench('--training', '--peers', 'pytorch', '--threads', '1');
    const { rows, missing, trials, ratios } = figures[0]!;
    if (missing.length > 0) return t.skip(`no PyTorch here: ${missing[0]!.reason}`);
    const [ours, pytorch] = rows;
    assert.match(pytorch!.details, /^PyTorch \d.*torch threads 1/);
    const times = trials.flatMap(({ min_ms }) => min_ms ?? []);
    const fastest = trials.find(({ min_ms }) => min_ms === Math.min(...times))!;
    assert.deepEqual(pytorch!.setting, fastest.setting);
    assert.equal(pytorch!.command[0], fastest.command);
    // other weights than ours, but as little learnt
    assert.ok(Math.abs(pytorch!.first_loss! - ours!.first_loss!) < 0.3);
    assert.equal(ratios[0]!.peer, 'PyTorch');
  });

  it('measures the start, memory and lyrics beside a training', async () => {
    const { start, figures } = await bench('--start', '--peers', 'none', '--threads', '1');
    const { first_lyric, idle_memory, beside_training, training_memory, length } = start!;
    assert.equal(length, 20);
    assert.ok(first_lyric.all.length >= 5);
    for (const { first_character_ms, lyric_ms, exit_ms } of [first_lyric.median, ...first_lyric.all]) {
      assert.ok(first_character_ms > 0 && first_character_ms <= lyric_ms && lyric_ms <= exit_ms);
    }
    assert.ok(beside_training.idle.p95_ms >= beside_training.idle.median_ms);
    assert.equal(beside_training.p95_ratio, beside_training.training.p95_ms / beside_training.idle.p95_ms);
    if (os.platform() !== 'linux') return;
    assert.ok(idle_memory!.before_first_lyric_mb > 20 && idle_memory!.after_lyric_mb > 20);
    assert.equal(training_memory!.ours_mb, figures[0]!.rows[0]!.peak_memory_mb);
    assert.equal(training_memory!.pytorch_mb, null);
  });

  it('measures the whole list of networks with --matrix', async () => {
    const { stdout, code } = await runNode('bench.js', [
      ...['--quick', '--matrix', '--json', '--peers', 'none', '--threads', '1', '--repeats', '1'],
      ...['--rnn-size', '8', '--embedding-size', '8', '--vocabulary-size', '20', '--seq-length', '2'],
    ]);
    assert.equal(code, 0);
    const { figures } = JSON.parse(stdout) as BenchResult;
    const titles = figures.map(({ title }) => title);
    assert.equal(new Set(titles).size, 10);
    for (const part of ['batch 16', 'batch 128', '1 x 128', '2 x 512', 'GRU', 'RNN', 'vocabulary 100']) {
      assert.ok(
        titles.some((title) => title.includes(part)),
        part,
      );
    }
  });

  it('prints a table', async () => {
    const args = ['--training', '--peers', 'none', '--threads', '1'];
    const { stdout, code } = await runNode('bench.js', [...SMALL, ...args]);
    assert.equal(code, 0);
    assert.match(stdout, /^training, LSTM 2 x 20, vocabulary 60, batch 4 x 6\n/);
    assert.match(stdout, /\nwasm, 1 thread( +[\d.,]+){4}\n/);
    assert.match(stdout, /not to be trusted/);
  });

  it('says what is wrong with an option, and measures nothing', async () => {
    for (const args of [
      ['--threads', '0'],
      ['--peers', 'caffe'],
      ['--cell', 'cnn'],
      ['--model', 'absent'],
    ]) {
      const { stdout, code, stderr } = await runNode('bench.js', [
        ...SMALL,
        ...['--start', '--peers', 'none', '--repeats', '1', '--threads', '1'],
        ...args,
      ]);
      assert.equal(code, 1, args.join(' '));
      assert.equal(stdout, '');
      assert.ok(stderr.includes(args[1]!), stderr);
    }
  });
});

describe('npm run bench -- --report', () => {
  let folder: string;
  const report = (file: string) =>
    runNode('bench.js', [...SMALL, '--peers', 'none', '--threads', '1', '--report', file]);

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'report-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('writes every table of docs/performance.md and keeps the words', async () => {
    const shipped = path.join(ROOT, 'docs', 'performance.md');
    const file = path.join(folder, 'performance.md');
    await copyFile(shipped, file);
    const { code, stderr } = await report(file);
    assert.equal(code, 0, stderr);
    const tables = /<!-- table: (\S+) -->\n([\s\S]*?)<!-- end -->/g;
    const words = (document: string) => document.replace(tables, '<!-- table: $1 -->');
    const written = await readFile(file, 'utf8');
    assert.equal(words(written), words(await readFile(shipped, 'utf8')));
    const bodies = [...written.matchAll(tables)];
    assert.equal(bodies.length, 11);
    const learning = /<!-- table: time-to-loss -->[\s\S]*?<!-- end -->/;
    assert.equal(
      learning.exec(written)![0],
      learning.exec(await readFile(shipped, 'utf8'))![0],
      'takes too long',
    );
    for (const [, name, body] of bodies) {
      const rows = body!.split('\n').filter((line) => line.startsWith('|'));
      assert.ok(rows.length > 2, name);
      assert.equal(new Set(rows.map((row) => row.split('|').length)).size, 1, name);
    }
  });

  it('fails before it measures where a table has no place', async () => {
    const file = path.join(folder, 'other.md');
    await writeFile(file, 'nothing\n');
    const { code, stderr } = await report(file);
    assert.equal(code, 1);
    assert.match(stderr, /no place for the table/);
    assert.doesNotMatch(stderr, /measuring/);
  });
});

describe('contenders', () => {
  it('do the same work: ours and TensorFlow.js learn the same from the same weights, step by step', async (t) => {
    const readies: Ready[] = [];
    t.after(() => Promise.all(readies.map(({ contender }) => contender.close())));
    for (const cell of CELLS) {
      const work = trainingWork({ ...TINY, cell });
      const [ours, tfjs] = [
        await enter(ourEntrant('ours', { threads: 1 }), work),
        await enter(tfjsEntrant, work),
      ];
      readies.push(ours, tfjs);
      for (let step = 0; step < 5; step++) {
        const losses = [(await ours.contender.run(1)).loss!, (await tfjs.contender.run(1)).loss!];
        assert.ok(Math.abs(losses[0]! - losses[1]!) < 1e-4, `${cell}, step ${step}: ${losses}`);
      }
    }
  });

  const start = (script: string) => Contender.start('test', [process.execPath, '-e', script]);
  const answering = (answer: string) => `
    console.log('{"about":{}}');
    require('readline').createInterface({ input: process.stdin }).on('line', () => { ${answer} });`;

  it('are measured in turn', async (t) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'turns-'));
    const file = path.join(folder, 'turns');
    const script = (name: string) =>
      answering(
        `require('fs').appendFileSync(${JSON.stringify(file)}, '${name}'); console.log('{"seconds":1}')`,
      );
    const contenders = [await start(script('A')), await start(script('B'))];
    t.after(async () => {
      await Promise.all(contenders.map((contender) => contender.close()));
      await rm(folder, { recursive: true });
    });
    const warm = contenders.map((contender) => ({
      contender,
      runSeconds: 1,
      count: 2,
      firstLoss: undefined,
    }));
    const series = await alternate(warm, { ...QUICK_PACE, repeats: 3 });
    assert.equal(await readFile(file, 'utf8'), 'ABABAB');
    for (const { seconds } of series) assert.deepEqual(seconds, [0.5, 0.5, 0.5]);
  });

  it('that fail between measurements leave the others to go on', async (t) => {
    const dying = await start(
      answering(`if (globalThis.once) process.exit(3); globalThis.once = true;
      console.log('{"seconds":1}')`),
    );
    const lasting = await start(answering(`console.log('{"seconds":1}')`));
    const warm = [dying, lasting].map((contender) => ({
      ...{ contender, runSeconds: 1, count: 1, firstLoss: undefined },
    }));
    t.after(() => lasting.close());
    const [first, second] = await alternate(warm, { ...QUICK_PACE, repeats: 3 });
    assert.equal(first!.seconds.length, 1);
    assert.match(first!.fault!.message, /exit code 3/);
    assert.equal(second!.seconds.length, 3);
    assert.equal(second!.fault, undefined);
  });

  it('that cannot start, fail or end are a fault with its reason', async () => {
    const isFault = (reason: RegExp) => (error: unknown) =>
      error instanceof ContenderFault && reason.test(error.message);
    await assert.rejects(Contender.start('test', [NOWHERE]), isFault(/ENOENT/));
    await assert.rejects(start(`throw new Error('no such library')`), isFault(/no such library/));
    const failing = await start(answering(`console.log('{"error":"out of memory"}')`));
    await assert.rejects(failing.run(1), isFault(/^out of memory$/));
    const dying = await start(answering('process.exit(3)'));
    await assert.rejects(dying.run(1), isFault(/exit code 3/));
  });

  it('that take too long are given up', async () => {
    const contender = await start(answering(''));
    await assert.rejects(warmUp(contender, QUICK_PACE, { patienceSeconds: 0.2 }), (error: unknown) => {
      return error instanceof ContenderFault && /took longer/.test(error.message);
    });
  });
});

describe('the parts of a measurement', () => {
  it('medians, percentiles and ratios of neighbours', () => {
    assert.equal(median([5, 1, 9]), 5);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    assert.equal(percentile(hundred, 0.95), 95);
    assert.equal(percentile([7], 0.95), 7);
    // both are slowed down alike in the second round: the ratio is the same
    assert.deepEqual(pairRatio([2, 20, 2], [1, 10, 1]), { median: 2, min: 2, max: 2 });
  });

  it('count two operations a weight forward and four backward', () => {
    for (const shape of variantsOf(USUAL)) {
      const weights = [...tensorShapes(networkOf(shape))]
        .filter(([name, size]) => size.length === 2 && name !== 'embedding.weight')
        .reduce((sum, [, [rows, columns]]) => sum + rows! * columns!, 0);
      assert.equal(stepFlops(shape), 6 * weights * shape.batchSize * shape.seqLength);
    }
  });

  it('give the products their share of a thread', () => {
    const parts = [
      { part: 'output', kernel: 'product', share: 0.5 },
      { part: 'weightGradient', kernel: 'gradientProduct', share: 0.3 },
      { part: 'meet', kernel: 'barrier', share: 0.2 },
    ];
    const { share, gigaflops } = productShare({ seconds: 2, parts }, 64e9, 2);
    assert.equal(share, 0.8);
    assert.equal(gigaflops, 20);
  });

  it('are characters of the vocabulary, each to be predicted from the one before', () => {
    const shape = { ...USUAL, batchSize: 3, seqLength: 5, vocabularySize: 30 };
    const { batches } = trainingWork(shape);
    for (const [i, { inputs, targets }] of batches.entries()) {
      assert.equal(inputs.length, 15);
      assert.ok([...inputs, ...targets].every((id) => id > START && id < 30));
      assert.deepEqual(inputs.slice(3), targets.slice(0, -3));
      assert.deepEqual(batches[i + 1]?.inputs.slice(0, 3) ?? targets.slice(-3), targets.slice(-3));
    }
    assert.deepEqual(trainingWork(shape), trainingWork(shape));
    assert.equal(new Set(vocabularyText(30)).size, 28);
  });

  it('are chosen on the command line', () => {
    const sections = (...argv: string[]) => readBenchOptions(argv, 'en').sections;
    assert.deepEqual(sections(), ['training', 'sampling']);
    assert.deepEqual(sections('--start'), ['start']);
    assert.deepEqual(sections('--matrix'), ['training']);
    assert.deepEqual(sections('--matrix', '--sampling', '--training'), ['training', 'sampling']);
    const options = readBenchOptions(['--threads', '1,2,2', '--python', 'a,b', '--rnn-size', '64'], 'en');
    assert.deepEqual(options.threads, [1, 2]);
    assert.deepEqual(options.pythons, ['a', 'b']);
    assert.deepEqual(options.shape, { ...USUAL, rnnSize: 64 });
    assert.deepEqual(readBenchOptions(['--peers', 'none'], 'en').peers, []);
    assert.throws(() => readBenchOptions(['--vocabulary-size', '20000'], 'en'), UserError);
  });

  it('stand in the places that a document names', () => {
    const document = 'before\n<!-- table: a -->\nold\n<!-- end -->\nafter\n';
    const written = replaceTables(document, { a: markdownTable(['x', 'y'], [[1, 'one']]) });
    assert.equal(
      written,
      'before\n<!-- table: a -->\n\n| x | y |\n| ---: | --- |\n| 1 | one |\n\n<!-- end -->\nafter\n',
    );
    assert.equal(replaceTables(written, { a: 'new' }), replaceTables(document, { a: 'new' }));
    assert.throws(() => replaceTables(document, { a: '', b: '' }), /place for the table b/);
    assert.throws(() => replaceTables(document, {}), /nothing makes the table a/);
    assert.equal(replaceTables(document, {}, ['a']), document);
  });
});
