import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import type { Engine, TrainingStepper } from '../../src/engine/engine.ts';
import { UserError } from '../../src/errors.ts';
import { loadCheckpoint, saveCheckpoint } from '../../src/store/checkpoints.ts';
import { evaluateParts } from '../../src/training/evaluate.ts';
import { partsOf } from '../../src/training/prepare.ts';
import { train } from '../../src/training/trainer.ts';
import { collect, lyrics, ofType, smallJob, temporaryFolder, testEngine } from './fixtures/runs.ts';

const code = (wanted: string) => (error: unknown) => error instanceof UserError && error.code === wanted;

test('a run learns, reports in order and keeps the network with the lowest validation loss', async (t) => {
  const job = await smallJob(await temporaryFolder(t), { maxEpochs: 8, learningRate: 0.03 });
  const engine = await testEngine();
  const events = await collect(train(job, { engine }));

  const [started] = ofType(events, 'started');
  const steps = ofType(events, 'step');
  assert.equal(events[0], started);
  assert.equal(steps.length, started!.steps);
  assert.deepEqual(
    steps.map(({ step }) => step),
    steps.map((_, i) => i + 1),
  );
  assert.equal(started!.steps, 8 * started!.stepsPerEpoch);
  assert.ok(steps.at(-1)!.loss < 0.7 * steps[0]!.loss);

  const validated = ofType(events, 'validated');
  assert.equal(validated.length, 8);
  const lowest = Math.min(...validated.map(({ valLoss }) => valLoss));
  const done = events.at(-1)!;
  assert.ok(done.type === 'done');
  assert.deepEqual([done.valLoss, done.epochs, done.checkpoint], [lowest, 8, job.checkpoint]);

  const checkpoint = await loadCheckpoint(job.checkpoint);
  assert.deepEqual(checkpoint.training, {
    data: 'small',
    epochs: validated.find(({ valLoss }) => valLoss === lowest)!.epoch,
    val_loss: lowest,
    seed: job.settings.seed,
    parent: null,
  });
  const parts = partsOf(await readFile(job.data, 'utf8'), job.settings);
  const { nats, chars } = await evaluateParts(engine, checkpoint, parts.val, { batchSize: 3, seqLength: 20 });
  assert.ok(Math.abs(nats / chars - lowest) < 1e-6, 'what the checkpoint says of itself is true');
  assert.equal(chars, started!.characters.val);
});

test('the seed alone decides: the same twice gives the same file, another one another', async (t) => {
  const engine = await testEngine();
  const bytes = async (seed: number) => {
    const job = await smallJob(await temporaryFolder(t), { seed, maxEpochs: 2 });
    await collect(train(job, { engine }));
    return readFile(job.checkpoint);
  };
  const first = await bytes(5);
  assert.deepEqual(await bytes(5), first);
  assert.notDeepEqual(await bytes(6), first);
});

for (const model of ['gru', 'rnn'] as const) {
  test(`a ${model} learns by RMSProp on streams with char-rnn's schedule, tied weights included`, async (t) => {
    const job = await smallJob(await temporaryFolder(t), {
      model,
      tieWeights: true,
      numLayers: 2,
      optimizer: 'rmsprop',
      schedule: 'char-rnn',
      split: 'streams',
      clip: 'value',
      gradClip: 5,
      maxEpochs: 6,
    });
    const events = await collect(train(job, { engine: await testEngine() }));
    const steps = ofType(events, 'step');
    assert.ok(steps.at(-1)!.loss < 0.8 * steps[0]!.loss);
    assert.equal((await loadCheckpoint(job.checkpoint)).spec.cell, model);
  });
}

test('tail: the end of the text is held out, and validating in rows comes to the loss of it in one piece', async (t) => {
  const engine = await testEngine();
  const split = { split: 'tail', trainFrac: 0.7, valFrac: 0.3 } as const;
  const job = await smallJob(await temporaryFolder(t), { ...split, maxEpochs: 4 }, lyrics(80));
  const events = await collect(train(job, { engine }));
  const text = await readFile(job.data, 'utf8');
  const trained = Math.floor(text.length * 0.7);
  const [started] = ofType(events, 'started');
  assert.deepEqual(started!.characters, { train: trained - 1, val: text.length - trained - 1, test: 0 });
  assert.equal(started!.stepsPerEpoch, Math.ceil((trained - 1) / 4 / 16));
  assert.ok(ofType(events, 'validated').at(-1)!.valLoss < 0.7 * ofType(events, 'step')[0]!.loss);

  const network = await loadCheckpoint(job.checkpoint);
  const { val } = partsOf(text, job.settings);
  assert.equal(val.length, 1);
  const { nats, chars } = await evaluateParts(engine, network, val, { batchSize: 4, seqLength: 16 });
  assert.equal(chars, text.length - trained - 1);
  const difference = Math.abs(nats / chars - network.training.val_loss!);
  assert.ok(difference < 1e-4, `${nats / chars} and ${network.training.val_loss}`);
});

test('validating more often changes nothing of what is learnt', async (t) => {
  const engine = await testEngine();
  const losses = async (evalValEvery: number) => {
    const job = await smallJob(await temporaryFolder(t), {
      split: 'streams',
      evalValEvery,
      maxEpochs: 2,
      patience: 0,
    });
    return ofType(await collect(train(job, { engine })), 'step').map(({ loss }) => loss);
  };
  assert.deepEqual(await losses(3), await losses(1_000_000));
});

/** Another object's properties, but for those that are given. */
const like = <T extends object>(of: T, given: Partial<T>): T =>
  new Proxy(of, {
    get(target, name) {
      const value = Reflect.get(name in given ? given : target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

test('the cooldown has half the dropout, and a checkpoint says the whole', async (t) => {
  const settings = { dropout: 0.4, recurrentDropout: 0.2, cooldown: 0.25, maxEpochs: 4 };
  const job = await smallJob(await temporaryFolder(t), settings);
  const engine = await testEngine();
  const asked: unknown[] = [];
  const createTraining: Engine['createTraining'] = (spec, weights, options) => {
    asked.push([spec.dropout, options.recurrentDropout]);
    return engine.createTraining(spec, weights, options);
  };
  await collect(train(job, { engine: like(engine, { createTraining }) }));
  assert.deepEqual(asked, [
    [0.4, 0.2],
    [0.2, 0.1],
  ]);
  assert.equal((await loadCheckpoint(job.checkpoint)).spec.dropout, 0.4);
});

test('where the cooldown begins nothing but dropout changes: weights, moments and state go on', async (t) => {
  const engine = await testEngine();
  const settings = { dropout: 0, recurrentDropout: 0, cooldown: 0.3, maxEpochs: 4 };
  const learn = async (createTraining: Engine['createTraining']) => {
    const job = await smallJob(await temporaryFolder(t), settings);
    await collect(train(job, { engine: like(engine, { createTraining }) }));
    return readFile(job.checkpoint);
  };
  let only: TrainingStepper | undefined;
  const always: Engine['createTraining'] = async (spec, weights, options) => {
    if (!only) {
      const stepper = await engine.createTraining(spec, weights, options);
      t.after(() => stepper.close());
      only = like(stepper, { close: async () => {} });
    }
    return only;
  };
  const another: Engine['createTraining'] = (...given) => engine.createTraining(...given);
  assert.ok((await learn(another)).equals(await learn(always)));
});

test('training ends early when the validation loss no longer improves', async (t) => {
  const job = await smallJob(await temporaryFolder(t), { learningRate: 0.5, patience: 2, maxEpochs: 500 });
  const events = await collect(train(job, { engine: await testEngine() }));
  const validated = ofType(events, 'validated');
  assert.ok(validated.length < 500);
  assert.deepEqual(
    validated.slice(-3).map(({ best }) => best),
    [true, false, false],
  );
  assert.equal(ofType(events, 'stopped')[0]!.reason, 'patience');
  assert.equal(ofType(events, 'done')[0]!.valLoss, validated.at(-3)!.valLoss);
});

test('a loss that explodes is said, and the earlier checkpoint stays whole', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  const job = await smallJob(folder, { maxEpochs: 1 });
  await collect(train(job, { engine }));
  const before = await readFile(job.checkpoint);
  const wild = await smallJob(folder, {
    model: 'rnn',
    learningRate: 10,
    gradClip: 0,
    warmup: 0,
    optimizer: 'rmsprop',
    schedule: 'char-rnn',
    evalValEvery: 1_000_000,
    maxEpochs: 50,
  });
  await assert.rejects(collect(train(wild, { engine })), code('trainingExploded'));
  assert.deepEqual(await readFile(job.checkpoint), before);
});

test('gradients beyond all numbers are said as a loss that explodes', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  const job = await smallJob(folder, { maxEpochs: 1, tieWeights: false });
  await collect(train(job, { engine }));
  // Finite, as anybody's checkpoint may be.
  const { weights, ...network } = await loadCheckpoint(job.checkpoint);
  const steep = new Map(
    [...weights].map(([name, values]) => [
      name,
      name === 'output.weight' ? values.map((one) => 1e30 * one) : values,
    ]),
  );
  const initFrom = path.join(folder, 'steep.safetensors');
  await saveCheckpoint(initFrom, { ...network, weights: steep });
  const next = { ...job, initFrom, checkpoint: path.join(folder, 'next.safetensors') };
  await assert.rejects(collect(train(next, { engine })), code('trainingExploded'));
});

test('a small text takes fewer rows; one of less than two sequences is refused', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  const run = async (text: string, settings: Parameters<typeof smallJob>[1]) =>
    ofType(
      await collect(train(await smallJob(folder, { maxEpochs: 1, ...settings }, text), { engine })),
      'started',
    )[0]!;
  const text = lyrics(4);
  const blocks = await run(text, { batchSize: 1000, trainFrac: 0.7, valFrac: 0.3 });
  assert.ok(blocks.batchSize > 1 && blocks.batchSize * 16 <= text.length);
  const streams = await run(text, { batchSize: 1000, split: 'streams' });
  assert.equal(streams.batchSize, Math.floor(text.length / 32));
  await assert.rejects(run('사랑은 가고\n', {}), UserError);
});

test('without a validation part the checkpoint is the latest network', async (t) => {
  const job = await smallJob(await temporaryFolder(t), { trainFrac: 1, valFrac: 0, maxEpochs: 2 });
  const events = await collect(train(job, { engine: await testEngine() }));
  assert.equal(ofType(events, 'validated').length, 0);
  assert.equal(ofType(events, 'done')[0]!.valLoss, null);
  const { training } = await loadCheckpoint(job.checkpoint);
  assert.deepEqual([training.epochs, training.val_loss], [2, null]);
});

test('a run that begins from a checkpoint knows what that one knew, and the new characters', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await testEngine();
  const base = await smallJob(folder, { maxEpochs: 10, learningRate: 0.03 });
  await collect(train(base, { engine }));

  const grown = {
    ...(await smallJob(folder, { maxEpochs: 1, rnnSize: 20 }, `${lyrics(24)}\n\n뮤즈여 햇살\n`)),
    initFrom: base.checkpoint,
    checkpoint: path.join(folder, 'grown.safetensors'),
  };
  const events = await collect(train(grown, { engine }));
  const unseen = new Set('뮤즈여 햇살'.replace(/ /g, ''));
  for (const known of lyrics(24)) unseen.delete(known);
  assert.equal(ofType(events, 'started')[0]!.newCharacters, unseen.size);
  const { spec, training, vocabulary } = await loadCheckpoint(grown.checkpoint);
  assert.equal(spec.rnnSize, base.settings.rnnSize);
  assert.equal(training.parent, 'small');
  assert.ok([...unseen].every((character) => vocabulary.has(character)));
  const anew = { ...grown, initFrom: null, checkpoint: path.join(folder, 'anew.safetensors') };
  const fresh = await collect(train(anew, { engine }));
  const firstLoss = (run: typeof events) => ofType(run, 'step')[0]!.loss;
  assert.ok(firstLoss(events) < firstLoss(fresh) - 1, 'from the first step on');
});

test('a folder that cannot be written shows before the first step', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(path.join(folder, 'file'), '');
  const job = { ...(await smallJob(folder)), checkpoint: path.join(folder, 'file', 'x.safetensors') };
  const seen: string[] = [];
  await assert.rejects(async () => {
    for await (const { type } of train(job, { engine: await testEngine() })) seen.push(type);
  }, code('notAFolder'));
  assert.deepEqual(seen, ['started']);
});
