import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pacer, type Pacing } from '../../src/platforms/pacing.ts';

/** Keeps what is delivered and when. */
function recorder(more: Partial<Pacing<number>> = {}) {
  const delivered: { state: number; at: number }[] = [];
  const errors: unknown[] = [];
  const pacer = new Pacer<number>({
    intervalMs: 60,
    firstAfterMs: 20,
    deliver: async (state) => void delivered.push({ state, at: performance.now() }),
    onError: (error) => errors.push(error),
    ...more,
  });
  const states = () => delivered.map(({ state }) => state);
  const gaps = () => delivered.slice(1).map(({ at }, i) => at - delivered[i]!.at);
  return { pacer, delivered, errors, states, gaps };
}

/** Timers of Node may fire a millisecond early. */
const EARLY = 2;

describe('Pacer', () => {
  it('delivers the newest of many states at its pace, and the last in any case', async () => {
    const { pacer, states, gaps } = recorder();
    for (let i = 0; i < 50; i++) {
      pacer.show(i);
      await sleep(5);
    }
    await pacer.finish(1000);
    assert.ok(states().length >= 3 && states().length <= 25, String(states()));
    assert.equal(states().at(-1), 1000);
    assert.deepEqual(
      states(),
      states().toSorted((a, b) => a - b),
    );
    for (const gap of gaps()) assert.ok(gap >= 60 - EARLY, String(gaps()));
  });

  it('delivers what ends soon once, at once', async () => {
    const { pacer, states } = recorder({ firstAfterMs: 10_000 });
    const started = performance.now();
    pacer.show(1);
    pacer.show(2);
    await pacer.finish(3);
    assert.deepEqual(states(), [3]);
    assert.ok(performance.now() - started < 1000);
  });

  it('never delivers two at once, and counts the pace from the end of a slow delivery', async () => {
    let running = 0;
    const spans: [number, number][] = [];
    const { pacer } = recorder({
      firstAfterMs: 0,
      intervalMs: 30,
      deliver: async () => {
        assert.equal(++running, 1);
        const start = performance.now();
        await sleep(40);
        spans.push([start, performance.now()]);
        running--;
      },
    });
    for (let i = 0; i < 20; i++) {
      pacer.show(i);
      await sleep(10);
    }
    await pacer.finish(0);
    for (let i = 1; i < spans.length; i++) assert.ok(spans[i]![0] - spans[i - 1]![1] >= 30 - EARLY);
    assert.ok(spans.length >= 3);
  });

  it('tells of a failed delivery and goes on; a failed last one rejects', async () => {
    let fails = true;
    const { pacer, errors } = recorder({
      firstAfterMs: 0,
      intervalMs: 1,
      deliver: async () => {
        if (fails) throw new Error('refused');
      },
    });
    pacer.show(1);
    await sleep(20);
    assert.equal(errors.length, 1);
    fails = false;
    pacer.show(2);
    await sleep(20);
    assert.equal(errors.length, 1);
    fails = true;
    await assert.rejects(pacer.finish(3), /refused/);
  });

  it('delivers nothing after it was stopped', async () => {
    const { pacer, states } = recorder();
    pacer.show(1);
    await pacer.stop();
    pacer.show(2);
    await sleep(40);
    assert.deepEqual(states(), []);
  });
});
