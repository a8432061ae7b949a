/** What people read of trainings: the question before one, its progress and what it came to. */
import type { Locale } from './index.ts';

/** 12345 -> 12,345 */
const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
const percent = (share: number): string => `${Math.round(100 * share)}%`;
const plural = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

const ko = {
  // the question
  question: (name: string, base: string | null) =>
    base === null
      ? `${name} 모델을 처음부터 학습할까요?`
      : `${base} 모델에서 이어 ${name} 모델을 학습할까요?`,
  start: '시작',
  drop: '취소',
  text: '글',
  amount: (characters: number, songs: number, lines: number) =>
    `${grouped(characters)}자, 노래 ${grouped(songs)}곡, ${grouped(lines)}줄`,
  newCharacters: '새 글자',
  newCharactersOf: (count: number, shown: readonly string[]) =>
    count === 0 ? '없음' : `${grouped(count)}가지: ${shown.join(' ')}${count > shown.length ? ' …' : ''}`,
  duplicates: '중복',
  duplicatesOf: (songs: number, lines: number) =>
    `비슷한 노래 ${grouped(songs)}곡, 되풀이되는 줄 ${grouped(lines)}줄`,
  language: '언어',
  languageOf: (hangul: number, latin: number, other: number) =>
    `한글 ${percent(hangul)}, 로마자 ${percent(latin)}, 그 밖 ${percent(other)}`,
  epochs: '반복',
  epochsOf: (count: number) => `${grouped(count)}회`,
  replay: '바탕 글 되풀이',
  replayOf: (share: number) => percent(share),
  time: '예상 시간',
  timeOf: (duration: string, speed: number, basis: 'measured' | 'scaled' | 'assumed') => {
    const bases = {
      measured: '이 컴퓨터에서 같은 크기의 모델로 잰 속도',
      scaled: '이 컴퓨터에서 다른 크기의 모델로 잰 속도',
      assumed: '재 본 적이 없어 어림한 속도',
    };
    return `약 ${duration} (${bases[basis]}: 초당 ${grouped(Math.round(speed))}자)`;
  },
  memory: '메모리',
  atLeast: (megabytes: number) => `${grouped(megabytes)}MB 이상`,
  removed: (urls: number, mentions: number, lines: number, characters: number) =>
    `뺀 것: 주소 ${grouped(urls)}개, 멘션 ${grouped(mentions)}개, 가사가 아닌 줄 ${grouped(lines)}줄, 쓸 수 없는 글자 ${grouped(characters)}자`,
  messagesRead: (read: number, used: number, refused: number) =>
    `메시지 ${grouped(read)}개를 읽어 ${grouped(used)}개를 씁니다. 봇과 글 없는 메시지는 뺐고, 학습을 거부한 사람의 메시지 ${grouped(refused)}개도 뺐습니다.`,
  nothingHeldOut:
    '검증에 떼어 둘 만큼 글이 길지 않습니다. 학습은 되지만, 나아졌는지 잴 수 없어 기본 모델로 내놓지는 않습니다.',
  busy: (ahead: number, duration: string | undefined) =>
    `앞에 학습 ${ahead}개가 있습니다${duration === undefined ? '' : ` (약 ${duration})`}. 차례가 되면 시작합니다.`,
  messagesName: (count: number) => `메시지 ${grouped(count)}개`,
  textsName: (first: string, others: number) => (others === 0 ? first : `${first} 외 ${grouped(others)}개`),
  ordered: (name: string, job: number) =>
    `${name} 모델의 학습을 맡았습니다 (${job}번). 그동안에도 가사를 쓸 수 있습니다.`,
  dropped: '학습하지 않기로 했습니다. 글은 지웠습니다.',
  // progress
  queued: (name: string, job: number) => `${job}번: ${name} 모델의 학습이 차례를 기다립니다.`,
  running: (name: string, job: number) => `${job}번: ${name} 모델을 학습하고 있습니다.`,
  paused: (name: string, job: number) => `${job}번: ${name} 모델의 학습을 잠시 멈추었습니다.`,
  pausedBecause: (name: string, job: number, reason: string) =>
    `${job}번: ${name} 모델의 학습이 멈추었습니다. ${reason}`,
  failed: (name: string, job: number, reason: string) =>
    `${job}번: ${name} 모델의 학습이 실패했습니다. ${reason}`,
  cancelled: (name: string, job: number) => `${job}번: ${name} 모델의 학습을 취소했습니다.`,
  verse: (epoch: number) => (epoch === 0 ? '학습 전:' : `${epoch}회째 반복 뒤:`),
  pause: '잠시 멈춤',
  resume: '계속',
  cancel: '취소',
  // the end
  done: (name: string, job: number) => `${job}번: ${name} 모델의 학습이 끝났습니다.`,
  newTextLoss: '새 글 손실',
  baseTextLoss: '바탕 글 손실',
  change: (before: number, after: number) => `${before.toFixed(3)} → ${after.toFixed(3)}`,
  before: '학습 전',
  after: '학습 뒤',
  sampleOf: (name: string) => `${name}이(가) 쓴 가사`,
  good: '새 글을 더 잘 쓰게 되었고 바탕도 잊지 않았습니다. 기본 모델로 내놓을까요?',
  goodOnNewText: '새 글을 더 잘 쓰게 되었습니다. 기본 모델로 내놓을까요?',
  goodFromNothing: '아무것도 모를 때보다 잘 쓰게 되었습니다. 기본 모델로 내놓을까요?',
  keepBecause: {
    notBetter:
      '떼어 둔 새 글의 손실이 줄지 않아 기본 모델로는 내놓지 않습니다. 곁에 두고 써 볼 수는 있습니다.',
    baseWorse: '바탕 글을 너무 잊어 기본 모델로는 내놓지 않습니다. 곁에 두고 써 볼 수는 있습니다.',
    notMeasured:
      '글이 짧아 나아졌는지 잴 수 없으므로 기본 모델로는 내놓지 않습니다. 곁에 두고 써 볼 수는 있습니다.',
  },
  decisions: { publish: '기본 모델로', keep: '곁에 두기', discard: '버리기' },
  decided: {
    publish: (name: string) => `${name} 모델이 이제 이곳의 기본 모델입니다. 되돌리려면 /되돌리기`,
    keep: (name: string) => `${name} 모델을 곁에 두었습니다. /발라드 model:${name} 로 쓸 수 있습니다.`,
    discard: (name: string) => `${name} 모델을 버렸습니다.`,
  },
  keptAsVersion: (name: string) =>
    `${name} 모델의 새 판을 곁에 두었습니다. /모델에서 번호를 보고 /되돌리기 ${name} 판:번호 로 쓸 수 있습니다.`,
  // the picture
  chartTitle: (name: string) => `${name} 학습 곡선`,
  chartSubtitle: (base: string | null, epochs: string, duration: string) =>
    `${base === null ? '처음부터 학습' : `${base}에서 이어 학습`} · ${epochs}회 반복 · ${duration}`,
  chartAlt: (name: string, changes: string) =>
    `${name} 모델의 학습 곡선${changes === '' ? '' : `: ${changes}`}`,
  axisEpoch: '반복',
  axisLoss: '손실 (글자당 nat)',
  curves: { training: '학습', newText: '새 글 (검증)', baseText: '바탕 글 (검증)' },
};

type TrainingWords = typeof ko;

const en: TrainingWords = {
  question: (name, base) =>
    base === null ? `Train ${name} from nothing?` : `Train ${name}, going on from ${base}?`,
  start: 'Start',
  drop: 'Cancel',
  text: 'text',
  amount: (characters, songs, lines) =>
    `${plural(characters, 'character')}, ${plural(songs, 'song')}, ${plural(lines, 'line')}`,
  newCharacters: 'new characters',
  newCharactersOf: (count, shown) =>
    count === 0 ? 'none' : `${grouped(count)}: ${shown.join(' ')}${count > shown.length ? ' …' : ''}`,
  duplicates: 'duplicates',
  duplicatesOf: (songs, lines) =>
    `${plural(songs, 'song')} much like another, ${plural(lines, 'repeated line')}`,
  language: 'language',
  languageOf: (hangul, latin, other) =>
    `Hangul ${percent(hangul)}, Latin ${percent(latin)}, other ${percent(other)}`,
  epochs: 'epochs',
  epochsOf: grouped,
  replay: 'base text replayed',
  replayOf: percent,
  time: 'time',
  timeOf: (duration, speed, basis) => {
    const bases = {
      measured: 'measured here on models of this size',
      scaled: 'measured here on models of other sizes',
      assumed: 'a guess: nothing was measured here yet',
    };
    return `about ${duration} (${grouped(Math.round(speed))} characters/s, ${bases[basis]})`;
  },
  memory: 'memory',
  atLeast: (megabytes) => `${grouped(megabytes)} MB or more`,
  removed: (urls, mentions, lines, characters) =>
    `Taken out: ${plural(urls, 'address', 'addresses')}, ${plural(mentions, 'mention')}, ${plural(lines, 'line')} that are no lyric, ${plural(characters, 'unusable character')}`,
  messagesRead: (read, used, refused) =>
    `Of ${plural(read, 'message')} ${grouped(used)} are used: none of bots, none without text, and none of the ${grouped(refused)} by people who refused training.`,
  nothingHeldOut:
    'The text is too short to set a part of it aside. It can be trained on, but whether that made anything better cannot be told, so it will not become the default.',
  busy: (ahead, duration) =>
    `${plural(ahead, 'training')} ${ahead === 1 ? 'comes' : 'come'} first${duration === undefined ? '' : ` (about ${duration})`}. This one starts when it is its turn.`,
  messagesName: (count) => plural(count, 'message'),
  textsName: (first, others) => (others === 0 ? first : `${first} and ${grouped(others)} more`),
  ordered: (name, job) => `The training of ${name} is ordered (number ${job}). Lyrics go on meanwhile.`,
  dropped: 'Nothing is trained, and the text is removed.',
  queued: (name, job) => `${job}: the training of ${name} waits for its turn.`,
  running: (name, job) => `${job}: training ${name}.`,
  paused: (name, job) => `${job}: the training of ${name} is paused.`,
  pausedBecause: (name, job, reason) => `${job}: the training of ${name} is paused: ${reason}`,
  failed: (name, job, reason) => `${job}: the training of ${name} failed: ${reason}`,
  cancelled: (name, job) => `${job}: the training of ${name} was cancelled.`,
  verse: (epoch) => (epoch === 0 ? 'Before training:' : `After epoch ${epoch}:`),
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  done: (name, job) => `${job}: the training of ${name} is done.`,
  newTextLoss: 'loss on the new text',
  baseTextLoss: 'loss on the base text',
  change: (before, after) => `${before.toFixed(3)} → ${after.toFixed(3)}`,
  before: 'Before',
  after: 'After',
  sampleOf: (name) => `A lyric of ${name}`,
  good: 'It sings the new text better and has not forgotten the base. Make it the default?',
  goodOnNewText: 'It sings the new text better. Make it the default?',
  goodFromNothing: 'It sings better than one that knows nothing. Make it the default?',
  keepBecause: {
    notBetter:
      'Its loss on the held-out new text is no lower, so it does not become the default. It can be kept beside.',
    baseWorse:
      'It forgot too much of the base text, so it does not become the default. It can be kept beside.',
    notMeasured:
      'The text is too short to tell whether it got better, so it does not become the default. It can be kept beside.',
  },
  decisions: { publish: 'Publish as default', keep: 'Keep beside', discard: 'Discard' },
  decided: {
    publish: (name) => `${name} is the default here from now on. /rollback goes back.`,
    keep: (name) => `${name} is kept beside the others. Use it with /ballad model:${name}`,
    discard: (name) => `${name} is discarded.`,
  },
  keptAsVersion: (name) =>
    `The new version of ${name} is kept beside. /models shows its number, /rollback ${name} version:NUMBER goes to it.`,
  chartTitle: (name) => `Training of ${name}`,
  chartSubtitle: (base, epochs, duration) =>
    `${base === null ? 'from nothing' : `going on from ${base}`} · ${epochs} epochs · ${duration}`,
  chartAlt: (name, changes) => `Losses of the training of ${name}${changes === '' ? '' : `: ${changes}`}`,
  axisEpoch: 'epochs',
  axisLoss: 'loss (nats per character)',
  curves: { training: 'training', newText: 'new text (val.)', baseText: 'base text (val.)' },
};

const languages: Readonly<Record<Locale, TrainingWords>> = { ko, en };

export const trainingWords = (locale: Locale): TrainingWords => languages[locale];
