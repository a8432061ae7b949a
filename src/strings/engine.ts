/** What people read of the engine: which one runs, on what, and why the other does not. */
import type { Locale } from './index.ts';

/** As `ChosenEngine` of the engine room, which these words know nothing of. */
export interface EngineFacts {
  readonly engine: {
    readonly name: string;
    readonly report: {
      readonly runtime: string;
      readonly device: 'CPU' | 'GPU';
      readonly trains: string | undefined;
      readonly sings: string;
      readonly threads: number | undefined;
    };
  };
  readonly why: { readonly code: string; readonly detail?: string };
  readonly other: string;
}

const GPU_WAY = 'npm run setup-gpu';
const CPU_WAY = 'npm run libtensorflow, ENGINE=tensorflow';

const ko = {
  runs: (name: string, runtime: string, device: string) => `${name} (${runtime}, ${device})`,
  trains: (kernels: string | undefined, threads: number | undefined) =>
    `학습 커널: ${kernels ?? '첫 학습 때 재어 고릅니다'}${threads === undefined ? '' : `, 스레드 ${threads}개`}`,
  sings: (kernels: string) => `가사 커널: ${kernels}`,
  other: (other: string, why: string) => `${other}을(를) 쓰지 않는 까닭: ${why}`,
  gpuNotUsed: (why: string) => `GPU 대신 CPU로 학습합니다: ${why}`,
};

const en: typeof ko = {
  runs: (name, runtime, device) => `${name} (${runtime}, ${device})`,
  trains: (kernels, threads) =>
    `trains with: ${kernels ?? 'measured when the first training starts'}${threads === undefined ? '' : `, ${threads} ${threads === 1 ? 'thread' : 'threads'}`}`,
  sings: (kernels) => `sings with: ${kernels}`,
  other: (other, why) => `not ${other}: ${why}`,
  gpuNotUsed: (why) => `training on the CPU, not on a GPU: ${why}`,
};

type Reason = (detail: string) => string;

const REASONS: Readonly<Record<Locale, Readonly<Record<string, Reason>>>> = {
  ko: {
    forced: () => '설정(ENGINE)이 정했습니다',
    gpu: () => 'GPU가 있습니다',
    noGpu: () => `GPU가 없습니다 (CPU로 쓰려면 ${CPU_WAY})`,
    gpuForbidden: () => 'CPU만 쓰라고 했습니다',
    noPackage: () => `설치되지 않았습니다 (npm ci --include=optional, ${GPU_WAY})`,
    noAddon: () => `GPU가 있지만 애드온이 없습니다 (${GPU_WAY})`,
    gpuUnseen: () => `TensorFlow가 GPU를 찾지 못했습니다 (${GPU_WAY})`,
    doesNotLoad: (detail) => `불러올 수 없습니다: ${detail} (${GPU_WAY})`,
  },
  en: {
    forced: () => 'the configuration (ENGINE) says so',
    gpu: () => 'there is a GPU',
    noGpu: () => `there is no GPU (to use it on the CPU: ${CPU_WAY})`,
    gpuForbidden: () => 'the CPU was asked for',
    noPackage: () => `it is not installed (npm ci --include=optional, ${GPU_WAY})`,
    noAddon: () => `there is a GPU, but its addon is not built (${GPU_WAY})`,
    gpuUnseen: () => `its library sees no GPU (${GPU_WAY})`,
    doesNotLoad: (detail) => `it does not load: ${detail} (${GPU_WAY})`,
  },
};

const reason = (locale: Locale, { code, detail = '' }: EngineFacts['why']): string =>
  REASONS[locale][code]!(detail);

/** Lines for `/status`. */
export function engineDetails(locale: Locale, { engine, why, other }: EngineFacts): string[] {
  const words = locale === 'ko' ? ko : en;
  const { runtime, device, trains, sings, threads } = engine.report;
  return [
    words.runs(engine.name, runtime, device),
    words.trains(trains, threads),
    words.sings(sings),
    words.other(other, reason(locale, why)),
  ];
}

/** For one who asked for a GPU. */
export const gpuNotUsed = (locale: Locale, why: EngineFacts['why']): string =>
  (locale === 'ko' ? ko : en).gpuNotUsed(reason(locale, why));
