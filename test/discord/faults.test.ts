/** The strict server's own eyes: what Discord would refuse is found, and what it takes is not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandFaults } from './command-faults.ts';
import { messageFaults, responseFaults } from './message-faults.ts';

const SILENT = { allowed_mentions: { parse: [] } };
const text = (length: number) => '가'.repeat(length);
const button = (more = {}) => ({ type: 2, style: 2, label: '다시', custom_id: 'a', ...more });
const rows = (...buttons: readonly object[]) => ({ components: [{ type: 1, components: buttons }] });
const option = (value: string, more = {}) => ({ label: value, value, ...more });
const select = (more = {}) => ({ type: 3, custom_id: 's', options: [option('a'), option('b')], ...more });
const file = { field: 'files[0]', name: 'chart.png', bytes: 9 };
const numbered = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('messages', () => {
  it('that Discord takes have no faults', () => {
    const whole = {
      content: text(2000),
      embeds: [{ description: text(4096) }, { title: text(256), fields: [{ name: 'a', value: text(1024) }] }],
      components: numbered(5).map((i) => ({
        type: 1,
        components: numbered(5).map((j) => button({ custom_id: `${i}${j}` })),
      })),
    };
    assert.deepEqual(messageFaults({ ...SILENT, ...whole }), []);
    assert.deepEqual(messageFaults({ ...SILENT, content: 'a', ...rows(select()) }), []);
    const described = { attachments: [{ id: '0', filename: 'chart.png', description: 'a' }] };
    const shown = { embeds: [{ image: { url: 'attachment://chart.png' } }] };
    assert.deepEqual(messageFaults({ ...SILENT, ...shown, ...described }, { uploads: [file] }), []);
    assert.deepEqual(messageFaults({ ...SILENT, ...shown }, { files: ['chart.png'] }), []);
  });

  const wrong: readonly [string, object, RegExp][] = [
    ['nobody silenced', { content: 'a', allowed_mentions: {} }, /allowed_mentions/],
    ['nothing in it', { content: ' ' }, /empty/],
    ['content too long', { content: text(2001) }, /content/],
    ['an unknown key', { content: 'a', tts: true }, /tts/],
    ['components of version 2', { content: 'a', flags: 1 << 15 }, /flags/],
    ['11 embeds', { embeds: numbered(11).map(() => ({ title: 'a' })) }, /11 entries/],
    ['a description too long', { embeds: [{ description: text(4097) }] }, /description/],
    [
      'embeds too long together',
      { embeds: [{ description: text(4000) }, { description: text(2001) }] },
      /6,000/,
    ],
    ['26 fields', { embeds: [{ fields: numbered(26).map(() => ({ name: 'a', value: 'b' })) }] }, /fields/],
    ['an empty field', { embeds: [{ fields: [{ name: ' ', value: 'b' }] }] }, /name/],
    ['a long footer', { embeds: [{ footer: { text: text(2049) } }] }, /footer/],
    ['no colour', { embeds: [{ title: 'a', color: 2 ** 24 }] }, /color/],
    ['an image from elsewhere', { embeds: [{ image: { url: 'https://example.com/a.png' } }] }, /image/],
    [
      'six rows',
      { content: 'a', components: numbered(6).map((i) => rows(button({ custom_id: `${i}` })).components[0]) },
      /6 entries/,
    ],
    [
      'six buttons in a row',
      { content: 'a', ...rows(...numbered(6).map((i) => button({ custom_id: `${i}` }))) },
      /6 entries/,
    ],
    ['a long custom_id', { content: 'a', ...rows(button({ custom_id: text(101) })) }, /custom_id/],
    ['the same custom_id twice', { content: 'a', ...rows(button(), button()) }, /twice/],
    ['a long label', { content: 'a', ...rows(button({ label: text(81) })) }, /label/],
    [
      'a link with a custom_id',
      { content: 'a', ...rows(button({ style: 5, url: 'https://a.b' })) },
      /custom_id/,
    ],
    ['an empty row', { content: 'a', ...rows() }, /empty row/],
    [
      '26 options',
      { content: 'a', ...rows(select({ options: numbered(26).map((i) => option(`${i}`)) })) },
      /26 entries/,
    ],
    ['a long option', { content: 'a', ...rows(select({ options: [option(text(101))] })) }, /label/],
    [
      'the same option twice',
      { content: 'a', ...rows(select({ options: [option('a'), option('a')] })) },
      /twice/,
    ],
    ['more chosen than there is', { content: 'a', ...rows(select({ max_values: 3 })) }, /max_values/],
    ['a menu beside a button', { content: 'a', ...rows(select(), button()) }, /menu/],
    [
      'a file that is not there',
      { content: 'a', attachments: [{ id: '0', filename: 'a' }] },
      /describes no file/,
    ],
    ['a nonce too long', { content: 'a', nonce: text(26) }, /nonce/],
  ];
  for (const [what, body, expected] of wrong) {
    it(`with ${what} are refused`, () => {
      assert.match(messageFaults({ ...SILENT, ...body }, { keys: ['flags', 'nonce'] }).join('; '), expected);
    });
  }

  it('with files that are wrong are refused', () => {
    const faults = (...uploads: (typeof file)[]) =>
      messageFaults({ ...SILENT, content: 'a' }, { uploads }).join();
    assert.equal(faults(file), '');
    assert.match(faults({ ...file, field: 'file' }), /a field of that name/);
    assert.match(faults({ ...file, bytes: 11 * 1024 * 1024 }), /bytes/);
    assert.match(faults({ ...file, name: '../a' }), /file name/);
    assert.match(faults(file, file), /twice/);
    assert.match(faults(...numbered(11).map((i) => ({ ...file, field: `files[${i}]` }))), /11 of 10/);
  });
});

it('responses with anything but what Discord takes are refused', () => {
  const choices = (count: number, length = 1) => ({
    type: 8,
    data: { choices: numbered(count).map(() => ({ name: text(length), value: 'a' })) },
  });
  for (const right of [{ type: 5 }, { type: 5, data: { flags: 64 } }, choices(25, 100)]) {
    assert.deepEqual(responseFaults(right), []);
  }
  for (const wrong of [{ type: 9 }, { type: 5, data: { flags: 1 } }, { type: 5, data: { content: 'a' } }]) {
    assert.equal(responseFaults(wrong).length, 1, JSON.stringify(wrong));
  }
  assert.match(responseFaults(choices(26)).join(), /26 entries/);
  assert.match(responseFaults(choices(1, 101)).join(), /101 characters/);
  assert.match(responseFaults({ type: 8, data: {} }).join(), /not a list/);
});

describe('commands', () => {
  const base = { type: 1, name: 'sing', description: 'sings', default_member_permissions: null };
  const of = (...options: readonly object[]) => [{ ...base, options }];
  const one = { type: 3, name: 'words', description: 'words' };

  it('that Discord takes have no faults', () => {
    const localized = { name_localizations: { ko: '노래' }, description_localizations: { ko: '노래합니다' } };
    assert.deepEqual(
      commandFaults([{ ...base, ...localized, contexts: [0, 1], options: [one] }], 'global'),
      [],
    );
  });

  const wrong: readonly [string, unknown, RegExp][] = [
    ['a name in capitals', [{ ...base, name: 'Sing' }], /bad name/],
    ['a name with a space', [{ ...base, name: 'sing it' }], /bad name/],
    ['a name too long', [{ ...base, name: text(33) }], /bad name/],
    ['a bad localised name', [{ ...base, name_localizations: { ko: '노래 하기' } }], /bad name/],
    ['an unknown language', [{ ...base, name_localizations: { kr: '노래' } }], /kr/],
    [
      'the same Korean name',
      [
        { ...base, name_localizations: { ko: '노래' } },
        { ...base, name: 'song', name_localizations: { ko: '노래' } },
      ],
      /노래 twice/,
    ],
    ['a description too long', [{ ...base, description: text(101) }], /description/],
    ['26 options', of(...numbered(26).map((i) => ({ ...one, name: `o${i}` }))), /26 entries/],
    [
      '26 choices',
      of({ ...one, choices: numbered(26).map((i) => ({ name: `${i}`, value: `${i}` })) }),
      /26 entries/,
    ],
    ['a choice too long', of({ ...one, choices: [{ name: text(101), value: 'a' }] }), /choice/],
    [
      'choices and completion',
      of({ ...one, autocomplete: true, choices: [{ name: 'a', value: 'a' }] }),
      /completes/,
    ],
    ['a length of 6,001', of({ ...one, max_length: 6001 }), /max_length/],
    ['bounds of a text', of({ ...one, min_value: 1 }), /bounds/],
    ['a required option last', of(one, { ...one, name: 'b', required: true }), /required option/],
    ['a place that is none', [{ ...base, contexts: [3] }], /contexts/],
    [
      '8,001 characters',
      of(
        ...numbered(25).map((i) => ({
          ...one,
          name: `o${i}`,
          choices: numbered(25).map((j) => ({ name: `${j}${text(10)}`, value: `${j}${text(10)}` })),
        })),
      ),
      /8,000/,
    ],
  ];
  for (const [what, commands, expected] of wrong) {
    it(`with ${what} are refused`, () =>
      assert.match(commandFaults(commands, 'global').join('; '), expected));
  }
});
