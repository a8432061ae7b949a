/**
 * Packages that every start loads, each as one file: a start reads 3 files in place of 130. esbuild in WebAssembly, so
 * that a build needs no binary of the machine's own.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild-wasm';

/** Bundled ones; whatever else they import is bundled with them. What they export, by how it is imported here. */
const PACKAGES = {
  zod: "export { z } from 'zod';",
  pino: "export { pino } from 'pino';",
  dotenv: "export { config } from 'dotenv';",
};

/** CommonJS within asks for Node's own modules by `require`. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const FOLDER = 'packages';

/** Where a bundled package lies below the folder of the build; undefined for all others. */
export const bundleOf = (name) =>
  Object.hasOwn(PACKAGES, name) ? path.join(FOLDER, `${name}.js`) : undefined;

/** Bundles what is not there in the version that is installed. */
export async function bundlePackages(root, out) {
  const versions = Object.keys(PACKAGES).map((name) => {
    const { version } = JSON.parse(
      readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8'),
    );
    return `${name} ${version}`;
  });
  const stamp = `${versions.join('\n')}\n${JSON.stringify(PACKAGES)}\n`;
  const stampFile = path.join(out, FOLDER, 'versions.txt');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  mkdirSync(path.join(out, FOLDER), { recursive: true });
  for (const [name, contents] of Object.entries(PACKAGES)) {
    await build({
      stdin: { contents, resolveDir: root },
      outfile: path.join(out, FOLDER, `${name}.js`),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      banner: { js: REQUIRE },
      legalComments: 'inline',
      logLevel: 'warning',
    });
  }
  writeFileSync(stampFile, stamp);
}
