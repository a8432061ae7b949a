/** Who refused training: known again after a restart, by platform, and never lost to a fault. */
import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Privacy } from '../../src/store/privacy.ts';
import { temporaryFolder } from '../support/checkpoint.ts';

describe('privacy', () => {
  it('is each one’s own, on each platform, and outlives the process', async (t) => {
    const file = path.join(temporaryFolder(t), 'var', 'privacy.json');
    const privacy = await Privacy.open(file);
    assert.equal(privacy.allows('discord', '1'), true);
    await Promise.all([privacy.set('discord', '1', false), privacy.set('slack', 'U1', false)]);
    await privacy.set('discord', '2', false);
    await privacy.set('discord', '2', true);
    for (const one of [privacy, await Privacy.open(file)]) {
      assert.deepEqual(
        [
          one.allows('discord', '1'),
          one.allows('discord', '2'),
          one.allows('slack', '1'),
          one.allows('slack', 'U1'),
        ],
        [false, true, true, false],
      );
    }
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), {
      optedOut: { discord: ['1'], slack: ['U1'] },
    });
  });

  it('takes ids for what they are', async (t) => {
    const file = path.join(temporaryFolder(t), 'privacy.json');
    const privacy = await Privacy.open(file);
    await privacy.set('slack', '__proto__', false);
    const again = await Privacy.open(file);
    assert.equal(again.allows('slack', '__proto__'), false);
    assert.equal(again.allows('__proto__', 'toString'), true);
  });

  it('does not start over a damaged file: nobody’s wish would be known', async (t) => {
    const file = path.join(temporaryFolder(t), 'privacy.json');
    for (const damaged of ['', '{', '[]', '{"optedOut":{"discord":[1]}}']) {
      await writeFile(file, damaged);
      await assert.rejects(Privacy.open(file), (error: { code?: string }) => error.code === 'privacyDamaged');
    }
  });

  it('says so where it cannot be written, and changes nothing then', async (t) => {
    if (process.getuid?.() === 0) return t.skip('root writes anywhere');
    const folder = temporaryFolder(t);
    const privacy = await Privacy.open(path.join(folder, 'privacy.json'));
    await chmod(folder, 0o500);
    await assert.rejects(privacy.set('discord', '1', false));
    await chmod(folder, 0o700);
    assert.equal(privacy.allows('discord', '1'), true);
    await privacy.set('discord', '1', false);
    assert.equal(privacy.allows('discord', '1'), false);
  });
});
