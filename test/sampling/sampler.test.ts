import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { UserError } from '../../src/errors.ts';
import type { Checkpoint } from '../../src/model/checkpoint.ts';
import { growVocabulary } from '../../src/model/grow.ts';
import { CELLS, START, UNKNOWN } from '../../src/model/network.ts';
import type { SampleRequest } from '../../src/sampling/request.ts';
import { Sampler } from '../../src/sampling/sampler.ts';
import { createReferenceEngine } from '../reference/engine.ts';
import { constantCheckpoint, createSampler, randomCheckpoint, sampleRequest } from './fixtures.ts';

const isUserError = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;

describe('a lyric', () => {
  for (const cell of CELLS) {
    it(`is the same alone, beside 15 others, joined midway and with any number of slots: ${cell}`, async (t) => {
      const checkpoint = randomCheckpoint(cell);
      const request = sampleRequest({ topP: 0.95 });
      const alone = await (await createSampler(t, checkpoint, 1)).sample(request);
      assert.equal(alone.characters, request.length);
      for (const slots of [2, 16]) {
        const sampler = await createSampler(t, checkpoint, slots);
        const others = Array.from({ length: 15 }, (_, i) =>
          sampler.sample(
            sampleRequest({ seed: i, length: 10 + 7 * i, primeText: i % 2 === 0 ? '' : '비가' }),
          ),
        );
        const together = await sampler.sample(request);
        const midway = new Promise<string>((resolve, reject) => {
          const join = () => sampler.sample(request).then(({ text }) => resolve(text), reject);
          let heard = 0;
          const onText = () => void (++heard === 30 && join());
          others.push(sampler.sample(sampleRequest({ seed: 99 }), onText));
        });
        assert.deepEqual(together, alone);
        assert.equal(await midway, alone.text);
        await Promise.all(others);
      }
    });
  }

  it('changes with the seed and with the prime text', async (t) => {
    const sampler = await createSampler(t, randomCheckpoint());
    const texts = await Promise.all(
      [{}, { seed: 8 }, { primeText: '사랑은' }, { primeText: '' }].map(async (given) => {
        return (await sampler.sample(sampleRequest(given))).text;
      }),
    );
    assert.equal(new Set(texts).size, texts.length);
  });

  it('tends to argmax as the temperature falls to 0', async (t) => {
    const sampler = await createSampler(t, randomCheckpoint());
    const sing = async (given: Partial<SampleRequest>) => (await sampler.sample(sampleRequest(given))).text;
    const best = await sing({ argmax: true });
    assert.equal(await sing({ argmax: true, seed: 8, topK: 3 }), best);
    assert.equal(await sing({ temperature: 1e-6 }), best);
    assert.equal(await sing({ topK: 1 }), best);
    assert.notEqual(await sing({ temperature: 1 }), best);
  });

  it('is the same on another engine, at the same precision', async (t) => {
    const sampler = await createSampler(t, randomCheckpoint(), 4, 'float32');
    const reference = await Sampler.create(createReferenceEngine(), randomCheckpoint(), { slots: 1 });
    const request = sampleRequest({ length: 20 });
    assert.equal((await reference.sample(request)).text, (await sampler.sample(request)).text);
    await reference.close();
  });

  it('goes on exactly where it ended', async (t) => {
    const sampler = await createSampler(t, randomCheckpoint());
    const whole = await sampler.sample(sampleRequest({ length: 200 }));
    const first = await sampler.sample(sampleRequest({ length: 100 }));
    const rest = sampleRequest({ length: 100, primeText: '', seed: 0, from: first.continuation });
    const second = await (await createSampler(t, randomCheckpoint(), 2)).sample(rest);
    assert.equal(first.text + second.text, whole.text);
    assert.deepEqual(second.continuation, whole.continuation);
  });

  it('streams what it returns', async (t) => {
    const sampler = await createSampler(t, randomCheckpoint());
    const pieces: string[] = [];
    const { text } = await sampler.sample(sampleRequest(), (piece) => pieces.push(piece));
    assert.equal(pieces.join(''), text);
    assert.equal(pieces.length, 60);
  });

  it('never holds the unknown character', async (t) => {
    const sampler = await createSampler(t, constantCheckpoint({ [UNKNOWN]: 9, 5: 1, 6: 1 }));
    const { text, unseen } = await sampler.sample(sampleRequest({ primeText: '뷁', temperature: 2 }));
    assert.doesNotMatch(text, /\uFFFD/);
    assert.deepEqual(unseen, ['뷁']);
  });

  it('reads an unknown syllable as a network that has grown by it, whoever is beside it', async (t) => {
    const checkpoint = randomCheckpoint();
    const grown = { ...checkpoint, ...growVocabulary(checkpoint, '뷁벓') };
    const requests = ['사랑뷁은 벓', '뷁', '벓뷁뷁', '사랑은 '].map((primeText) =>
      sampleRequest({ primeText, argmax: true }),
    );
    const lyrics = async (from: Checkpoint, slots: number, precision?: 'float32') => {
      const sampler = await createSampler(t, from, slots, precision);
      return (await Promise.all(requests.map((request) => sampler.sample(request)))).map(({ text }) => text);
    };
    const alone = await lyrics(checkpoint, 1, 'float32');
    assert.deepEqual(alone, await lyrics(grown, 1, 'float32'));
    assert.deepEqual(await lyrics(checkpoint, 4, 'float32'), alone);
    assert.deepEqual(await lyrics(checkpoint, 3), await lyrics(checkpoint, 1));
    const sampler = await createSampler(t, checkpoint);
    const { text: asUnknown } = await sampler.sample({ ...requests[1]!, primeText: 'é' });
    assert.notEqual(asUnknown, (await lyrics(checkpoint, 1))[1], 'it is not merely unknown');
  });

  it('goes on within a prime text that was cut off, unknown syllables and all', async (t) => {
    const sampler = await createSampler(t, randomCheckpoint());
    const request = sampleRequest({ primeText: '뷁'.repeat(50) });
    const cut = await sampler.sample({ ...request, signal: AbortSignal.abort() });
    assert.equal(cut.characters, 0);
    const rest = await sampler.sample({ ...request, primeText: '', from: cut.continuation });
    assert.equal(rest.text, (await sampler.sample(request)).text);
  });

  it('has a character though the network would end it at once', async (t) => {
    const sampler = await createSampler(t, constantCheckpoint({ [START]: 9, 5: 3 }));
    const { text, end } = await sampler.sample(sampleRequest({ argmax: true, stopAtEnd: true }));
    assert.equal([...text].length, 1);
    assert.equal(end, 'song');
  });

  it('ends no song before it is as long as songs are, prime text and what it goes on from included', async (t) => {
    const restless = { ...constantCheckpoint({ [START]: 9, 5: 3 }), songs: { shortest: 20 } };
    const sampler = await createSampler(t, restless);
    const request = sampleRequest({ primeText: '사랑은 ', argmax: true, stopAtEnd: true });
    const whole = await sampler.sample(request);
    assert.deepEqual([whole.characters, whole.end], [16, 'song']);
    const half = await sampler.sample({ ...request, length: 7 });
    assert.deepEqual([half.characters, half.end], [7, 'length']);
    const rest = await sampler.sample({ ...request, primeText: '', from: half.continuation });
    assert.deepEqual([half.text + rest.text, rest.end], [whole.text, 'song']);
    // Several in a row, each as long.
    const { text } = await sampler.sample({ ...request, length: 50, stopAtEnd: false });
    assert.equal(text, whole.text[0]!.repeat(50));
  });

  it('can end a song that is longer than what it remembers of it', async (t) => {
    const sampler = await createSampler(t, {
      ...constantCheckpoint({ [START]: 9, 5: 3 }),
      songs: { shortest: 1e9 },
    });
    const request = sampleRequest({ argmax: true, stopAtEnd: true, length: 3000 });
    const { characters, end } = await sampler.sample(request);
    assert.deepEqual([characters, end], [1020, 'song']);
  });
});

describe('the sampler', () => {
  it('serves as many at once as it has slots, first come first served', async (t) => {
    const sampler = await createSampler(t, constantCheckpoint({ 5: 9 }), 2);
    const ended: number[] = [];
    const all = [0, 1, 2, 3, 4].map(async (seed) => {
      await sampler.sample(sampleRequest({ seed, length: 10 }));
      ended.push(seed);
    });
    assert.deepEqual([sampler.running, sampler.waiting], [0, 5]);
    const counts: [number, number][] = [];
    await sampler.sample(sampleRequest({ length: 1 }), () => counts.push([sampler.running, sampler.waiting]));
    await Promise.all(all);
    assert.deepEqual(counts, [[2, 0]]);
    assert.deepEqual(ended, [0, 1, 2, 3, 4]);
    assert.deepEqual([sampler.running, sampler.waiting], [0, 0]);
  });

  it('cancels a running lyric, which can go on later', async (t) => {
    const sampler = await createSampler(t, randomCheckpoint());
    const controller = new AbortController();
    let heard = 0;
    const request = sampleRequest({ signal: controller.signal, length: 100_000 });
    const cancelled = await sampler.sample(request, () => void (++heard === 15 && controller.abort()));
    assert.equal(cancelled.end, 'cancelled');
    assert.equal(cancelled.characters, 15);
    const from = cancelled.continuation;
    const rest = await sampler.sample(sampleRequest({ primeText: '', length: 45, from }));
    const whole = await sampler.sample(sampleRequest());
    assert.equal(cancelled.text + rest.text, whole.text);
  });

  it('cancels a waiting lyric at once, without disturbing others', async (t) => {
    const sampler = await createSampler(t, randomCheckpoint(), 1);
    const expected = await sampler.sample(sampleRequest());
    const controller = new AbortController();
    const events: string[] = [];
    const running = sampler
      .sample(sampleRequest(), () => controller.abort())
      .then((result) => {
        events.push('running');
        return result;
      });
    const waiting = sampler.sample(sampleRequest({ signal: controller.signal })).then((result) => {
      events.push('waiting');
      return result;
    });
    const aborted = sampler.sample(sampleRequest({ signal: AbortSignal.abort() }));
    assert.equal((await aborted).end, 'cancelled');
    assert.equal((await waiting).text, '');
    assert.deepEqual(await running, expected);
    assert.deepEqual(events, ['waiting', 'running']);
    const { continuation } = await waiting;
    assert.deepEqual(await sampler.sample(sampleRequest({ primeText: '', from: continuation })), {
      ...expected,
      unseen: [],
    });
  });

  it('rejects a lyric whose listener throws, and no other', async (t) => {
    const sampler = await createSampler(t, randomCheckpoint());
    const expected = await sampler.sample(sampleRequest());
    const fault = new Error('gone');
    const failing = sampler.sample(sampleRequest({ seed: 1 }), () => {
      throw fault;
    });
    const [first, second] = await Promise.allSettled([failing, sampler.sample(sampleRequest())]);
    assert.deepEqual(first, { status: 'rejected', reason: fault });
    assert.deepEqual(second, { status: 'fulfilled', value: expected });
    assert.equal(sampler.running, 0);
  });

  it('says so when a network has no numbers to choose by, and lives on', async (t) => {
    const sampler = await createSampler(t, constantCheckpoint({ 4: Number.NaN }));
    for (let i = 0; i < 2; i++) {
      await assert.rejects(sampler.sample(sampleRequest()), isUserError('logitsNotFinite'));
    }
  });

  it('lets the event loop have its turn', async (t) => {
    const sampler = await createSampler(t, randomCheckpoint(), 16);
    const started = performance.now();
    let done = false;
    const all = Promise.all(
      Array.from({ length: 16 }, (_, seed) => sampler.sample(sampleRequest({ seed, length: 3000 }))),
    ).finally(() => {
      done = true;
    });
    let turns = 0;
    for (; !done; turns++) await setImmediate();
    await all;
    const elapsed = performance.now() - started;
    assert.ok(turns >= elapsed / 40, `${turns} turns in ${elapsed} ms`);
  });

  it('lets lyrics end before it closes, and takes no more', async (t) => {
    const sampler = await createSampler(t, randomCheckpoint(), 1);
    const lyrics = [sampler.sample(sampleRequest()), sampler.sample(sampleRequest())];
    let ended = 0;
    for (const lyric of lyrics) void lyric.then(() => ended++);
    await Promise.all([sampler.close(), sampler.close()]);
    assert.equal(ended, 2);
    await assert.rejects(sampler.sample(sampleRequest()), /closed/);
  });

  it('rejects settings out of bounds, naming them', async (t) => {
    const sampler = await createSampler(t, randomCheckpoint());
    const bad: Record<string, Partial<SampleRequest>[]> = {
      temperature: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 11].map((temperature) => ({ temperature })),
      length: [0, -5, 1e9, 1.5, Number.NaN].map((length) => ({ length })),
      top_k: [0, -1, 2.5, Number.NaN].map((topK) => ({ topK })),
      top_p: [0, -0.1, 1.01, Number.NaN].map((topP) => ({ topP })),
      recall: [-0.1, 10.5, Number.NaN].map((recall) => ({ recall })),
      seed: [1.5, -1, 2 ** 32, Number.NaN].map((seed) => ({ seed })),
    };
    for (const [setting, requests] of Object.entries(bad)) {
      for (const given of requests) {
        await assert.rejects(sampler.sample(sampleRequest(given)), (error) => {
          assert.ok(error instanceof UserError && error.code === 'sampleSetting');
          assert.ok(error.text('ko').startsWith(`${setting}=`));
          return true;
        });
      }
    }
    const primeText = '가'.repeat(10_001);
    await assert.rejects(sampler.sample(sampleRequest({ primeText })), isUserError('primeTextTooLong'));
    assert.equal((await sampler.sample(sampleRequest())).characters, 60);
  });

  it('rejects the continuation of another network', async (t) => {
    const { continuation } = await (await createSampler(t, randomCheckpoint('gru'))).sample(sampleRequest());
    const sampler = await createSampler(t, randomCheckpoint('lstm'));
    await assert.rejects(
      sampler.sample(sampleRequest({ from: continuation })),
      isUserError('continuationForeign'),
    );
  });
});
