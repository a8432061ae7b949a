/**
 * Which build of the kernels this process runs. V8's flags for relaxed SIMD (Node 20) and for revectorization
 * (Node 24 and later) are experimental and fail silently, so each candidate proves itself: it must load, give the
 * right product and be the fastest of its kind in a short measurement. The measurement is remembered where a
 * folder is given; the proof is asked for every time.
 */
import { setFlagsFromString } from 'node:v8';
import { UserError } from '../../errors.ts';
import { BUILD_NAMES, type BuildName } from '../choice.ts';
import { readMeasured, writeMeasured } from './build-cache.ts';
import { compileBuild, createMemory, instantiate, type Kernels, RESERVED_BYTES } from './kernels.ts';
import { isRevectorizerSound, REVECTORIZE } from './revectorizer.ts';

export { BUILD_NAMES, type BuildName } from '../choice.ts';

export interface ChosenBuild {
  readonly name: BuildName;
  readonly module: WebAssembly.Module;
  /** Of the measurement, on one thread; undefined when the build was forced. */
  readonly gigaflops: number | undefined;
}

let flagsSet = false;

/** Before the first module is compiled, and only where the flag exists: V8 prints an error for one it does not know. */
function setFlags(): void {
  if (flagsSet) return;
  flagsSet = true;
  const node = Number.parseInt(process.versions.node, 10);
  if (node < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');
  if (isRevectorizerSound()) setFlagsFromString(REVECTORIZE);
}

const chosen = new Map<BuildName | 'fastest', ChosenBuild>();

/**
 * The build for training: the fastest sound one, measured once a process and, with a folder to remember it in, once a
 * machine. Throws a `UserError` where a forced build does not run here.
 * @param forced a name to use unmeasured.
 */
export function chooseBuild(forced?: BuildName, cacheFolder?: string): ChosenBuild {
  const key = forced ?? 'fastest';
  const known = chosen.get(key);
  if (known) return known;
  setFlags();
  const build = forced ? soundBuild(forced) : (rememberedBuild(cacheFolder) ?? measuredBuild(cacheFolder));
  chosen.set(key, build);
  return build;
}

/** What `chooseBuild` has chosen; undefined before it was asked. */
export function chosenBuild(forced?: BuildName): ChosenBuild | undefined {
  return chosen.get(forced ?? 'fastest');
}

/**
 * Sampling must give the same bits everywhere, so it never uses fused multiply-add; its 8-bit products are the same in
 * every build, and nothing has to be measured before the first lyric.
 */
export const SAMPLING_BUILD: BuildName = 'simd8';

let sampling: WebAssembly.Module | undefined;

export function samplingModule(): WebAssembly.Module {
  setFlags();
  sampling ??= compileBuild(SAMPLING_BUILD);
  return sampling;
}

function soundBuild(name: BuildName): ChosenBuild {
  const candidate = tryBuild(name);
  if (candidate) return { name, module: candidate.module, gigaflops: undefined };
  const others = BUILD_NAMES.filter((other) => other !== name && tryBuild(other));
  throw new UserError('kernelsUnusable', { build: name, runtime: `Node ${process.version}`, others });
}

/** Undefined where nothing was measured yet, or what was then the fastest does not run any more. */
function rememberedBuild(cacheFolder: string | undefined): ChosenBuild | undefined {
  const measured = cacheFolder === undefined ? undefined : readMeasured(cacheFolder);
  const candidate = measured && tryBuild(measured.build);
  return candidate && { name: candidate.name, module: candidate.module, gigaflops: measured!.gigaflops };
}

function measuredBuild(cacheFolder: string | undefined): ChosenBuild {
  const { name, module, gigaflops } = fastest(BUILD_NAMES);
  if (cacheFolder !== undefined) writeMeasured(cacheFolder, { build: name, gigaflops });
  return { name, module, gigaflops };
}

/** Rounds of the measurement; candidates take turns, so that a busy moment of the machine hits all alike. */
const TURNS = 6;

function fastest(names: readonly BuildName[]): ChosenBuild & { readonly gigaflops: number } {
  const sound = names.flatMap((name) => tryBuild(name) ?? []);
  // Builds with and without fused multiply-add round differently; those of one kind agree to the bit. The kind is
  // decided by what runs here, never by a measurement, so that a resumed training goes on with the same bits.
  const relaxed = sound.filter(({ name }) => name.startsWith('relaxed'));
  const candidates = relaxed.length > 0 ? relaxed : sound;
  if (candidates.length === 0)
    throw new Error('no build of the kernels runs here; run `npm run build` again');
  const best = candidates.map(() => 0);
  for (let turn = 0; turn < TURNS; turn++) {
    candidates.forEach(({ bench }, i) => {
      best[i] = Math.max(best[i]!, bench.measure());
    });
  }
  const winner = best.indexOf(Math.max(...best));
  const { name, module } = candidates[winner]!;
  return { name, module, gigaflops: best[winner]! };
}

const ROWS = 25;
const PANELS = 19;

interface Candidate {
  readonly name: BuildName;
  readonly module: WebAssembly.Module;
  readonly bench: ReturnType<typeof createBench>;
}

/** Undefined where the runtime refuses the build or computes something else. */
function tryBuild(name: BuildName): Candidate | undefined {
  try {
    const module = compileBuild(name);
    const bench = createBench(instantiateBench(module));
    return bench.isRight() ? { name, module, bench } : undefined;
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return undefined; // a runtime without relaxed SIMD
    throw error;
  }
}

function instantiateBench(module: WebAssembly.Module): { kernels: Kernels; memory: WebAssembly.Memory } {
  const memory = createMemory(1 << 18);
  return { kernels: instantiate(module, memory), memory };
}

/** A recurrent product of usual shape: 25 rows, 304 x 64. */
function createBench({ kernels, memory }: { kernels: Kernels; memory: WebAssembly.Memory }) {
  const K = PANELS * 16;
  const a = RESERVED_BYTES;
  const b = a + ROWS * K * 4;
  const c = b + 4 * K * 64;
  const floats = new Float32Array(memory.buffer);
  const run = () => kernels.product(ROWS, PANELS, 4, a, ROWS * 64, b, K * 64, c, ROWS * 64);
  return {
    isRight(): boolean {
      for (let i = 0; i < ROWS * K; i++) floats[a / 4 + i] = ((i * 7) % 13) - 6;
      for (let i = 0; i < 4 * K * 16; i++) floats[b / 4 + i] = ((i * 5) % 11) - 5;
      floats.fill(1, c / 4, c / 4 + 4 * ROWS * 16);
      run();
      for (let i = 0; i < 4 * ROWS * 16; i++) {
        const [panel, row, lane] = [Math.floor(i / (ROWS * 16)), (i >> 4) % ROWS, i & 15];
        let sum = 1;
        for (let k = 0; k < K; k++) {
          const left = floats[a / 4 + ((k >> 4) * ROWS + row) * 16 + (k & 15)]!;
          sum += left * floats[b / 4 + (panel * K + k) * 16 + lane]!;
        }
        // small whole numbers: every order and rounding of the additions gives the same sum
        if (floats[c / 4 + i] !== sum) return false;
      }
      return true;
    },
    /** GFLOPS, the best of a few runs. */
    measure(): number {
      const flops = 2 * ROWS * K * 64;
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 4; i++) {
        const start = performance.now();
        for (let j = 0; j < 8; j++) run();
        best = Math.min(best, performance.now() - start);
      }
      return (8 * flops) / best / 1e6;
    },
  };
}
