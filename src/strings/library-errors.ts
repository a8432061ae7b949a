/** What a `UserError` about the models of a place says, Korean and English. */

/** What a model is needed for. */
type ModelUse = 'default' | 'configured' | 'elsewhere' | 'training';

const inMegabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

export const libraryErrors = {
  modelUnknown: {
    ko: (f: { model: string; names: readonly string[] }) =>
      `${f.model} 모델이 없습니다. 쓸 수 있는 모델: ${f.names.join(', ')}`,
    en: (f: { model: string; names: readonly string[] }) =>
      `there is no model ${f.model}; there are: ${f.names.join(', ')}`,
  },
  modelsNone: {
    ko: (f: { folder: string }) =>
      `${f.folder} 폴더에 모델이 없습니다. 글 파일로 하나를 학습시키십시오: /학습 파일.txt (또는 npm run train -- --data-dir data/이름)`,
    en: (f: { folder: string }) =>
      `there is no model in ${f.folder}; train one on a text file: /train FILE.txt (or npm run train -- --data-dir data/NAME)`,
  },
  modelExists: {
    ko: (f: { model: string }) => `${f.model} 모델이 이미 있습니다. name 옵션으로 다른 이름을 주십시오.`,
    en: (f: { model: string }) => `there is already a model ${f.model}; give another with the option name`,
  },
  modelName: {
    ko: (_: Record<never, never>) =>
      '모델 이름에는 글자, 숫자, 점, 밑줄, 붙임표만 쓸 수 있고 글자나 숫자로 시작해야 하며 64자를 넘을 수 없습니다. name 옵션으로 다른 이름을 주십시오.',
    en: (_: Record<never, never>) =>
      'a model name has letters, digits, dots, underscores and hyphens alone, begins with a letter or digit and has at most 64 of them; give another with the option name',
  },
  modelOfAll: {
    ko: (f: { model: string }) =>
      `${f.model}은(는) 모두가 함께 쓰는 모델이라 이곳에서 바꿀 수 없습니다. 봇의 주인에게 부탁하거나, 이어 학습해서 이곳의 모델을 만드십시오.`,
    en: (f: { model: string }) =>
      `${f.model} belongs to all and cannot be changed here; ask the owner of the bot, or train a model of your own from it`,
  },
  modelInUse: {
    ko: (f: { model: string; as: ModelUse }) =>
      ({
        default: `${f.model}은(는) 이곳의 기본 모델이라 그럴 수 없습니다. 먼저 /설정 model:다른이름 으로 기본 모델을 바꾸십시오.`,
        configured: `${f.model}은(는) 봇의 기본 모델이라 그럴 수 없습니다. 먼저 DEFAULT_MODEL에 다른 이름을 적고 봇을 다시 시작하십시오.`,
        elsewhere: `${f.model}을(를) 기본 모델로 쓰는 서버가 있어 지울 수 없습니다.`,
        training: `${f.model} 모델로 학습하고 있어 그럴 수 없습니다. 학습이 끝난 뒤에 다시 하거나 /취소로 멈추십시오.`,
      })[f.as],
    en: (f: { model: string; as: ModelUse }) =>
      ({
        default: `${f.model} is the default model here; choose another with /settings model:NAME first`,
        configured: `${f.model} is the bot's default model; set DEFAULT_MODEL to another and restart the bot first`,
        elsewhere: `${f.model} is the default model of a server and cannot be deleted`,
        training: `a training works with ${f.model}; wait until it ends, or stop it with /cancel`,
      })[f.as],
  },
  rollbackNone: {
    ko: (f: { model: string }) =>
      `${f.model} 모델에는 되돌아갈 이전 판이 없습니다. /모델에서 볼 수 있습니다.`,
    en: (f: { model: string }) =>
      `there is no earlier version of ${f.model} to go back to; /models shows what there is`,
  },
  versionUnknown: {
    ko: (f: { model: string; version: number; kept: readonly number[] }) =>
      `${f.model} 모델의 ${f.version}판으로 되돌릴 수 없습니다. 남아 있는 판: ${f.kept.join(', ') || '없음'}`,
    en: (f: { model: string; version: number; kept: readonly number[] }) =>
      `${f.model} cannot go back to version ${f.version}; kept: ${f.kept.join(', ') || 'none'}`,
  },
  quotaModels: {
    ko: (f: { used: number; most: number }) =>
      `이곳에는 모델을 ${f.most}개까지 둘 수 있는데 이미 ${f.used}개가 있습니다. /모델관리로 하나를 지우십시오.`,
    en: (f: { used: number; most: number }) =>
      `this place may have ${f.most} models and has ${f.used}; delete one with /model`,
  },
  quotaBytes: {
    ko: (f: { used: number; most: number }) =>
      `이곳의 모델은 모두 ${inMegabytes(f.most)}MB까지인데 ${inMegabytes(f.used)}MB가 됩니다(이전 판 포함). /모델관리로 하나를 지우십시오.`,
    en: (f: { used: number; most: number }) =>
      `the models of this place may take ${inMegabytes(f.most)} MB and would take ${inMegabytes(f.used)} MB, earlier versions included; delete one with /model`,
  },
  modelTooLarge: {
    ko: (f: { file: string; most: number }) =>
      `${f.file}: 모델 파일이 너무 큽니다. ${inMegabytes(f.most)}MB까지 됩니다. float16으로 저장한 파일이나 더 작은 모델을 주십시오.`,
    en: (f: { file: string; most: number }) =>
      `${f.file}: the model file is too large; at most ${inMegabytes(f.most)} MB are allowed, give one saved as float16 or a smaller model`,
  },
  modelVocabulary: {
    ko: (f: { file: string; character: string }) =>
      `${f.file}: 가사에 쓸 수 없는 문자(${f.character})를 쓰는 모델입니다. 다른 체크포인트를 쓰십시오.`,
    en: (f: { file: string; character: string }) =>
      `${f.file}: the model writes characters that no lyric has (${f.character}); use another checkpoint`,
  },
  notOwner: {
    ko: (_: Record<never, never>) =>
      '모두가 쓰는 모델은 봇의 주인만 정합니다. 주인에게 부탁하십시오 (설정의 OWNERS).',
    en: (_: Record<never, never>) =>
      'only the owner of the bot publishes models for all; ask them (OWNERS in the configuration)',
  },
  newNameMissing: {
    ko: (_: Record<never, never>) => 'name 옵션으로 새 이름을 주십시오.',
    en: (_: Record<never, never>) => 'give the new name with the option name',
  },
};
