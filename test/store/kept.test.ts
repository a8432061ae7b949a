/** What is kept for a while: until it expires, and what is claimed once. */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Kept } from '../../src/store/kept.ts';
import { temporaryFolder } from '../support/checkpoint.ts';

describe('what is claimed', () => {
  it('is given once, to one of many, and gone then', async (t) => {
    const folder = temporaryFolder(t);
    const kept = new Kept({ folder, lifetimeMs: 60_000 });
    const id = await kept.put({ text: '봄' });
    let given = 0;
    const claims = Array.from({ length: 20 }, (_, i) =>
      new Kept({ folder, lifetimeMs: 60_000 }).claim(id, async (value) => {
        given++;
        assert.deepEqual(value, { text: '봄' });
        return i;
      }),
    );
    const results = await Promise.all(claims);
    assert.equal(given, 1);
    assert.equal(results.filter((result) => result !== undefined).length, 1);
    assert.equal(await kept.claim(id, async () => 'again'), undefined);
    assert.deepEqual(await readdir(folder), []);
  });

  it('can be claimed again where the work failed', async (t) => {
    const kept = new Kept({ folder: temporaryFolder(t), lifetimeMs: 60_000 });
    const id = await kept.put(1);
    await assert.rejects(
      kept.claim(id, () => Promise.reject(new Error('full'))),
      /full/,
    );
    assert.equal(await kept.claim(id, async (value) => value), 1);
  });

  it('is swept with the rest when its claimer was killed', async (t) => {
    const folder = temporaryFolder(t);
    let now = Date.now();
    const kept = new Kept({ folder, lifetimeMs: 1000, now: () => now });
    const id = await kept.put(1);
    void kept.claim(id, () => new Promise(() => {}));
    while (!(await readdir(folder)).some((name) => name.endsWith('.claimed')));
    now += 3_600_000;
    await kept.put(2);
    assert.equal((await readdir(folder)).length, 1);
  });

  it('is no path', async (t) => {
    const kept = new Kept({ folder: temporaryFolder(t), lifetimeMs: 60_000 });
    for (const id of ['', '../x', '0mx0hjy82-2391ca2475a9ca93/../y', 'toString']) {
      assert.equal(await kept.claim(id, async () => 'given'), undefined);
    }
  });
});

describe('bytes that are kept', () => {
  const KILOBYTE = 'x'.repeat(1022);
  const bytesIn = (folder: string) =>
    readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);

  it('stay within their most at any time, the newest of them', async (t) => {
    const folder = temporaryFolder(t);
    let now = Date.now();
    const options = { folder, lifetimeMs: 3_600_000, mostBytes: 10 * 1024, now: () => now++ };
    const kept = new Kept(options);
    const ids: string[] = [];
    for (let i = 0; i < 35; i++) {
      ids.push(await kept.put(KILOBYTE));
      assert.ok(bytesIn(folder) <= options.mostBytes);
    }
    const left = await Promise.all(ids.map(async (id) => (await kept.get(id)) !== undefined));
    const first = left.indexOf(true);
    assert.ok(first >= 25 && left.slice(first).every((is) => is), `${left}`);

    // The next process counts what it finds.
    const next = new Kept({ ...options, mostBytes: 5 * 1024 });
    await next.put(KILOBYTE);
    assert.ok(bytesIn(folder) <= 5 * 1024);
    await Promise.all(Array.from({ length: 20 }, () => next.put(KILOBYTE)));
    await next.put(1);
    assert.ok(bytesIn(folder) <= 5 * 1024, 'all at once, too');
  });

  it('a value that is lost while it is claimed is no other’s', async (t) => {
    const folder = temporaryFolder(t);
    const kept = new Kept({ folder, lifetimeMs: 3_600_000, mostBytes: 1500 });
    const id = await kept.put(KILOBYTE);
    const work = kept.claim(id, async () => {
      await kept.put(KILOBYTE);
      throw new Error('full');
    });
    await assert.rejects(work, /full/);
    assert.equal(await kept.get(id), undefined);
  });
});
