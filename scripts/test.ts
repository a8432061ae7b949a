/**
 * `npm test`: runs the compiled tests beside this script with Node's own runner, on every supported version
 * the same way. Words on the command line keep the files whose path contains one of them; `--long` adds the
 * files named `*.long-test.js`.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

/** Files at once: most tests are short, and those of engines and training have threads of their own. */
const CONCURRENCY = 2;
/** Milliseconds for a file; a long test may wait for a busy machine. */
const TIMEOUT = 10 * 60_000;
const LONG_TIMEOUT = 60 * 60_000;

const folder = fileURLToPath(new URL('../test', import.meta.url));
const words = process.argv.slice(2).filter((word) => word !== '--long');
const isLong = process.argv.includes('--long');
const suffixes = isLong ? ['.test.js', '.long-test.js'] : ['.test.js'];

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => suffixes.some((suffix) => file.endsWith(suffix)))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .map((file) => path.join(folder, file))
  .sort();

if (files.length === 0) {
  console.error(`no test file in ${folder} has ${words.join(' or ')} in its path`);
  process.exitCode = 1;
} else {
  run({ files, concurrency: CONCURRENCY, timeout: isLong ? LONG_TIMEOUT : TIMEOUT })
    .on('test:fail', ({ todo }) => {
      if (todo === undefined || todo === false) process.exitCode = 1;
    })
    .compose(new spec())
    .pipe(process.stdout);
}
