import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Action } from '../../src/commands/message.ts';
import { UserError } from '../../src/errors.ts';
import { Buttons } from '../../src/platforms/buttons.ts';
import { Kept } from '../../src/store/kept.ts';
import { temporaryFolder } from '../support/checkpoint.ts';

const short: Action = { label: '취소', command: 'cancel', options: {}, danger: true };
const long: Action = {
  label: '다시',
  command: 'ballad',
  options: { prime_text: '사랑은 '.repeat(60), temperature: 0.9 },
};
const HOUR = 3_600_000;
const isExpired = (error: unknown) => error instanceof UserError && error.code === 'buttonExpired';

describe('Buttons', () => {
  it('carries short actions in the text and keeps long ones in one file, also for another process', async (t) => {
    const folder = temporaryFolder(t);
    const buttons = new Buttons(new Kept({ folder, lifetimeMs: HOUR }));
    const after = new Buttons(new Kept({ folder, lifetimeMs: HOUR }));
    for (const actions of [[short, short], [short], [short, long, long], []]) {
      const texts = await buttons.encode(actions, 100);
      assert.equal(new Set(texts).size, actions.length, 'no two alike');
      for (const [i, text] of texts.entries()) {
        assert.ok(text.length <= 100, text);
        const { command, options } = actions[i]!;
        assert.deepEqual(await after.decode(text), { command, options });
      }
    }
    assert.equal(readdirSync(folder).length, 1);
  });

  it('expires, short ones too', async (t) => {
    let now = Date.now();
    const folder = temporaryFolder(t);
    const buttons = new Buttons(new Kept({ folder, lifetimeMs: HOUR, now: () => now }));
    const texts = [...(await buttons.encode([short], 100)), ...(await buttons.encode([long], 100))];
    now += HOUR - 1;
    for (const text of texts) await buttons.decode(text);
    now += 1;
    for (const text of texts) await assert.rejects(buttons.decode(text), isExpired);
    await buttons.encode([long], 100);
    assert.equal(readdirSync(folder).length, 1, 'the expired file is gone');
  });

  it('refuses what it did not make', async (t) => {
    const folder = temporaryFolder(t);
    const buttons = new Buttons(new Kept({ folder, lifetimeMs: HOUR }));
    const [text] = await buttons.encode([long], 100);
    writeFileSync(path.join(folder, `${text!.slice(3)}.json`), '[{"command":"ball');
    const foreign = [
      '',
      'x',
      'k0.',
      'k0.../../etc/passwd',
      'i0.zzzzzzzzz.5',
      'i0.zzzzzzzzz.{',
      'i0.-.[]',
      text!,
    ];
    const payloads = [
      '[1,[]]',
      '["help",[]]',
      '[null,{}]',
      '["",{}]',
      '["help"]',
      '["help",null]',
      'null',
      '[]',
    ];
    payloads.push('{"command":"help","options":{}}', '["train",{"file":[{"name":"x"}]}]');
    payloads.push('["ballad",{"prime_text":{"length":1}}]', '["ballad",{"seed":null}]', '["ballad",{},{}]');
    foreign.push(...payloads.map((payload) => `i0.zzzzzzzzz.${payload}`));
    for (const one of [...foreign, 'k9.zzzzzzzzz-0123456789abcdef', `k7.${text!.slice(3)}`]) {
      await assert.rejects(buttons.decode(one), isExpired, one);
    }
  });
});

it('Buttons reads nothing but what stands in a kept list', async (t) => {
  const kept = new Kept({ folder: temporaryFolder(t), lifetimeMs: HOUR });
  const buttons = new Buttons(kept);
  for (const value of [null, 'k', {}, [null], ['help'], [{ command: null, options: {} }], [[short]]]) {
    await assert.rejects(buttons.decode(`k0.${await kept.put(value)}`), isExpired, JSON.stringify(value));
  }
});

describe('Kept', () => {
  it('keeps the newest where there are too many', async (t) => {
    let now = Date.now();
    const folder = temporaryFolder(t);
    const kept = new Kept({ folder, lifetimeMs: HOUR, most: 3, now: () => now });
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      ids.push(await kept.put(i));
      now += 1000;
    }
    now += 600_000;
    ids.push(await kept.put(5));
    const values = await Promise.all(ids.map((id) => kept.get(id)));
    assert.deepEqual(values, [undefined, undefined, 2, 3, 4, 5]);
  });

  it('says when the disk refuses', async (t) => {
    const folder = path.join(temporaryFolder(t), 'file');
    writeFileSync(folder, '');
    const kept = new Kept({ folder, lifetimeMs: HOUR });
    await assert.rejects(kept.put(1), (error) => error instanceof UserError);
  });
});
