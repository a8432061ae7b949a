/**
 * Compiles the project: takes the types out of every TypeScript file and lets imports name what is compiled or bundled
 * (`bundle.mjs`). What is left stands where it stood, so that no source map is needed. Types are checked apart (`npm run check`): with the
 * type stripper that Node itself uses, in WebAssembly, a build needs no compiler of the machine's own and takes a
 * second. Plain JavaScript, because nothing is compiled before it.
 *
 * `node scripts/build.mjs [--out FOLDER] [--tests]`
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { transformSync } from '@swc/wasm-typescript';
import { init, parse } from 'es-module-lexer';
import { bundleOf, bundlePackages } from './bundle.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** AssemblyScript looks like TypeScript and is compiled by `build-kernels`. */
const KERNELS = path.join('src', 'kernels');

const { values: options } = parseArgs({
  options: { out: { type: 'string', default: 'dist' }, tests: { type: 'boolean', default: false } },
});
const out = path.resolve(ROOT, options.out);
const folders = ['src', 'scripts', ...(options.tests ? ['test'] : [])];

const filesIn = (folder, suffix) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(suffix));
const modifiedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** What an import names in the compiled file: './a.js' for './a.ts', the bundle of a package that has one. */
function compiledSpecifier(specifier, file) {
  if (specifier?.startsWith('.')) return specifier.replace(/\.ts$/, '.js');
  const bundle = bundleOf(specifier);
  if (bundle === undefined) return specifier;
  return path.posix.relative(path.posix.dirname(toPosix(file)), toPosix(bundle));
}

const toPosix = (file) => file.split(path.sep).join('/');

function compile(source, file) {
  let { code } = transformSync(source, { mode: 'strip-only', module: true, filename: file });
  const [imports] = parse(code, file);
  for (const { specifier, start, end } of imports.toReversed()) {
    const compiled = compiledSpecifier(specifier, file);
    if (compiled === specifier) continue;
    // The quotes of a dynamic import are within.
    code = code.slice(0, start) + code.slice(start, end).replace(specifier, compiled) + code.slice(end);
  }
  return code;
}

await init;
/** After another version of the build everything is compiled anew. */
const ownAge = Math.max(
  ...['build.mjs', 'bundle.mjs'].map((name) => modifiedAt(path.join(ROOT, 'scripts', name))),
);
await bundlePackages(ROOT, out);
for (const folder of folders) {
  const sources = filesIn(path.join(ROOT, folder), '.ts')
    .map((file) => path.join(folder, file))
    .filter((file) => !file.startsWith(KERNELS) && !file.endsWith('.d.ts'));
  const targets = new Set(sources.map((file) => file.replace(/\.ts$/, '.js')));
  for (const source of sources) {
    const [from, to] = [path.join(ROOT, source), path.join(out, source.replace(/\.ts$/, '.js'))];
    if (modifiedAt(to) > Math.max(modifiedAt(from), ownAge)) continue;
    mkdirSync(path.dirname(to), { recursive: true });
    writeFileSync(to, compile(readFileSync(from, 'utf8'), source));
  }
  // What was compiled from a file that is gone must not be run as a test.
  mkdirSync(path.join(out, folder), { recursive: true });
  for (const file of filesIn(path.join(out, folder), '.js'))
    if (!targets.has(path.join(folder, file))) rmSync(path.join(out, folder, file));
}
