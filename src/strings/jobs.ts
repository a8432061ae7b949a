/** What people read of cancelling, pausing and resuming a training. */
import type { Locale } from './index.ts';

const ko = {
  cancelled: (job: number, name: string) => `${job}번 학습(${name})을 취소했습니다.`,
  paused: (job: number, name: string) =>
    `${job}번 학습(${name})을 멈추었습니다. /재개 job:${job} 로 이어서 합니다.`,
  resumed: (job: number, name: string) => `${job}번 학습(${name})을 이어서 합니다.`,
  waits: (job: number, name: string, ahead: number) =>
    `${job}번 학습(${name})이 다시 차례를 기다립니다. 앞에 ${ahead}개가 있습니다.`,
};

const en: typeof ko = {
  cancelled: (job, name) => `Cancelled training ${job} (${name}).`,
  paused: (job, name) => `Paused training ${job} (${name}). /resume job:${job} goes on with it.`,
  resumed: (job, name) => `Training ${job} (${name}) goes on.`,
  waits: (job, name, ahead) => `Training ${job} (${name}) waits for its turn again, behind ${ahead}.`,
};

export const jobWords = (locale: Locale) => (locale === 'ko' ? ko : en);
