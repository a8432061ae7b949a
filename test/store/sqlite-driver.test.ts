/** Both libraries of SQLite, by the same contract. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { libsqlDriver, nodeDriver, type OpenFile } from '../../src/store/sqlite-driver.ts';
import { temporaryFolder } from '../support/checkpoint.ts';

const node = await nodeDriver();
const libsql = await libsqlDriver().catch(() => undefined);

const DRIVERS: readonly [string, OpenFile | undefined, string][] = [
  ['libsql', libsql, 'not installed: npm ci --include=optional'],
  ['node:sqlite', node, `Node ${process.version} has none`],
];

for (const [name, open, reason] of DRIVERS) {
  describe(`SQLite by ${name}`, { skip: open === undefined && reason }, () => {
    it('keeps rows, and what a transaction had not finished is gone', (t) => {
      const file = path.join(temporaryFolder(t), 'a.db');
      const database = open!(file);
      database.exec('CREATE TABLE songs (id INTEGER PRIMARY KEY, name TEXT, loss REAL)');
      const insert = database.prepare('INSERT INTO songs (name, loss) VALUES (?, ?) RETURNING *');
      assert.equal((insert.get('봄', 2.5) as { id: number }).id, 1);
      database.exec('BEGIN IMMEDIATE');
      assert.equal(database.inTransaction, true);
      database.prepare('INSERT INTO songs (name, loss) VALUES (?, ?)').run('밤', null);
      database.exec('ROLLBACK');
      database.close();
      const again = open!(file);
      const select = again.prepare('SELECT name, loss FROM songs WHERE id = ?');
      assert.deepEqual(select.all(1), [{ name: '봄', loss: 2.5 }]);
      const { name, loss } = select.get(1) as { name: string; loss: number }; // libsql adds how long it took
      assert.deepEqual([name, loss], ['봄', 2.5]);
      assert.equal(select.get(2), undefined);
      again.close();
      again.close();
    });

    it('names what is wrong as SQLite does', (t) => {
      const folder = temporaryFolder(t);
      const file = path.join(folder, 'a.db');
      const holder = open!(file);
      holder.exec('BEGIN EXCLUSIVE');
      const other = open!(file);
      assert.throws(() => other.exec('BEGIN EXCLUSIVE'), { code: /^SQLITE_BUSY/ });
      holder.close();
      other.close();
      const foreign = path.join(folder, 'b.db');
      writeFileSync(foreign, 'no database at all, but long enough to have a header. '.repeat(20));
      assert.throws(() => open!(foreign).exec('CREATE TABLE a (b)'), { code: /^SQLITE_NOTADB/ });
      assert.throws(() => open!(path.join(folder, 'nowhere', 'a.db')).exec('BEGIN'), {
        code: /^SQLITE_(CANTOPEN|IOERR)/,
      });
    });
  });
}
