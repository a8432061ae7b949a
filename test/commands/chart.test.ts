/** The picture of the losses: what it shows, that it can be read anywhere, and that no words or numbers break it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { drawChart } from '../../src/commands/chart.ts';
import { type Chart, type ChartPoint, chartSvg, spread } from '../../src/commands/chart-svg.ts';

const words = {
  title: '봄날',
  subtitle: 'ballad에서 이어 학습',
  epoch: '반복',
  loss: '손실',
  training: '학습',
  newText: '새 글',
  baseText: '바탕 글',
};
const points: ChartPoint[] = Array.from({ length: 41 }, (_, i) => ({
  epoch: i / 10,
  loss: i === 0 ? null : 4 - i / 20,
  valLoss: i % 10 === 0 ? 3.5 - i / 40 : null,
  baseLoss: i % 10 === 0 ? 2.9 : null,
}));
const chartOf = (more: Partial<Chart['words']> = {}, given = points): Chart => ({
  points: given,
  words: { ...words, ...more },
});

/** Width, height and unfiltered scan lines of a PNG (8 bits, RGBA), each with its filter's number. */
function readPng(png: Uint8Array) {
  const bytes = Buffer.from(png);
  assert.deepEqual([...bytes.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') {
      data.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
    }
  }
  return {
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    lines: inflateSync(Buffer.concat(data)),
  };
}

describe('the chart of a training', () => {
  it('is a picture in which Hangul can be read, whatever fonts the machine has', async () => {
    const [spring, winter, nothing] = await Promise.all(
      ['봄', '겨', '\u{10FFFD}'].map((title) => drawChart(chartOf({ title }))),
    );
    const { width, height, lines } = readPng(spring!);
    assert.deepEqual([width, height], [1440, 840]);
    assert.notDeepEqual(lines, readPng(winter!).lines, 'each syllable has a shape of its own');
    assert.notDeepEqual(lines, readPng(nothing!).lines);
    assert.ok(spring!.length < 500_000, `${spring!.length} bytes`);
  });

  it('names each curve with its last loss; a curve without points is not there', () => {
    const svg = chartSvg(chartOf());
    for (const shown of ['봄날', '새 글', '2.500', '바탕 글', '2.900', '학습', '2.000', '반복', '손실']) {
      assert.ok(svg.includes(`>${shown}</text>`), shown);
    }
    const withoutBase = chartSvg(
      chartOf(
        {},
        points.map((point) => ({ ...point, baseLoss: null })),
      ),
    );
    assert.ok(!withoutBase.includes('바탕 글'));
  });

  it('lets no name out of its place', () => {
    const svg = chartSvg(chartOf({ title: '</text><script>&"\u0000\ud800 '.repeat(30) }));
    assert.ok(!svg.includes('<script>') && !svg.includes('\u0000') && !/\p{Surrogate}/u.test(svg));
    assert.match(svg, /…<\/text>/);
  });

  it('is drawn of any losses', () => {
    const loss = fc.option(fc.double({ min: 0, max: 50, noNaN: true }));
    const point = fc.record({
      epoch: fc.double({ min: 0, max: 1000, noNaN: true }),
      loss,
      valLoss: loss,
      baseLoss: loss,
    });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 30 }), (given) => {
        assert.doesNotMatch(chartSvg(chartOf({}, given)), /NaN|Infinity|undefined/);
      }),
    );
  });

  it('keeps the names of curves apart, and within the picture', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 100, max: 480 }), { maxLength: 3 }), (wanted) => {
        const places = spread(wanted, 56, 120, 460);
        const sorted = places.toSorted((a, b) => a - b);
        assert.ok(sorted.every((place, i) => i === 0 || place - sorted[i - 1]! >= 56));
        assert.ok(places.every((place) => place >= 120 && place <= 460));
      }),
    );
  });
});
