/** What people read besides errors, in both languages. Commands and platforms take all their words from here. */
import type { Locale } from './index.ts';

/** 12345 -> 12,345, as both languages have it. `toLocaleString` takes 35 ms to load. */
const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

const ko = {
  // lyrics
  again: '다시',
  goOn: '이어서',
  cooler: '더 차분하게',
  warmer: '더 자유롭게',
  model: '모델',
  temperature: '온도',
  seed: '시드',
  length: '길이',
  time: '시간',
  seconds: (seconds: number) => `${seconds.toFixed(seconds < 10 ? 2 : 0)}초`,
  characters: (count: number) => `${grouped(count)}자`,
  unseen: (characters: readonly string[]) =>
    `이 모델이 배운 적 없는 글자가 있습니다: ${characters.join(' ')}. 한글은 자음과 모음이 비슷한 음절들로 미루어 읽고 이어 썼습니다.`,
  cancelled: '멈추었습니다. 여기까지 쓴 가사입니다.',
  // models
  noModels: '아직 모델이 없습니다. /학습 파일.txt 로 하나를 만들 수 있습니다.',
  isDefault: '기본',
  network: (cell: string, layers: number, size: number, vocabulary: number) =>
    `${cell.toUpperCase()} ${layers} x ${size}, 글자 ${grouped(vocabulary)}가지`,
  trainedOn: (data: string, epochs: string, parent: string | null) =>
    `학습 자료 ${data}, ${epochs}회 반복${parent === null ? '' : `, ${parent}에서 이어 학습`}`,
  valLoss: (loss: string) => `검증 손실 ${loss} (글자당 nat)`,
  damaged: '쓸 수 없음',
  // training
  training: (name: string) => `${name} 모델을 학습하고 있습니다.`,
  trainingStarted: (name: string) => `${name} 모델의 학습을 시작했습니다. 그동안에도 가사를 쓸 수 있습니다.`,
  trainingDone: (name: string) =>
    `${name} 모델의 학습이 끝났습니다. /발라드 model:${name} 로 쓸 수 있습니다.`,
  trainingCancelled: (name: string) => `${name} 모델의 학습을 취소했습니다.`,
  trainingFailed: (name: string, reason: string) => `${name} 모델의 학습이 실패했습니다. ${reason}`,
  trainingText: '학습할 글',
  newCharacters: '새 글자',
  kinds: (count: number) => `${grouped(count)}가지`,
  epoch: '반복',
  loss: '손실',
  lowestValLoss: '검증 손실',
  speed: '속도',
  charactersPerSecond: (speed: number) => `초당 ${grouped(Math.round(speed))}자`,
  timeLeft: '남은 시간',
  duration: (seconds: number) => {
    const minutes = Math.round(seconds / 60);
    if (seconds < 90) return `${Math.round(seconds)}초`;
    return minutes < 90 ? `${minutes}분` : `${Math.floor(minutes / 60)}시간 ${minutes % 60}분`;
  },
  cancel: '취소',
  // status
  uptime: '켜져 있는 시간',
  memory: '메모리',
  megabytes: (bytes: number) => `${grouped(Math.round(bytes / 1e6))}MB`,
  loadedModels: '메모리에 있는 모델',
  engine: '엔진',
  lyrics: '쓰고 있는 가사',
  runningAndWaiting: (running: number, waiting: number) => `${running}개 (기다림 ${waiting}개)`,
  trainingNow: '학습',
  none: '없음',
  // settings
  settingsHere: '이곳의 설정입니다.',
  botDefault: '봇의 기본 모델',
  language: '언어',
  languages: { ko: '한국어', en: '영어' },
  eachOwn: '사람마다 자기 언어',
  // privacy
  messagesAllowed: '관리자가 채널의 글로 모델을 학습시킬 때 내 메시지도 쓸 수 있습니다.',
  messagesRefused: '내 메시지는 학습에 쓰지 않습니다.',
  privacyScope: '이 플랫폼의 모든 서버에서, 앞으로 시작하는 학습에 적용됩니다.',
  refuseMessages: '쓰지 말 것',
  allowMessages: '써도 됨',
  // help
  usage: '쓰는 법: /발라드 첫 구절 온도:0.9 길이:200 (영어 이름도 됩니다: /ballad temperature:0.9)',
  byDefault: (value: number | string) => `기본값 ${value}`,
  admins: '관리자',
  // registration
  commandsRegistered: (count: number, guild: string | undefined, changed: boolean) =>
    `${guild === undefined ? '모든 서버' : `서버 ${guild}`}에 명령 ${count}개가 등록되어 있습니다${changed ? '' : ' (바뀐 것 없음)'}.`,
  // platforms
  internalError: (id: string) =>
    `문제가 생겼습니다. 기록 번호 ${id}. 다시 해 보고, 계속되면 관리자에게 알려 주십시오.`,
  greeting: '첫 구절을 쓰면 가사를 이어 씁니다. /도움말에 명령이 있고, Ctrl-D로 나갑니다.',
  answerLate: '답이 15분보다 오래 걸려 명령을 내린 곳에 쓸 수 없어서 여기로 보냅니다.',
  movedHere: '봇이 그 채널에 이제 글을 쓸 수 없어서 여기에 이어서 알립니다.',
  changesForAWhile:
    '봇이 이 채널에 글을 쓸 수 없어 이 글은 15분 동안만 바뀌고, 그 뒤에는 개인 메시지로 이어집니다. 여기서 계속 보려면 봇에 메시지 보내기와 링크 첨부 권한을 주십시오.',
  pressAgain: '나가려면 Ctrl-C를 한 번 더 누르십시오.',
  waitingForTraining: (name: string) =>
    `${name} 모델의 학습이 끝나기를 기다립니다. Ctrl-C를 누르면 저장하고 나갑니다.`,
  savingTraining: (name: string) => `${name} 모델의 학습을 저장하고 나갑니다.`,
  start: '시작',
  close: '닫기',
};

export type Ui = typeof ko;

const en: Ui = {
  again: 'Again',
  goOn: 'Continue',
  cooler: 'Cooler',
  warmer: 'Warmer',
  model: 'model',
  temperature: 'temperature',
  seed: 'seed',
  length: 'length',
  time: 'time',
  seconds: (seconds) => `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`,
  characters: (count) => `${grouped(count)} characters`,
  unseen: (characters) =>
    `This model has never learnt these characters: ${characters.join(' ')}. Hangul among them was read like syllables of the same letters.`,
  cancelled: 'Stopped. This is the lyric so far.',
  noModels: 'There is no model yet. /train FILE.txt makes one.',
  isDefault: 'default',
  network: (cell, layers, size, vocabulary) =>
    `${cell.toUpperCase()} ${layers} x ${size}, ${grouped(vocabulary)} different characters`,
  trainedOn: (data, epochs, parent) =>
    `trained on ${data}, ${epochs} epochs${parent === null ? '' : `, going on from ${parent}`}`,
  valLoss: (loss) => `validation loss ${loss} nats per character`,
  damaged: 'cannot be used',
  training: (name) => `Training ${name}.`,
  trainingStarted: (name) => `Training of ${name} has started. Lyrics go on meanwhile.`,
  trainingDone: (name) => `Training of ${name} is done. Use it with /ballad model:${name}`,
  trainingCancelled: (name) => `The training of ${name} was cancelled.`,
  trainingFailed: (name, reason) => `Training of ${name} failed: ${reason}`,
  trainingText: 'text',
  newCharacters: 'new characters',
  kinds: (count) => grouped(count),
  epoch: 'epoch',
  loss: 'loss',
  lowestValLoss: 'validation loss',
  speed: 'speed',
  charactersPerSecond: (speed) => `${grouped(Math.round(speed))} characters/s`,
  timeLeft: 'time left',
  duration: (seconds) => {
    const minutes = Math.round(seconds / 60);
    if (seconds < 90) return `${Math.round(seconds)} s`;
    return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  },
  cancel: 'Cancel',
  uptime: 'up for',
  memory: 'memory',
  megabytes: (bytes) => `${grouped(Math.round(bytes / 1e6))} MB`,
  loadedModels: 'models in memory',
  engine: 'engine',
  lyrics: 'lyrics being written',
  runningAndWaiting: (running, waiting) => `${running} (${waiting} waiting)`,
  trainingNow: 'training',
  none: 'none',
  settingsHere: 'What is used here.',
  botDefault: "the bot's default",
  language: 'language',
  languages: { ko: 'Korean', en: 'English' },
  eachOwn: "each person's own",
  messagesAllowed: 'When an admin trains a model on the messages of a channel, yours may be among them.',
  messagesRefused: 'Your messages are not used for training.',
  privacyScope: 'This holds in every server of this platform, for trainings that start from now on.',
  refuseMessages: 'Refuse',
  allowMessages: 'Allow',
  usage: 'Usage: /ballad PRIME TEXT temperature:0.9 length:200 (Korean names work too: /발라드 온도:0.9)',
  byDefault: (value) => `default ${value}`,
  admins: 'admins',
  commandsRegistered: (count, guild, changed) =>
    `${count} commands are registered ${guild === undefined ? 'everywhere' : `in the server ${guild}`}${changed ? '' : ' (nothing has changed)'}.`,
  internalError: (id) => `Something went wrong. Log id ${id}. Try again; if it stays, tell an admin.`,
  greeting: 'Write a first line and the lyric goes on from it. /help lists the commands, Ctrl-D leaves.',
  answerLate: 'This took longer than the 15 minutes for which the place of the command takes answers.',
  movedHere: 'The bot may not write in that channel any more, so this goes on here.',
  changesForAWhile:
    'The bot may not post in this channel: this message changes for 15 minutes, then it goes on in a direct message. To see all of it here, give the bot the permissions Send Messages and Embed Links.',
  pressAgain: 'Press Ctrl-C once more to leave.',
  waitingForTraining: (name) => `Waiting for the training of ${name} to end. Ctrl-C saves it and leaves.`,
  savingTraining: (name) => `Saving the training of ${name} and leaving.`,
  start: 'Start',
  close: 'Close',
};

const languages: Readonly<Record<Locale, Ui>> = { ko, en };

export const ui = (locale: Locale): Ui => languages[locale];
