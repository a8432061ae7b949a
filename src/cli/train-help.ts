/** `npm run train -- --help`: every option with its meaning and its default. */
import { optionName } from '../training/fields.ts';
import { DEFAULTS, FINE_TUNING } from '../training/settings.ts';
import { optionText, type ScriptText } from './arguments.ts';

/** Defaults of what is no setting of the training itself. */
export const SCRIPT_DEFAULTS = {
  preset: 'balladeer',
  dataDir: 'data/ballads',
  /** As the help says it; what holds is the configuration's `modelsDir`. */
  checkpointDir: 'MODELS_DIR, models',
  dtype: 'float32',
  printEvery: 10,
  saveEvery: 30,
} as const;

const FINE_TUNING_TEXT = Object.entries(FINE_TUNING)
  .map(([name, value]) => `${optionName(name)} ${value}`)
  .join(', ');

/** Flags, Korean, English. */
const OPTIONS: readonly (readonly [string, string, string])[] = [
  [
    '--preset <name>',
    '기본값 묶음: balladeer(이 프로그램), char-rnn(karpathy/char-rnn의 기본값)',
    'set of defaults: balladeer (ours), char-rnn (those of karpathy/char-rnn)',
  ],
  ['--data-dir <folder>', 'input.txt가 있는 폴더', 'folder with the text in input.txt'],
  ['--checkpoint-dir <folder>', '체크포인트를 저장할 폴더', 'folder to save checkpoints in'],
  [
    '--savefile <name>',
    '체크포인트 이름: <checkpoint-dir>/<savefile>.safetensors(기본값: data-dir의 이름)',
    'name of the checkpoint: <checkpoint-dir>/<savefile>.safetensors (default: the name of data-dir)',
  ],
  [
    '--resume',
    '멈춘 학습을 같은 --checkpoint-dir, --savefile에서 이어서 합니다. 다른 옵션은 처음 것을 씁니다',
    'go on with a training that was stopped; options that are left out are as they were',
  ],
  [
    '--init-from <file>',
    '이 체크포인트의 가중치와 문자 목록에서 시작합니다. 모르는 문자는 더합니다. 이때의 기본값: ' +
      FINE_TUNING_TEXT,
    'start from the weights and the vocabulary of this checkpoint; new characters are added. Defaults then: ' +
      FINE_TUNING_TEXT,
  ],
  [
    '--replay-data <file>',
    '--init-from: 잊지 않도록 섞어 다시 배울 바탕 글(기본값: REPLAY_DATA, data/ballads/input.txt)',
    '--init-from: base text that is mixed in so that it is not forgotten (default: REPLAY_DATA, data/ballads/input.txt)',
  ],
  ['--replay <x>', '배우는 글 가운데 바탕 글의 비율', 'share of the base text among what is trained on'],
  [
    '--max-base-loss-increase <x>',
    '바탕 글의 손실이 이보다 많이 오른 네트워크는 나중에 고릅니다',
    'a network whose loss on the base text rose by more is chosen only where there is no other',
  ],
  ['--dtype <type>', '체크포인트의 수: float32, float16', 'numbers in the checkpoint: float32, float16'],
  ['--model <cell>', '순환 셀: lstm, gru, rnn', 'recurrent cell: lstm, gru, rnn'],
  ['--num-layers <n>', '순환층의 수', 'number of recurrent layers'],
  ['--rnn-size <n>', '순환층의 크기', 'size of a recurrent layer'],
  [
    '--embedding-size <n>',
    '문자 임베딩의 크기. 0이면 rnn-size와 같음',
    "size of a character's embedding; 0: as rnn-size",
  ],
  [
    '--tie-weights',
    '출력층이 임베딩의 가중치를 함께 씁니다. 끄려면 --no-tie-weights',
    'the output uses the weights of the embedding; --no-tie-weights turns it off',
  ],
  ['--no-tie-weights', '출력층의 가중치를 따로 둡니다', 'the output has weights of its own'],
  [
    '--dropout <p>',
    '각 층의 입력과 출력을 끄는 확률',
    'probability of dropping an input of a layer or of the output',
  ],
  [
    '--recurrent-dropout <p>',
    '순환 가중치를 한 단계 동안 끄는 확률',
    'probability of dropping a recurrent weight for a step',
  ],
  [
    '--ngram-order <n>',
    '처음부터 배우는 네트워크 곁에 두는 n-그램의 길이. 0이면 없음',
    'length of the n-grams beside a network that starts anew; 0: none',
  ],
  [
    '--split <mode>',
    '검증·시험 부분을 나누는 법. blocks: 노래 단위, streams: char-rnn처럼 각 흐름의 끝, tail: 글의 끝',
    'what is held out: blocks (whole songs), streams (the end of each stream, as char-rnn), tail (the end of the text)',
  ],
  ['--train-frac <x>', '학습에 쓰는 비율', 'share of the text to train on'],
  [
    '--val-frac <x>',
    '검증에 쓰는 비율. 나머지는 시험 부분',
    'share of the text to validate with; the rest is for tests',
  ],
  ['--batch-size <n>', '나란히 학습하는 흐름의 수', 'number of streams trained side by side'],
  ['--seq-length <n>', '기울기를 거슬러 계산하는 글자 수', 'characters that gradients go back through'],
  ['--max-epochs <n>', '학습 부분을 도는 횟수', 'passes over the training part'],
  ['--seed <n>', '난수 시드', 'seed of all random numbers'],
  ['--optimizer <name>', '최적화 방법: adamw, adam, rmsprop', 'optimiser: adamw, adam, rmsprop'],
  ['--learning-rate <x>', '학습률', 'learning rate'],
  [
    '--decay-rate <x>',
    'rmsprop: 기울기 제곱 평균의 감쇠율',
    'rmsprop: decay of the mean of squared gradients',
  ],
  ['--weight-decay <x>', 'adamw: 가중치 감쇠', 'adamw: weight decay'],
  [
    '--clip <by>',
    '기울기를 제한하는 법. norm: 전체 크기, value: 수 하나하나',
    'how gradients are clipped: norm (all together), value (each number)',
  ],
  ['--grad-clip <x>', '기울기의 한도. 0이면 없음', 'limit of gradients; 0: none'],
  [
    '--schedule <name>',
    '학습률의 변화. cosine: 올렸다가 코사인으로 내림, char-rnn: 에폭마다 줄임',
    'learning rate over time: cosine (warm-up, then down), char-rnn (constant, then decay an epoch)',
  ],
  [
    '--warmup <steps>',
    'cosine: 학습률을 올리는 단계 수. 전체의 10분의 1까지',
    'cosine: steps of warm-up, at most a tenth of all',
  ],
  [
    '--learning-rate-decay <x>',
    'char-rnn: 에폭마다 학습률에 곱하는 수',
    'char-rnn: factor of the learning rate an epoch',
  ],
  [
    '--learning-rate-decay-after <n>',
    'char-rnn: 학습률을 줄이기 시작하는 에폭',
    'char-rnn: epoch from which the learning rate decays',
  ],
  [
    '--cooldown <x>',
    '끝에서 드롭아웃을 절반으로 줄이고 학습률의 10분의 1에서 다시 내리는 단계의 비율',
    'share of the updates, at the end, with half the dropout, from a tenth of the learning rate down again',
  ],
  [
    '--eval-val-every <steps>',
    '검증 사이의 단계 수. 0이면 에폭마다',
    'steps between validations; 0: once an epoch',
  ],
  [
    '--patience <n>',
    '검증 손실이 이만큼 거듭 나아지지 않으면 멈춥니다. 0이면 끝까지',
    'validations without a better loss before training stops; 0: never',
  ],
  [
    '--print-every <steps>',
    '보고 사이의 단계 수(터미널의 진행 막대 제외)',
    'steps between reports (not for the bar of a terminal)',
  ],
  [
    '--save-every <seconds>',
    '이어서 하기 위한 상태를 저장하는 간격',
    'seconds between savings of what --resume needs',
  ],
  [
    '--json',
    '보고마다 JSON 한 줄, 마지막 줄은 요약',
    'one JSON object a line for each report, the last a summary',
  ],
  ['--threads <n>', '스레드 수(기본값: 코어마다 하나)', 'number of threads (default: one for each core)'],
  [
    '--gpuid <n>',
    '-1: CPU, 0부터: 그 번호의 GPU (기본값: 있으면 GPU)',
    '-1: the CPU; 0 and up: that GPU (default: a GPU where there is one)',
  ],
];

export const TRAIN_SCRIPT: ScriptText = {
  usage: 'npm run train --',
  text: {
    ko: '글을 학습하여 가사를 쓰는 네트워크를 만듭니다. Ctrl-C로 멈추면 저장되고, --resume으로 이어서 합니다.',
    en: 'Trains a network on a text. Ctrl-C saves and stops; --resume goes on.',
  },
  options: OPTIONS.map((option) => optionText(option, { ...DEFAULTS, ...SCRIPT_DEFAULTS })),
};
