import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { UserError } from '../../src/errors.ts';
import { fileLength, makeFolder, readBytes, readStart, writeFileAtomic } from '../../src/store/files.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'balladeer-files-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = async (file: string): Promise<string> => await readFile(file, 'utf8');

/** A new empty folder. */
const freshFolder = (): Promise<string> => mkdtemp(path.join(folder, 'case-'));

function assertFault(code: string, file: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.code, code);
    for (const locale of ['ko', 'en'] as const)
      assert.ok(error.text(locale).includes(file), error.text(locale));
    return true;
  };
}

test('a file is written, then replaced, and nothing else is left', async () => {
  const own = await freshFolder();
  const file = path.join(own, 'a.bin');
  await writeFileAtomic(file, bytes('first, and longer'));
  await writeFileAtomic(file, bytes('second'));
  assert.equal(await text(file), 'second');
  assert.deepEqual(await readdir(own), ['a.bin']);
});

test('writers at the same time leave one of their files in whole', async () => {
  const own = await freshFolder();
  const file = path.join(own, 'a.bin');
  const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000));
  await Promise.all(texts.map((content) => writeFileAtomic(file, content)));
  assert.ok(texts.includes(await text(file)));
  assert.deepEqual(await readdir(own), ['a.bin']);
});

test('a folder that is missing or is a file is named', async () => {
  const own = await freshFolder();
  await writeFile(path.join(own, 'plain'), '');
  for (const missing of ['none/a.bin', 'plain/a.bin']) {
    const file = path.join(own, missing);
    await assert.rejects(writeFileAtomic(file, bytes('x')), assertFault('folderMissing', path.dirname(file)));
  }
  await assert.rejects(makeFolder(path.join(own, 'plain')), assertFault('notAFolder', 'plain'));
  await assert.rejects(makeFolder(path.join(own, 'plain', 'x')), assertFault('folderMissing', 'plain'));
});

test('a target that is a folder is refused, and no temporary file stays', async () => {
  const own = await freshFolder();
  const file = path.join(own, 'folder');
  await mkdir(path.join(file, 'inside'), { recursive: true });
  await assert.rejects(writeFileAtomic(file, bytes('x')), assertFault('notAFile', file));
  assert.deepEqual(await readdir(own), ['folder']);
});

test('a read-only place is named', async (t) => {
  const file = '/proc/self/a.bin';
  if (!existsSync('/proc/self')) return t.skip('no /proc on this system');
  await assert.rejects(writeFileAtomic(file, bytes('x')), (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.ok(error.code === 'folderMissing' || error.code === 'folderNotWritable', error.code);
    assert.ok(error.message.includes('/proc/self'));
    return true;
  });
});

test('a read-only folder is named, and the earlier file stays whole', async (t) => {
  const own = await freshFolder();
  const file = path.join(own, 'a.bin');
  if (!mountTmpfs(own, 'size=1m')) return t.skip('not allowed to mount a tmpfs');
  try {
    await writeFileAtomic(file, bytes('earlier'));
    execFileSync('mount', ['-o', 'remount,ro', own]);
    await assert.rejects(writeFileAtomic(file, bytes('later')), assertFault('folderNotWritable', own));
    assert.equal(await text(file), 'earlier');
  } finally {
    execFileSync('umount', [own]);
  }
});

test('on a full disk the earlier file stays whole and the space is given back', async (t) => {
  const own = await freshFolder();
  const file = path.join(own, 'a.bin');
  if (!mountTmpfs(own, 'size=256k')) return t.skip('not allowed to mount a tmpfs');
  try {
    await writeFileAtomic(file, bytes('earlier'));
    await assert.rejects(writeFileAtomic(file, new Uint8Array(1 << 20)), assertFault('diskFull', file));
    assert.equal(await text(file), 'earlier');
    assert.deepEqual(await readdir(own), ['a.bin']);
    await writeFileAtomic(file, new Uint8Array(128 << 10));
    assert.equal(await fileLength(file), 128 << 10);
  } finally {
    execFileSync('umount', [own]);
  }
});

test('a process killed in mid-write leaves the earlier file, and the next write cleans up', async () => {
  const own = await freshFolder();
  const file = path.join(own, 'a.bin');
  const module = new URL('../../src/store/files.js', import.meta.url).href;
  const program = `
    import { writeFileAtomic } from ${JSON.stringify(module)};
    for (let size = 1; ; size++) {
      await writeFileAtomic(${JSON.stringify(file)}, new Uint8Array(4 << 20).fill(7));
      if (size === 1) console.log('written');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const survivor = await readBytes(file);
  assert.equal(survivor.length, 4 << 20);
  assert.ok(survivor.every((byte) => byte === 7));

  const stale = path.join(own, `.a.bin.${child.pid}.0123456789ab.tmp`);
  const recent = path.join(own, `.a.bin.${child.pid}.ba9876543210.tmp`);
  const alive = path.join(own, `.a.bin.${process.ppid}.0123456789ab.tmp`);
  const other = path.join(own, `.b.bin.${child.pid}.0123456789ab.tmp`);
  for (const leftover of [stale, recent, alive, other]) await writeFile(leftover, 'x');
  const longAgo = new Date(Date.now() - 3_600_000);
  for (const leftover of [stale, alive, other]) await utimes(leftover, longAgo, longAgo);
  await writeFileAtomic(file, bytes('new'));
  assert.deepEqual(
    [stale, recent, alive, other].map((leftover) => existsSync(leftover)),
    [false, true, true, true],
  );
});

test('what cannot be read is named', async () => {
  const own = await freshFolder();
  for (const file of [path.join(own, 'none'), path.join(own, 'a\0b'), path.join(own, 'x'.repeat(5000))]) {
    await assert.rejects(readBytes(file), assertFault('fileMissing', file));
    await assert.rejects(fileLength(file), assertFault('fileMissing', file));
    await assert.rejects(
      readStart(file, async () => 0),
      assertFault('fileMissing', file),
    );
  }
  await assert.rejects(readBytes(own), assertFault('notAFile', own));
  await assert.rejects(fileLength(own), assertFault('notAFile', own));
  await assert.rejects(
    readStart(own, async (read) => await read(8)),
    assertFault('notAFile', own),
  );
});

test('the start of a file is read from one and the same file, even when it is replaced meanwhile', async () => {
  const file = path.join(await freshFolder(), 'a.bin');
  await writeFileAtomic(file, bytes('earlier'));
  const seen = await readStart(file, async (read, length) => {
    await writeFileAtomic(file, bytes('later and longer'));
    return [length, new TextDecoder().decode(await read(4)), new TextDecoder().decode(await read(100))];
  });
  assert.deepEqual(seen, [7, 'earl', 'earlier']);
});

function mountTmpfs(target: string, options: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', target], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
