import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isBetter } from '../../src/training/measure.ts';
import { verdictOf } from '../../src/training/verdict.ts';

const losses = (newText: [number, number], base: [number, number] | null) => ({
  newText: { before: newText[0], after: newText[1] },
  base: base && { before: base[0], after: base[1] },
});

test('published only where the new text improved and the base got worse by no more than the bound', () => {
  assert.equal(verdictOf(losses([3, 2.9], [2.5, 2.5]), 0.05), 'publish');
  assert.equal(verdictOf(losses([3, 2.9], [2.5, 2.549]), 0.05), 'publish');
  assert.equal(verdictOf(losses([3, 2.9], [2.5, 2.2]), 0), 'publish', 'the base may get better');
  assert.equal(verdictOf(losses([3, 2.9], null), 0.05), 'publish', 'no base to forget');
  assert.deepEqual(verdictOf(losses([3, 2], [2.5, 2.56]), 0.05), { keepBecause: 'baseWorse' });
  assert.deepEqual(verdictOf(losses([3, 3], [2.5, 2.4]), 0.05), { keepBecause: 'notBetter' });
  assert.deepEqual(verdictOf(losses([3, 3.1], [2.5, 2.6]), 0.05), { keepBecause: 'notBetter' });
  assert.deepEqual(verdictOf(null, 0.05), { keepBecause: 'notMeasured' });
});

test('a loss that is no number never publishes', () => {
  assert.deepEqual(verdictOf(losses([3, Number.NaN], null), 1), { keepBecause: 'notBetter' });
  assert.deepEqual(verdictOf(losses([Number.NaN, 2], null), 1), { keepBecause: 'notBetter' });
  assert.deepEqual(verdictOf(losses([3, 2], [2, Number.NaN]), 1), { keepBecause: 'baseWorse' });
});

const loss = fc.double({ min: 0.5, max: 5, noNaN: true });

test('the network that is kept would be published if any would, and is then the best of those on the new text', () => {
  const settings = { replay: 0.3, maxBaseLossIncrease: 0.05 };
  fc.assert(
    fc.property(
      fc.record({ newText: loss, base: loss }),
      fc.array(fc.record({ newText: loss, base: loss }), { minLength: 1, maxLength: 12 }),
      (before, networks) => {
        let kept: (typeof networks)[number] | undefined;
        for (const network of networks) {
          const position = { before, bestLoss: kept?.newText ?? null, bestBaseLoss: kept?.base ?? null };
          if (isBetter(network, position, settings)) kept = network;
        }
        const verdict = (network: typeof before) =>
          verdictOf(
            losses([before.newText, network.newText], [before.base, network.base]),
            settings.maxBaseLossIncrease,
          );
        const good = networks.filter((network) => verdict(network) === 'publish');
        if (good.length === 0) return;
        assert.equal(verdict(kept!), 'publish');
        assert.equal(kept!.newText, Math.min(...good.map(({ newText }) => newText)));
      },
    ),
  );
});

test('without a base the lower loss is kept, and without anything held out the latest', () => {
  const settings = { replay: 0, maxBaseLossIncrease: 0 };
  const position = { before: { newText: 3, base: null }, bestLoss: 2, bestBaseLoss: null };
  assert.equal(isBetter({ newText: 1.9, base: null }, position, settings), true);
  assert.equal(isBetter({ newText: 2, base: null }, position, settings), false);
  const nothing = { before: null, bestLoss: null, bestBaseLoss: null };
  assert.equal(isBetter({ newText: null, base: null }, nothing, settings), true);
});
