/** What people read of models: lists, versions, and what is done with them. */
import type { Locale } from './index.ts';

interface Change {
  readonly before: number | null;
  readonly after: number | null;
}

interface Amount {
  readonly models: number;
  readonly bytes: number;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 99e6 ? 1 : 0)}MB`;
const loss = (value: number | null): string => value?.toFixed(3) ?? '-';
const change = ({ before, after }: Change): string => `${loss(before)} → ${loss(after)}`;

const ko = {
  ofAll: '모두의 모델',
  inMemory: '메모리에 있음',
  version: (number: number) => `${number}판`,
  size: megabytes,
  losses: (newText: Change, baseText: Change | null) =>
    `손실: 새 글 ${change(newText)}${baseText === null ? '' : `, 바탕 글 ${change(baseText)}`}`,
  kept: (numbers: readonly number[]) => `되돌릴 수 있는 판: ${numbers.join(', ')}`,
  room: (used: Amount, quota: Amount) =>
    `이곳의 모델: ${quota.models}개 가운데 ${used.models}개, ${megabytes(quota.bytes)} 가운데 ${megabytes(used.bytes)} (이전 판 포함)`,
  rolledBack: (name: string, version: number) =>
    `${name} 모델을 ${version}판으로 되돌렸습니다. 쓰고 있던 가사는 그대로 끝납니다.`,
  defaultBack: (name: string, from: string) =>
    `${from} 모델은 첫 판이라, 이곳의 기본 모델을 그 바탕인 ${name}(으)로 되돌렸습니다. ${from} 모델은 남아 있습니다.`,
  renamed: (from: string, to: string) => `${from} 모델의 이름을 ${to}(으)로 바꾸었습니다.`,
  reallyDelete: (name: string, versions: number) =>
    `${name} 모델을 ${versions > 0 ? `이전 판 ${versions}개와 함께 ` : ''}지울까요? 되살릴 수 없습니다. /모델관리로 먼저 내려받아 둘 수 있습니다.`,
  delete: '지우기',
  deleted: (name: string) => `${name} 모델을 지웠습니다.`,
  exported: (name: string, bytes: number) =>
    `${name} 모델입니다 (${megabytes(bytes)}). /모델가져오기로 다시 들여올 수 있습니다.`,
  file: (name: string) => `${name} 모델 파일`,
  shared: (name: string, version: number) =>
    `${name} 모델을 모두에게 공개했습니다 (${version}판). 이곳의 모델은 그대로 남아 있습니다.`,
  imported: (name: string) => `${name} 모델을 들여왔습니다. /발라드 model:${name} 로 쓸 수 있습니다.`,
};

export type ModelWords = typeof ko;

const en: ModelWords = {
  ofAll: 'of all',
  inMemory: 'in memory',
  version: (number) => `version ${number}`,
  size: megabytes,
  losses: (newText, baseText) =>
    `loss: new text ${change(newText)}${baseText === null ? '' : `, base text ${change(baseText)}`}`,
  kept: (numbers) => `can go back to version ${numbers.join(', ')}`,
  room: (used, quota) =>
    `Models of this place: ${used.models} of ${quota.models}, ${megabytes(used.bytes)} of ${megabytes(quota.bytes)} (earlier versions included)`,
  rolledBack: (name, version) =>
    `${name} is back at version ${version}. Lyrics that were being written end as they began.`,
  defaultBack: (name, from) =>
    `${from} is the first of its name, so the default here is ${name} again, which it was trained from. ${from} is still there.`,
  renamed: (from, to) => `${from} is called ${to} now.`,
  reallyDelete: (name, versions) =>
    `Delete ${name}${versions > 0 ? ` with ${versions} earlier versions` : ''}? This cannot be undone. /model can export it first.`,
  delete: 'Delete',
  deleted: (name) => `Deleted ${name}.`,
  exported: (name, bytes) => `The model ${name} (${megabytes(bytes)}). /import-model takes it back in.`,
  file: (name) => `file of the model ${name}`,
  shared: (name, version) =>
    `${name} now belongs to all (version ${version}). The model of this place stays as it is.`,
  imported: (name) => `${name} is there. Use it with /ballad model:${name}`,
};

const languages: Readonly<Record<Locale, ModelWords>> = { ko, en };

export const modelWords = (locale: Locale): ModelWords => languages[locale];
