/** What can be chosen of an engine: names alone, so that nothing of an engine is loaded to know them. */

export const ENGINES = ['wasm', 'tensorflow'] as const;
export type EngineName = (typeof ENGINES)[number];

/** Builds of the kernels, the best first: with fused multiply-add (relaxed SIMD) or without, tiles of 16 or 8 columns. */
export const BUILD_NAMES = ['relaxed16', 'relaxed8', 'simd16', 'simd8'] as const;
export type BuildName = (typeof BUILD_NAMES)[number];

/** What runs a training, beside the job itself: the same choice gives the same bits. */
export interface EngineChoice {
  /** A name forces that engine; without one `tensorflow` is taken where it has a GPU, else `wasm`. */
  readonly engine?: EngineName | undefined;
  /** Threads of training; by default one for each core. */
  readonly threads?: number | undefined;
  /** Build of the kernels that trains with `wasm`; by default the fastest measured. */
  readonly build?: BuildName | undefined;
}

/** An engine as it is asked for: a choice, and where this machine's measurements are kept. */
export interface EngineOrder extends EngineChoice {
  /** Folder in which the measured choice of a build is remembered; without one it is measured in every process. */
  readonly cacheFolder?: string | undefined;
  /** GPU that `tensorflow` uses where there are several; -1: none of them. By default TensorFlow's first. */
  readonly gpu?: number | undefined;
}
