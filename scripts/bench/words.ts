/** What people read in the table. */
import type { Locale } from '../../src/strings/index.ts';

const ko = {
  contender: '대상',
  median: '중앙값 ms',
  least: '최소 ms',
  speed: '글자/초',
  peak: '최대 MB',
  ratio: (peer: string) => `${peer}의 몇 배`,
  missing: '빠진 상대',
  chosen: '고른 설정',
  start: '시작과 메모리',
  firstCharacter: '프로세스 시작부터 첫 글자까지',
  firstLyric: (length: number) => `프로세스 시작부터 ${length}자 가사의 끝까지`,
  idleBefore: '쉬고 있는 봇의 메모리, 가사를 쓰기 전',
  idleAfter: '쉬고 있는 봇의 메모리, 체크포인트 하나',
  besideIdle: (length: number) => `${length}자 가사의 p95, 학습 없이`,
  besideTraining: (length: number) => `${length}자 가사의 p95, 학습하는 동안`,
  trainingMemory: '학습의 최대 메모리',
  times: '배',
  toLoss: '손실까지 초',
  trained: '학습 초',
  epochs: '에포크',
  steps: '단계',
  evaluating: '검증 초',
  lowest: '최소 손실',
  timeRatio: (peer: string) => `${peer}보다 몇 배 빨리`,
  speedRatio: (peer: string) => `글자/초, ${peer}의 몇 배`,
  unreached: '못 미침',
  curve: (name: string) => `${name}, 검증 손실`,
  textAbsent: (places: readonly string[], source: string) =>
    `손실까지의 시간은 건너뜁니다. 글이 없습니다: ${places.join(', ')}. ${source}에서 받거나 --data-dir로 알려 주세요.`,
  machine: (cores: number, model: string, node: string) => `${model}, 코어 ${cores}개, Node ${node}`,
  build: (name: string, gigaflops: number | null) =>
    `커널 ${name}${gigaflops === null ? '' : `, 스레드 하나에 ${gigaflops.toFixed(0)} GFLOPS`}`,
  load: (before: number, after: number) =>
    `시스템 부하: 전 ${before.toFixed(1)}, 후 ${after.toFixed(1)} (전의 값이 0에 가까워야 믿을 만합니다)`,
  quick: '짧게 잰 값이라 믿을 것이 못 됩니다.',
  measuring: (title: string) => `재는 중: ${title}`,
  written: (file: string) => `${file}을(를) 새로 썼습니다.`,
};

type Words = typeof ko;

const en: Words = {
  contender: 'contender',
  median: 'median ms',
  least: 'min ms',
  speed: 'chars/s',
  peak: 'peak MB',
  ratio: (peer) => `x ${peer}`,
  missing: 'missing',
  chosen: 'setting',
  start: 'start and memory',
  firstCharacter: 'first character after process start',
  firstLyric: (length) => `lyric of ${length} characters after process start`,
  idleBefore: 'memory of the idle bot before its first lyric',
  idleAfter: 'memory of the idle bot with one checkpoint',
  besideIdle: (length) => `p95 of a lyric of ${length} characters, idle`,
  besideTraining: (length) => `p95 of a lyric of ${length} characters beside a training`,
  trainingMemory: 'peak memory of training',
  times: 'x',
  toLoss: 's to the loss',
  trained: 's trained',
  epochs: 'epochs',
  steps: 'steps',
  evaluating: 's evaluating',
  lowest: 'least loss',
  timeRatio: (peer) => `time, x ${peer}`,
  speedRatio: (peer) => `chars/s, x ${peer}`,
  unreached: 'not reached',
  curve: (name) => `${name}, held-out loss`,
  textAbsent: (places, source) =>
    `time to a loss is skipped, there is no text: ${places.join(', ')}; fetch ${source}, or name one by --data-dir`,
  machine: (cores, model, node) => `${model}, ${cores} cores, Node ${node}`,
  build: (name, gigaflops) =>
    `kernels ${name}${gigaflops === null ? '' : `, ${gigaflops.toFixed(0)} GFLOPS a thread`}`,
  load: (before, after) =>
    `system load: ${before.toFixed(1)} before, ${after.toFixed(1)} after (before must be near 0 to be trusted)`,
  quick: 'Measured briefly: not to be trusted.',
  measuring: (title) => `measuring: ${title}`,
  written: (file) => `wrote ${file}`,
};

export const benchWords = (locale: Locale): Words => ({ ko, en })[locale];
