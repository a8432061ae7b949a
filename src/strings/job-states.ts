/** What the states of a training job are called. */
const ko = {
  queued: '대기',
  running: '진행',
  paused: '일시 정지',
  done: '완료',
  failed: '실패',
  cancelled: '취소',
};

export type JobState = keyof typeof ko;

export const jobStateNames = {
  ko,
  en: {
    queued: 'waiting',
    running: 'running',
    paused: 'paused',
    done: 'done',
    failed: 'failed',
    cancelled: 'cancelled',
  } satisfies Record<JobState, string>,
};
