import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Command } from '../../src/commands/command.ts';
import { createCommands } from '../../src/commands/index.ts';
import { parseOptions, printOptions } from '../../src/commands/text.ts';
import { validateOptions } from '../../src/commands/validate.ts';
import { UserError } from '../../src/errors.ts';

const commands = createCommands({ maxLength: 1000, maxTrainingBytes: 1e6 });
const command = (name: string): Command => commands.find((one) => one.name === name)!;
const ballad = command('ballad');

const code = (expected: string) => (error: unknown) => error instanceof UserError && error.code === expected;

describe('options in text', () => {
  const cases: readonly [string, Record<string, string>][] = [
    ['', {}],
    ['  사랑은  ', { prime_text: '사랑은' }],
    ['사랑은 temperature:0.9', { prime_text: '사랑은', temperature: '0.9' }],
    [
      '사랑은 temperature:0.9 길이:200 seed:7',
      { prime_text: '사랑은', temperature: '0.9', length: '200', seed: '7' },
    ],
    ['temperature:0.9', { temperature: '0.9' }],
    ['사랑은 온도：0.9', { prime_text: '사랑은', temperature: '0.9' }],
    ['사랑은\u00a0temperature:0.9', { prime_text: '사랑은', temperature: '0.9' }],
    ['사랑은　TOP-K:5', { prime_text: '사랑은', top_k: '5' }],
    ['그날: 우리는 seed:7', { prime_text: '그날: 우리는', seed: '7' }],
    ['그가 말했다:"안녕" seed:7', { prime_text: '그가 말했다:"안녕"', seed: '7' }],
    ['온도:높은 밤 seed:7', { prime_text: '온도:높은 밤', seed: '7' }],
    ['사랑은 tempo:3', { prime_text: '사랑은 tempo:3' }],
    ['사랑은 seed:7 tempo:3', { prime_text: '사랑은 seed:7 tempo:3' }],
    ['사랑은 model:"내 모델" seed:7', { prime_text: '사랑은', model: '내 모델', seed: '7' }],
    ['사랑은 model:“내 모델”', { prime_text: '사랑은', model: '내 모델' }],
    ['"사랑은 " seed:7', { prime_text: '사랑은 ', seed: '7' }],
    ['“사랑은 seed:7”', { prime_text: '사랑은 seed:7' }],
    ['"그는 \\"안녕\\"" seed:7', { prime_text: '그는 "안녕"', seed: '7' }],
    ['"안녕" 그는 말했다', { prime_text: '"안녕" 그는 말했다' }],
    ['"안녕 seed:7', { prime_text: '"안녕', seed: '7' }],
    ['첫 줄\n둘째 줄 seed:7', { prime_text: '첫 줄\n둘째 줄', seed: '7' }],
    ['온도:0.9'.normalize('NFD'), { temperature: '0.9' }],
    [':0.9', { prime_text: ':0.9' }],
    ['seed:', { seed: '' }],
  ];
  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual({ ...parseOptions(ballad, text) }, expected));
  }

  it('refuses an option that stands twice, in either name', () => {
    assert.throws(() => parseOptions(ballad, '사랑 seed:7 시드:8'), code('optionTwice'));
    assert.throws(() => parseOptions(ballad, '사랑 prime_text:미움'), code('optionTwice'));
  });

  it('refuses text after a command that takes none', () => {
    assert.throws(() => parseOptions(command('models'), '모두'), code('optionsUnexpected'));
  });

  it('says the range of a trailing option whose value is out of it', () => {
    for (const bad of ['0', '-1', 'NaN', '5', 'Infinity', '', '0x1', '1e999', 'abc']) {
      assert.throws(
        () => validateOptions(ballad, parseOptions(ballad, `사랑은 temperature:${bad}`)),
        (error) =>
          error instanceof UserError &&
          /0\.1.*2/.test(error.text('ko')) &&
          /from 0\.1 to 2/.test(error.message),
        bad,
      );
    }
  });

  it('is linear in the length of the text', () => {
    for (const piece of [':„', ' :"', '온도:0.9x ', '\\"', '　', 'a:"b ']) {
      const text = `${piece.repeat(100_000)}끝`;
      const before = process.cpuUsage();
      parseOptions(ballad, text);
      assert.ok(process.cpuUsage(before).user < 2_000_000, piece);
    }
  });
});

/** Text with much of what the parser looks at. */
const oddText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ' ',
        '\n',
        '\u00a0',
        '：',
        ':',
        '"',
        '“',
        '”',
        "'",
        '\\',
        'seed:7',
        '온도:0.9',
        ' model:',
        '사랑',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('properties', () => {
  it('no text throws anything but a UserError', () => {
    fc.assert(
      fc.property(fc.constantFrom(...commands), oddText, (one, text) => {
        try {
          validateOptions(one, parseOptions(one, text));
        } catch (error) {
          assert.ok(error instanceof UserError, String(error));
          assert.ok(error.text('ko').length > 0);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('prints no file, nor anything in its place', () => {
    const train = commands.find(({ name }) => name === 'train')!;
    const file = { name: 'a.txt', read: async () => new Uint8Array() };
    assert.equal(printOptions(train, { file: [file], name: '봄', epochs: 3 }), 'name:봄 epochs:3');
  });

  it('what is printed reads back to the same options', () => {
    const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    const options = fc.record({
      prime_text: optional(oddText),
      temperature: optional(fc.double({ min: 0.1, max: 2, noNaN: true })),
      length: optional(fc.integer({ min: 20, max: 1000 })),
      model: optional(oddText.filter((name) => name.trim() !== '')),
      seed: optional(fc.nat()),
      top_p: optional(fc.double({ min: 0.01, max: 1, noNaN: true })),
      recall: optional(fc.double({ min: 0, max: 5, noNaN: true })),
    });
    fc.assert(
      fc.property(options, (given) => {
        const raw = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
        let values: Record<string, unknown>;
        try {
          values = validateOptions(ballad, raw as never);
        } catch {
          return;
        }
        const text = printOptions(ballad, values);
        assert.deepEqual(validateOptions(ballad, parseOptions(ballad, text)), values, text);
      }),
      { numRuns: 2000 },
    );
  });
});
