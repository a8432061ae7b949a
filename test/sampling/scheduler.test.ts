import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Schedulable, Scheduler } from '../../src/sampling/scheduler.ts';

interface Named extends Schedulable {
  readonly name: number;
}
const named = (name: number): Named => ({ name, phase: 'waiting', slot: -1 });
const names = (sequences: readonly Named[]) => sequences.map(({ name }) => name);

describe('the scheduler', () => {
  it('serves those who came first, as many as there are slots', () => {
    const scheduler = new Scheduler<Named>(2);
    const all = [0, 1, 2, 3].map(named);
    for (const sequence of all) scheduler.add(sequence);
    assert.deepEqual(names(scheduler.admit()), [0, 1]);
    assert.deepEqual(names(scheduler.admit()), []);
    assert.deepEqual(names(scheduler.waiting), [2, 3]);
    all[1]!.phase = 'finished';
    assert.deepEqual(names(scheduler.sweep()), [1]);
    assert.deepEqual(names(scheduler.admit()), [2]);
    assert.equal(all[2]!.slot, all[1]!.slot);
    assert.deepEqual(names(scheduler.running), [0, 2]);
  });

  it('takes out whoever finishes while waiting', () => {
    const scheduler = new Scheduler<Named>(1);
    const all = [0, 1, 2].map(named);
    for (const sequence of all) scheduler.add(sequence);
    scheduler.admit();
    all[1]!.phase = 'finished';
    assert.deepEqual(names(scheduler.sweep()), [1]);
    assert.deepEqual(names(scheduler.waiting), [2]);
    assert.equal(all[1]!.slot, -1);
  });

  it('never gives a slot twice, never leaves one idle, and keeps the order, whatever happens', () => {
    const events = fc.array(fc.oneof(fc.constant('add' as const), fc.nat(5)), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), events, (slots, steps) => {
        const scheduler = new Scheduler<Named>(slots);
        const admitted: number[] = [];
        let next = 0;
        for (const step of steps) {
          if (step === 'add') scheduler.add(named(next++));
          else if (scheduler.running[step]) scheduler.running[step].phase = 'finished';
          scheduler.sweep();
          admitted.push(...names(scheduler.admit()));
          const held = scheduler.running.map(({ slot }) => slot);
          assert.equal(new Set(held).size, held.length);
          assert.ok(held.every((slot) => slot >= 0 && slot < slots));
          assert.ok(held.length === slots || scheduler.waiting.length === 0);
        }
        assert.deepEqual(
          admitted,
          [...admitted].sort((a, b) => a - b),
        );
        assert.equal(admitted.length + scheduler.waiting.length, next);
      }),
    );
  });
});
