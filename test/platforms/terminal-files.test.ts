/** Files of answers at the terminal: in their folder whatever they are called, and over nothing that is there. */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { openLocalFiles } from '../../src/platforms/terminal-file.ts';
import { saveMessageFile } from '../../src/platforms/terminal-files.ts';
import { temporaryFolder } from '../support/checkpoint.ts';

const file = (name: string, text: string) => ({ name, bytes: Buffer.from(text), alt: '' });

describe('files that are written', () => {
  it('take a number where there is one of their name', async (t) => {
    const folder = path.join(temporaryFolder(t), 'files');
    const paths = [];
    for (const text of ['a', 'b', 'c']) paths.push(await saveMessageFile(folder, file('손실.png', text)));
    assert.deepEqual(
      paths.map((one) => path.basename(one)),
      ['손실.png', '손실-2.png', '손실-3.png'],
    );
    assert.equal(await readFile(paths[0]!, 'utf8'), 'a');
  });

  it('stay in their folder', async (t) => {
    const parent = temporaryFolder(t);
    const folder = path.join(parent, 'files');
    for (const name of ['../../etc/passwd', '/etc/passwd', '..', '', '.png', 'a\u0000b', 'x/y.png']) {
      const written = await saveMessageFile(folder, file(name, name));
      assert.equal(path.dirname(written), folder, name);
    }
    assert.deepEqual(await readdir(parent), ['files']);
  });
});

describe('paths that are typed', () => {
  it('are one with its spaces, or several between spaces', async (t) => {
    const folder = temporaryFolder(t);
    const [one, two, spaced] = ['one.txt', 'two.md', 'my songs.txt'].map((name) => path.join(folder, name));
    for (const name of [one!, two!, spaced!]) await writeFile(name, name);
    const names = (text: string) => openLocalFiles(text).map(({ name }) => name);
    assert.deepEqual(names(`${one} ${two}`), ['one.txt', 'two.md']);
    assert.deepEqual(names(spaced!), ['my songs.txt']);
    assert.deepEqual(names(`${one} missing.txt`), ['one.txt missing.txt']);
  });
});
