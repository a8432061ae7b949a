/** Every library of SQLite, by the same contract. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { describe, it } from 'node:test';
import { libsqlDriver, nodeDriver, type OpenFile } from '../../src/store/sqlite-driver.ts';
import { wasmDriver } from '../../src/store/sqlite-wasm.ts';
import { temporaryFolder } from '../support/checkpoint.ts';
import { fill, mount, unmount } from '../support/small-disk.ts';

const node = await nodeDriver();
const libsql = await libsqlDriver().catch(() => undefined);

const DRIVERS: readonly [string, OpenFile | undefined, string][] = [
  ['libsql', libsql, 'not installed: npm ci --include=optional'],
  ['node:sqlite', node, `Node ${process.version} has none`],
  ['WebAssembly', await wasmDriver(), ''],
];

for (const [name, open, reason] of DRIVERS) {
  describe(`SQLite by ${name}`, { skip: open === undefined && reason }, () => {
    const on = async (file: string, sql: string) => {
      const database = await open!(file);
      try {
        database.exec(sql);
      } finally {
        database.close();
      }
    };

    it('keeps rows, and what a transaction had not finished is gone', async (t) => {
      const file = path.join(temporaryFolder(t), 'a.db');
      const database = await open!(file);
      database.exec('CREATE TABLE songs (id INTEGER PRIMARY KEY, name TEXT, loss REAL)');
      const insert = database.prepare('INSERT INTO songs (name, loss) VALUES (?, ?) RETURNING *');
      assert.equal((insert.get('봄', 2.5) as { id: number }).id, 1);
      database.exec('BEGIN IMMEDIATE');
      assert.equal(database.inTransaction, true);
      database.prepare('INSERT INTO songs (name, loss) VALUES (?, ?)').run('밤', null);
      database.exec('ROLLBACK');
      database.close();
      const again = await open!(file);
      const select = again.prepare('SELECT name, loss FROM songs WHERE id = ?');
      assert.deepEqual(select.all(1), [{ name: '봄', loss: 2.5 }]);
      const { name, loss } = select.get(1) as { name: string; loss: number }; // libsql adds how long it took
      assert.deepEqual([name, loss], ['봄', 2.5]);
      assert.equal(select.get(2), undefined);
      again.close();
      again.close();
    });

    it('says that a disk is full, and goes on when there is room', async (t) => {
      const folder = path.join(temporaryFolder(t), 'disk');
      mkdirSync(folder);
      const reason = mount(folder, '1m');
      if (reason !== undefined) return t.skip(reason);
      try {
        const database = await open!(path.join(folder, 'a.db'));
        database.exec('PRAGMA journal_mode = WAL; CREATE TABLE a (b)');
        const filler = path.join(folder, 'filler');
        fill(filler);
        const insert = database.prepare('INSERT INTO a VALUES (zeroblob(100000))');
        assert.throws(() => insert.run(), { code: /^SQLITE_FULL/ });
        assert.equal(database.inTransaction, false);
        rmSync(filler);
        insert.run();
        assert.deepEqual(database.prepare('SELECT length(b) AS n FROM a').all(), [{ n: 100_000 }]);
        database.close();
      } finally {
        unmount(folder);
      }
    });

    it('names what is wrong as SQLite does', async (t) => {
      const folder = temporaryFolder(t);
      const file = path.join(folder, 'a.db');
      const holder = await open!(file);
      holder.exec('BEGIN EXCLUSIVE');
      await assert.rejects(on(file, 'BEGIN EXCLUSIVE'), { code: /^SQLITE_BUSY/ });
      holder.close();
      await on(file, 'BEGIN EXCLUSIVE');
      const foreign = path.join(folder, 'b.db');
      writeFileSync(foreign, 'no database at all, but long enough to have a header. '.repeat(20));
      await assert.rejects(on(foreign, 'CREATE TABLE a (b)'), { code: /^SQLITE_NOTADB/ });
      await assert.rejects(on(path.join(folder, 'nowhere', 'a.db'), 'BEGIN'), {
        code: /^SQLITE_(CANTOPEN|IOERR)|^folderMissing/,
      });
      await assert.rejects(on(file, 'CREATE TABLE c (d CHECK (d > 1)); INSERT INTO c VALUES (0)'), {
        code: /^SQLITE_CONSTRAINT/,
      });
    });
  });
}

const found = DRIVERS.flatMap(([name, open]) => (open ? [{ name, open }] : []));
for (const writer of found) {
  for (const reader of found.filter((one) => one !== writer)) {
    test(`what ${writer.name} has written, its log too, ${reader.name} reads`, async (t) => {
      const [first, second] = ['a.db', 'b.db'].map((name) => path.join(temporaryFolder(t), name));
      const database = await writer.open(first!);
      database.exec('PRAGMA journal_mode = WAL; CREATE TABLE a (b); INSERT INTO a VALUES (7)');
      // As a killed process leaves it.
      for (const end of ['', '-wal']) copyFileSync(first! + end, second! + end);
      database.close();
      for (const file of [first, second]) {
        const again = await reader.open(file!);
        assert.deepEqual(again.prepare('SELECT b FROM a').all(), [{ b: 7 }]);
        again.exec('INSERT INTO a VALUES (8)');
        again.close();
      }
      const back = await writer.open(second!);
      assert.equal(back.prepare('SELECT b FROM a').all().length, 2);
      back.close();
    });
  }
}
