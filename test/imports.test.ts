/** The arrows between rooms: a test for each rule, and one that each rule catches what breaks it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../src/paths.ts';

/** Source text by path from the project's root, with `/`. */
type Sources = ReadonlyMap<string, string>;

/**
 * What each room may import besides itself and the leaves. Files that stand in `src` itself are rooms of
 * their own.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  engine: ['model'],
  store: ['engine', 'model'],
  sampling: ['store', 'engine', 'model'],
  training: ['store', 'engine', 'model'],
  commands: ['sampling', 'training', 'store', 'engine', 'model'],
  platforms: ['commands', 'sampling', 'training', 'store', 'engine', 'model'],
  cli: ['config', 'sampling', 'training', 'store', 'engine', 'model'],
  main: ['config', 'cli', 'platforms', 'commands', 'sampling', 'training', 'store', 'engine', 'model'],
  start: ['main'],
  config: ['config-fields'],
  'config-fields': [],
  // AssemblyScript: compiled apart.
  kernels: [],
};
const LEAVES = ['errors', 'strings', 'random', 'paths', 'log'];

/** The only place of a package: a room, or a file; `once` where a single file of the room may import it. */
const PACKAGES: readonly { name: RegExp; place: string; once?: boolean }[] = [
  { name: /^discord(\.js|-api-types)|^@discordjs\//, place: 'src/platforms/', once: true },
  { name: /^@slack\//, place: 'src/platforms/', once: true },
  { name: /^@tensorflow\//, place: 'src/engine/' },
  { name: /^pure-rand/, place: 'src/random.ts' },
  { name: /^pino/, place: 'src/log.ts' },
  { name: /^dotenv/, place: 'src/config.ts' },
  { name: /^(commander|cli-progress)$/, place: 'src/cli/' },
];

const SPECIFIER =
  /(?:\bfrom|\bimport|\brequire|\bcreateRequire\(import\.meta\.url\))\s*\(?\s*(['"])([^'"\n]+)\1/g;
const COMMENTS = /\/\*[\s\S]*?\*\/|(?<=^|[\s;{])\/\/.*$/gm;

const codeOf = (source: string): string => source.replace(COMMENTS, '');
const importsOf = (source: string): string[] =>
  [...codeOf(source).matchAll(SPECIFIER)].map((match) => match[2]);
const isRelative = (specifier: string): boolean => specifier.startsWith('.');

/** `src/model/network.ts` is of `model`, `src/main.ts` of `main`; undefined outside `src`. */
function roomOf(file: string): string | undefined {
  const [top, room, ...rest] = file.split('/');
  if (top !== 'src') return undefined;
  return rest.length > 0 ? room : path.posix.basename(room, '.ts');
}

function brokenArrows(sources: Sources): string[] {
  return eachImport(sources, (file, specifier) => {
    const room = roomOf(file);
    if (room === undefined || !isRelative(specifier)) return false;
    const target = roomOf(path.posix.join(path.posix.dirname(file), specifier));
    if (target === room || LEAVES.includes(target ?? '')) return false;
    return !MAY_IMPORT[room]?.includes(target ?? '');
  });
}

function misplacedPackages(sources: Sources): string[] {
  const misplaced = eachImport(sources, (file, specifier) =>
    PACKAGES.some(
      ({ name, place }) => name.test(specifier) && file.startsWith('src/') && !file.startsWith(place),
    ),
  );
  const scattered = PACKAGES.filter(({ once }) => once).flatMap(({ name }) => {
    const files = [...sources].filter(([, source]) =>
      importsOf(source).some((specifier) => name.test(specifier)),
    );
    return files.length > 1 ? [`${name} is imported by ${files.map(([file]) => file)}`] : [];
  });
  return [...misplaced, ...scattered];
}

function eachImport(sources: Sources, isFault: (file: string, specifier: string) => boolean): string[] {
  return [...sources].flatMap(([file, source]) =>
    importsOf(source)
      .filter((specifier) => isFault(file, specifier))
      .map((specifier) => `${file} imports ${specifier}`),
  );
}

/** Files that use something which belongs in one place. */
const users = (sources: Sources, pattern: RegExp, ...allowed: string[]): string[] =>
  [...sources]
    .filter(
      ([file, source]) => file.startsWith('src/') && !allowed.includes(file) && pattern.test(codeOf(source)),
    )
    .map(([file]) => file);

const ENVIRONMENT = /\bprocess\s*(\.\s*env\b|\[)|\benv\b[^=;\n]*=\s*process\b|['"](node:)?process['"]/;
const CHANCE = /\bMath\s*\.\s*random\b/;

/** `import type` is gone when the program runs; `import()` loads only when both files are there. */
const NOT_LOADED = /\b(?:import|export)\s+type\b[^;'"]*\bfrom\s*(['"])[^'"\n]+\1|\bimport\s*\([^)]*\)/g;

/** The first cycle among files that would load one another, or undefined. */
function importCycle(sources: Sources): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, trail: string[]): string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const specifier of importsOf((sources.get(file) ?? '').replace(NOT_LOADED, '')).filter(isRelative)) {
      const cycle = visit(path.posix.join(path.posix.dirname(file), specifier), [...trail, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of sources.keys()) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

function readSources(...folders: string[]): Sources {
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name.split(path.sep).join('/')}`),
  );
  return new Map(files.map((file) => [file, readFileSync(path.join(ROOT, file), 'utf8')]));
}

const sources = readSources('src');

test('every room is known, and there is something in it', () => {
  const rooms = new Set([...sources.keys()].map(roomOf));
  for (const room of rooms)
    assert.ok(room !== undefined && (room in MAY_IMPORT || LEAVES.includes(room)), room);
  assert.ok(rooms.size > 10);
});

test('arrows point one way', () => assert.deepEqual(brokenArrows(sources), []));

test('leaves import nothing but leaves', () => {
  const ofLeaves = new Map([...sources].filter(([file]) => LEAVES.includes(roomOf(file)!)));
  assert.ok(ofLeaves.size >= LEAVES.length);
  assert.deepEqual(brokenArrows(ofLeaves), []);
});

test('packages of a platform, of TensorFlow and of chance stay in their place', () => {
  assert.deepEqual(misplacedPackages(sources), []);
});

test('config.ts alone reads the environment, and TensorFlow alone is told something by it', () => {
  assert.deepEqual(users(sources, ENVIRONMENT, 'src/config.ts', 'src/engine/tensorflow/environment.ts'), []);
  assert.ok(ENVIRONMENT.test(sources.get('src/config.ts')!));
});

test('all chance is seeded', () => assert.deepEqual(users(sources, CHANCE), []));

test('no file loads itself through others', () =>
  assert.equal(importCycle(sources)?.join(' -> '), undefined));

test('scripts are thin', () => {
  // How the kernels are compiled is no part of the program: it stands in scripts for want of a room.
  const builds = ['scripts/build-kernels.ts', 'scripts/kernel-tiles.ts'];
  for (const [file, source] of readSources('scripts')) {
    // What a script is made of may stand in a folder beside it.
    if (builds.includes(file) || path.posix.dirname(file) !== 'scripts') continue;
    const lines = source.trimEnd().split('\n').length;
    assert.ok(lines <= 60, `${file} has ${lines} lines: move what it does to src`);
  }
});

test('each rule catches what breaks it', () => {
  const broken = (file: string, source: string) => brokenArrows(new Map([[file, source]]));
  assert.deepEqual(broken('src/model/a.ts', "import { x } from '../engine/engine.ts';").length, 1);
  assert.deepEqual(broken('src/sampling/a.ts', "import type { X } from '../training/job.ts';").length, 1);
  assert.deepEqual(
    broken('src/commands/a.ts', "const x = await import('../platforms/terminal.ts');").length,
    1,
  );
  assert.deepEqual(broken('src/training/a.ts', "import {\n  x,\n} from '../config.ts';").length, 1);
  assert.deepEqual(broken('src/engine/wasm/a.ts', "export * from '../../store/files.ts';").length, 1);
  assert.deepEqual(broken('src/errors.ts', "import './model/network.ts';").length, 1);
  assert.deepEqual(broken('src/engine/a.ts', "import '../../scripts/train.ts';").length, 1);
  assert.deepEqual(
    broken('src/engine/wasm/a.ts', "import '../../model/network.ts'; // from '../../main.ts'"),
    [],
  );

  const placed = (...files: [string, string][]) => misplacedPackages(new Map(files)).length;
  assert.equal(placed(['src/commands/a.ts', "import { X } from 'discord.js';"]), 1);
  assert.equal(placed(['src/training/a.ts', "const tf = require('@tensorflow/tfjs-node');"]), 1);
  assert.equal(
    placed(['src/platforms/a.ts', "import 'discord.js';"], ['src/platforms/b.ts', "import 'discord.js';"]),
    1,
  );
  assert.equal(
    placed(['src/platforms/a.ts', "import '@slack/bolt';"], ['src/platforms/b.ts', "import 'discord.js';"]),
    0,
  );

  for (const read of [
    'process.env.X',
    "process['env']",
    'const { env } = process;',
    "import { env } from 'node:process'",
  ]) {
    assert.deepEqual(users(new Map([['src/cli/a.ts', read]]), ENVIRONMENT), ['src/cli/a.ts'], read);
  }
  assert.deepEqual(
    users(new Map([['src/cli/a.ts', '/** `process.env` */ process.exit(1);']]), ENVIRONMENT),
    [],
  );
  assert.deepEqual(users(new Map([['src/cli/a.ts', 'Math.random()']]), CHANCE), ['src/cli/a.ts']);

  const cycle = new Map([
    ['src/model/a.ts', "import './b.ts';"],
    ['src/model/b.ts', "import './a.ts';"],
  ]);
  assert.deepEqual(importCycle(cycle), ['src/model/a.ts', 'src/model/b.ts', 'src/model/a.ts']);
  for (const harmless of ["import type { A } from './a.ts';", "const a = await import('./a.ts');"]) {
    assert.equal(importCycle(cycle.set('src/model/b.ts', harmless)), undefined, harmless);
  }
});
