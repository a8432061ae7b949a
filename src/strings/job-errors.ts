/** What a `UserError` about training jobs says, Korean and English. */
import { type JobState, jobStateNames } from './job-states.ts';

export const jobErrors = {
  jobUnknown: {
    ko: (f: { job: number; jobs: readonly number[] }) =>
      `여기에는 ${f.job}번 학습이 없습니다. ${f.jobs.length > 0 ? `있는 학습: ${f.jobs.join(', ')}` : '/학습으로 시작할 수 있습니다.'}`,
    en: (f: { job: number; jobs: readonly number[] }) =>
      `there is no training ${f.job} here; ${f.jobs.length > 0 ? `there are: ${f.jobs.join(', ')}` : '/train starts one'}`,
  },
  jobNone: {
    ko: (_: Record<never, never>) => '여기에는 그럴 수 있는 학습이 없습니다. /학습으로 시작할 수 있습니다.',
    en: (_: Record<never, never>) => 'there is no such training here; /train starts one',
  },
  jobWhich: {
    ko: (f: { jobs: readonly number[] }) =>
      `학습이 여럿입니다. job 옵션으로 하나를 고르십시오: ${f.jobs.join(', ')}`,
    en: (f: { jobs: readonly number[] }) =>
      `there are several trainings; choose one with the option job: ${f.jobs.join(', ')}`,
  },
  jobState: {
    ko: (f: { job: number; state: JobState }) =>
      `${f.job}번 학습은 지금 '${jobStateNames.ko[f.state]}' 상태여서 그렇게 할 수 없습니다.`,
    en: (f: { job: number; state: JobState }) =>
      `training ${f.job} is ${jobStateNames.en[f.state]}, so this cannot be done to it`,
  },
  jobDecided: {
    ko: (f: { job: number }) => `${f.job}번 학습의 결과는 이미 정해졌습니다.`,
    en: (f: { job: number }) => `what becomes of training ${f.job} is decided already`,
  },
  jobVerdict: {
    ko: (f: { job: number }) =>
      `${f.job}번 학습은 더 나아지지 않아 기본 모델로 할 수 없습니다. 따로 두거나 버리십시오.`,
    en: (f: { job: number }) =>
      `training ${f.job} did not get better, so it cannot become the default; keep it beside the others or discard it`,
  },
  jobsTooMany: {
    ko: (f: { most: number }) =>
      `여기서 한꺼번에 둘 수 있는 학습은 ${f.most}개입니다. 하나가 끝나기를 기다리거나, /취소로 멈추거나, 끝난 것의 결과를 정하십시오.`,
    en: (f: { most: number }) =>
      `no more than ${f.most} trainings may wait here; wait for one to end, stop one with /cancel, or decide on one that is done`,
  },
  jobNameTaken: {
    ko: (f: { job: number; model: string }) =>
      `${f.model} 모델을 만드는 학습이 이미 있습니다(${f.job}번). 그 결과를 정하거나 /취소한 뒤에 다시 하거나, 다른 이름으로 하십시오.`,
    en: (f: { job: number; model: string }) =>
      `training ${f.job} makes a model called ${f.model} already; try again when it is decided on or cancelled, or choose another name`,
  },
  jobsElsewhere: {
    ko: (f: { folder: string }) =>
      `다른 프로세스의 봇이 ${f.folder} 폴더의 학습을 맡고 있습니다. 그것을 끝내거나 VAR_DIR을 다르게 하십시오.`,
    en: (f: { folder: string }) =>
      `another process of the bot has the trainings of ${f.folder}; end it, or set another VAR_DIR`,
  },
  jobStuck: {
    ko: (f: { starts: number }) =>
      `학습을 ${f.starts}번 시작했지만 매번 진척 없이 프로그램이 끝났습니다. 메모리가 모자라지 않은지 보고 /재개로 다시 하십시오.`,
    en: (f: { starts: number }) =>
      `the bot ended ${f.starts} times before this training had learnt anything; see whether memory is short, then /resume`,
  },
  jobLocked: {
    ko: (f: { folder: string }) => `다른 프로세스가 ${f.folder}에서 학습하고 있습니다. 그것을 끝내십시오.`,
    en: (f: { folder: string }) => `another process trains in ${f.folder}; end it`,
  },
  databaseMissing: {
    ko: (f: { node: string }) =>
      `SQLite를 쓸 수 없어 학습 작업을 기록하지 못합니다(Node ${f.node}). npm ci --include=optional로 다시 설치하거나 Node 24 이상을 쓰십시오.`,
    en: (f: { node: string }) =>
      `there is no SQLite to keep training jobs in (Node ${f.node}); install again with npm ci --include=optional, or use Node 24 or later`,
  },
  databaseDamaged: {
    ko: (f: { file: string }) =>
      `${f.file}: 데이터베이스가 손상되었습니다. 옮겨 두면 새로 만들어집니다(학습 목록은 사라집니다).`,
    en: (f: { file: string }) =>
      `${f.file}: the database is damaged; move it away and a new one is made (the list of trainings is lost)`,
  },
  databaseNewer: {
    ko: (f: { file: string }) =>
      `${f.file}: 더 새로운 버전이 만든 데이터베이스입니다. 봇을 새 버전으로 올리십시오.`,
    en: (f: { file: string }) => `${f.file}: the database is of a newer version; update the bot`,
  },
};
