/** Messages as Discord shows them: whatever a command says, within its limits. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Block, Message } from '../../src/commands/message.ts';
import { isBlank, renderMessage, renderText } from '../../src/platforms/discord-render.ts';
import { messageFaults } from '../discord/message-faults.ts';

const text = (maxLength: number) =>
  fc.string({
    unit: fc.constantFrom('가', '나', ' ', '\n', '*', '_', '`', '#', '\\', '@', '<', '🙂'),
    maxLength,
  });
const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text: text(9000) }),
  fc.record({ kind: fc.constant('note' as const), text: text(3000) }),
  fc.record({ kind: fc.constant('bar' as const), fraction: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    kind: fc.constant('lyric' as const),
    primeText: text(500),
    text: text(9000),
    complete: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('list' as const),
    items: fc.array(fc.record({ title: text(300), details: fc.array(text(300), { maxLength: 5 }) }), {
      maxLength: 9,
    }),
  }),
);
const message: fc.Arbitrary<Message> = fc.record({
  blocks: fc.array(block, { maxLength: 5 }),
  fields: fc.array(fc.record({ label: text(300), value: text(2000) }), { maxLength: 30 }),
  actions: fc.array(fc.record({ label: text(99), command: fc.constant('x'), options: fc.constant({}) }), {
    maxLength: 30,
  }),
});
const ids = Array.from({ length: 30 }, (_, i) => `id ${i}`);
const withLabels = (one: Message): Message => ({
  ...one,
  actions: one.actions!.map((action) => ({ ...action, label: action.label.trim() || 'x' })),
});

describe('messages as Discord shows them', () => {
  it('keep to its limits, whatever they say', () => {
    fc.assert(
      fc.property(message, (one) => {
        const payloads = renderMessage(withLabels(one), ids);
        assert.ok(payloads.length > 0);
        for (const payload of payloads) assert.deepEqual(messageFaults({ ...payload }), []);
      }),
      { numRuns: 60 },
    );
    fc.assert(
      fc.property(text(9000), (words) => {
        for (const payload of renderText(words)) assert.deepEqual(messageFaults({ ...payload }), []);
      }),
      { numRuns: 60 },
    );
  });

  it('show a lyric as it was written: nothing is lost but white space where it is cut', () => {
    const lyric = text(9000).map(
      (words): Block => ({ kind: 'lyric', primeText: '밤', text: words, complete: true }),
    );
    fc.assert(
      fc.property(lyric, (one) => {
        const descriptions = renderMessage({ blocks: [one] }, []).flatMap(({ embeds }) =>
          embeds.map(({ description }) => description),
        );
        const read = descriptions.join('').replace(/\\([^\p{L}\p{N}\s])/gu, '$1');
        const letters = (words: string) => words.replace(/\s/g, '');
        assert.equal(letters(read), letters(`밤${(one as { text: string }).text}`));
      }),
      { numRuns: 60 },
    );
  });

  it('say nothing before there is something to say', () => {
    const lyric = (primeText: string, words: string): Message => ({
      blocks: [{ kind: 'lyric', primeText, text: words, complete: false }],
    });
    assert.equal(isBlank(lyric('', ' \n')), true);
    assert.equal(isBlank(lyric('가', '')), false);
    assert.equal(isBlank({ blocks: [{ kind: 'bar', fraction: 0 }] }), false);
  });

  it('put remarks on a lyric below it, and facts beside it', () => {
    const [payload] = renderMessage(
      {
        blocks: [
          { kind: 'lyric', primeText: '사랑은', text: ' 밤', complete: true },
          { kind: 'note', text: '모르는 글자: 龍' },
        ],
        fields: [{ label: '모델', value: 'ballad' }],
        actions: [{ label: '취소', command: 'cancel', options: {}, danger: true }],
      },
      ['id'],
    );
    assert.deepEqual(payload!.embeds, [
      {
        description: '사랑은 밤',
        fields: [{ name: '모델', value: 'ballad', inline: true }],
        footer: { text: '모르는 글자: 龍' },
        color: payload!.embeds[0]!.color,
      },
    ]);
    assert.deepEqual(payload!.components, [
      { type: 1, components: [{ type: 2, style: 4, label: '취소', custom_id: 'id' }] },
    ]);
  });
});
