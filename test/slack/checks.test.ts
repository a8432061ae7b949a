/** The strict server's own eyes: what Slack would refuse is found, and what it takes is not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkCall, checkResponse } from './checks.ts';

type Json = Readonly<Record<string, unknown>>;

const text = (length: number) => '가'.repeat(length);
const plain = (words: string) => ({ type: 'plain_text', text: words, emoji: false });
const section = (words = 'a') => ({ type: 'section', text: plain(words) });
const button = (more: Json = {}) => ({
  type: 'button',
  action_id: 'a',
  text: plain('a'),
  value: 'v',
  ...more,
});
const actions = (...elements: readonly object[]) => ({ type: 'actions', elements });
const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
const post = (blocks: readonly object[], more: Json = {}) =>
  checkCall('chat.postMessage', { channel: 'C1', text: 'a', blocks, ...more }).join('; ');

const input = (element: Json, more: Json = {}) => ({
  type: 'input',
  block_id: 'b',
  optional: true,
  label: plain('a'),
  element: { action_id: 'value', ...element },
  ...more,
});
const number = { type: 'number_input', is_decimal_allowed: false, min_value: '0', max_value: '9' };
const option = (value: string) => ({ text: plain('a'), value });
const open = (blocks: readonly object[], more: Json = {}) => {
  const words = { title: plain('a'), submit: plain('a'), close: plain('a') };
  const view = { type: 'modal', callback_id: 'f', private_metadata: '{}', ...words, blocks, ...more };
  return checkCall('views.open', { trigger_id: 't', view }).join('; ');
};

describe('messages and forms', () => {
  it('that Slack takes have no faults', () => {
    const row = actions(...many(25, (i) => button({ action_id: `a${i}`, value: text(i === 0 ? 2000 : 1) })));
    assert.equal(post([...many(3, () => section(text(3000))), ...many(46, () => section()), row]), '');
    const select = { type: 'static_select', options: many(100, (i) => option(String(i))) };
    assert.equal(open([input(number), input(select, { block_id: 'c' })]), '');
    assert.deepEqual(checkResponse({ response_type: 'ephemeral', text: 'a', blocks: [section()] }), []);
  });

  const wrong: readonly [string, string, RegExp][] = [
    ['51 blocks', post(many(51, () => section())), /50 blocks/],
    ['a section of 3,001', post([section(text(3001))]), /3001 of 3000/],
    ['an empty text', post([section('')]), /empty/],
    ['a mention', post([section('<!channel>')]), /escaped/],
    ['a mention in its text', post([], { text: '<@U1>' }), /escaped/],
    ['26 buttons in a block', post([actions(...many(26, (i) => button({ action_id: `${i}` })))]), /1 to 25/],
    ['the same action twice', post([actions(button(), button())]), /action_ids must differ/],
    ['an action_id of 256', post([actions(button({ action_id: text(256) }))]), /256 of 255/],
    ['a value of 2,001', post([actions(button({ value: text(2001) }))]), /2001 of 2000/],
    ['a label of 76', post([actions(button({ text: plain(text(76)) }))]), /76 of 75/],
    ['a style that is none', post([actions(button({ style: 'red' }))]), /style/],
    ['markup', post([{ type: 'section', text: { type: 'mrkdwn', text: 'a' } }]), /mrkdwn/],
    ['too much in all', post(many(6, () => section(text(3000)))), /msg_blocks_too_long/],
    ['an argument that is none', post([], { as_user: true }), /as_user/],
    ['a title of 25', open([input(number)], { title: plain(text(25)) }), /25 of 24/],
    ['metadata of 3,001', open([input(number)], { private_metadata: text(3001) }), /3001 of 3000/],
    ['101 inputs', open(many(101, (i) => input(number, { block_id: `${i}` }))), /101 blocks/],
    ['the same block twice', open([input(number), input(number)]), /block_ids must differ/],
    ['numbers that are no text', open([input({ ...number, min_value: 0 })]), /numbers are text/],
    ['a number beyond its bounds', open([input({ ...number, initial_value: '10' })]), /10: 0 to 9/],
    ['a fraction', open([input({ ...number, initial_value: '1.5' })]), /fraction/],
    ['11 files', open([input({ type: 'file_input', filetypes: ['txt'], max_files: 11 })]), /max_files/],
    ['no option', open([input({ type: 'static_select', options: [] })]), /0 options/],
    [
      '101 options',
      open([input({ type: 'static_select', options: many(101, (i) => option(`${i}`)) })]),
      /101 options/,
    ],
    [
      'an initial option that is none',
      open([input({ type: 'static_select', options: [option('a')], initial_option: option('b') })]),
      /initial_option/,
    ],
    [
      'an initial value too long',
      open([input({ type: 'plain_text_input', max_length: 1, initial_value: 'ab' })]),
      /initial_value/,
    ],
    ['a method that is not needed', checkCall('chat.scheduleMessage', {}).join(), /not a method/],
    ['a response for nobody', checkResponse({ text: 'a' }).join(), /response_type/],
  ];
  for (const [what, faults, expected] of wrong) {
    it(`with ${what} are refused`, () => assert.match(faults, expected));
  }
});
