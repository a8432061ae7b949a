/** What a `UserError` about engines and sampling says, Korean and English. */

export const engineErrors = {
  sampleSetting: {
    ko: (f: { setting: string; value: string; expected: string }) =>
      `${f.setting}=${f.value}: 쓸 수 없는 값입니다. 가능한 값: ${f.expected}`,
    en: (f: { setting: string; value: string; expected: string }) =>
      `${f.setting}=${f.value} cannot be used; allowed: ${f.expected}`,
  },
  primeTextTooLong: {
    ko: (f: { characters: number; most: number }) =>
      `첫 구절이 너무 깁니다. ${f.characters}자인데 ${f.most}자까지 됩니다. 줄여서 다시 하십시오.`,
    en: (f: { characters: number; most: number }) =>
      `the prime text is too long: ${f.characters} characters where ${f.most} are allowed; shorten it`,
  },
  continuationForeign: {
    ko: (_: Record<never, never>) => '이어 쓸 가사가 다른 모델의 것입니다. 새 가사를 시작하십시오.',
    en: (_: Record<never, never>) => 'the lyric to go on with is of another model; start a new one',
  },
  continuationExpired: {
    ko: (_: Record<never, never>) => '이어 쓸 가사가 더는 남아 있지 않습니다. 새 가사를 시작하십시오.',
    en: (_: Record<never, never>) => 'the lyric to go on with is no longer kept; start a new one',
  },
  logitsNotFinite: {
    ko: (_: Record<never, never>) =>
      '이 모델은 글자를 고를 수 없습니다(계산 결과가 수가 아님). 학습이 실패한 모델이니 다른 모델이나 이전 체크포인트를 쓰십시오.',
    en: (_: Record<never, never>) =>
      'this model cannot choose a character (its output is not a number); its training failed, use another model or an earlier checkpoint',
  },
  vocabularyEmpty: {
    ko: (_: Record<never, never>) => '이 모델은 아는 글자가 없습니다. 다른 체크포인트를 쓰십시오.',
    en: (_: Record<never, never>) => 'this model knows no character; use another checkpoint',
  },
  linesMissing: {
    ko: (f: { syllables: number }) =>
      `${f.syllables}음절 이상인 줄이 없어 견줄 수 없습니다. 더 오래 학습한 체크포인트를 쓰거나 --temperature를 바꾸십시오.`,
    en: (f: { syllables: number }) =>
      `there is no line of ${f.syllables} syllables or more to compare; use a checkpoint that was trained for longer, or another --temperature`,
  },
  engineMissing: {
    ko: (f: { engine: string; reason: string }) =>
      `${f.engine} 엔진을 쓸 수 없습니다 (${f.reason}). npm run setup-gpu로 설치하거나, ENGINE을 비우거나 wasm으로 두십시오.`,
    en: (f: { engine: string; reason: string }) =>
      `the ${f.engine} engine cannot be used (${f.reason}); install it with npm run setup-gpu, or leave ENGINE empty or set it to wasm`,
  },
  kernelsUnusable: {
    ko: (f: { build: string; runtime: string; others: readonly string[] }) =>
      `커널 빌드 ${f.build}은(는) ${f.runtime}에서 쓸 수 없습니다. KERNELS를 비우거나 다음 가운데 하나로 두십시오: ${f.others.join(', ')}`,
    en: (f: { build: string; runtime: string; others: readonly string[] }) =>
      `the kernel build ${f.build} cannot be used on ${f.runtime}; leave KERNELS empty, or set it to one of ${f.others.join(', ')}`,
  },
  tensorflowSetup: {
    ko: (f: { step: string; reason: string }) =>
      `TensorFlow를 설치하지 못했습니다. 실패한 단계: ${f.step} (${f.reason}). docs/gpu.md를 보십시오.`,
    en: (f: { step: string; reason: string }) =>
      `TensorFlow was not set up; the step that failed: ${f.step} (${f.reason}); see docs/gpu.md`,
  },
};
