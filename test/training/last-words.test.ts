import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import test from 'node:test';
import { keepEnds } from '../../src/training/last-words.ts';

async function heard(...chunks: string[]): Promise<string> {
  const stream = new PassThrough();
  const words = keepEnds(stream);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await once(stream, 'end');
  return words();
}

test('a few words are kept as they are', async () => {
  assert.equal(await heard(), '');
  assert.equal(await heard('out of ', 'memory\n'), 'out of memory\n');
  const most = 'a'.repeat(1999) + 'b'.repeat(2001);
  assert.equal(await heard(most), most);
  assert.equal(await heard(...most), most);
});

test('of a long trace the reason before it and the one after it are kept', async () => {
  const frames = Array.from({ length: 500 }, (_, i) => `${i}: 0x13c5133 v8::internal::Object\n`);
  const words = await heard('FATAL ERROR: heap out of memory\n', ...frames, 'exit 134\n');
  assert.match(words, /^FATAL ERROR: heap out of memory\n0: 0x/);
  assert.match(words, /499: 0x.*\nexit 134\n$/);
  assert.ok(words.length < 4100, `${words.length} characters`);
});

test('what is left out is counted', async () => {
  const words = await heard('가'.repeat(3000), '나'.repeat(3000));
  assert.equal(words, `${'가'.repeat(2000)}\n[... 2000 characters ...]\n${'나'.repeat(2000)}`);
});
