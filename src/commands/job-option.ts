/** Which training a command means: the one that is named, or the only one that it can mean. */
import type { JobState, JobView } from '../training/jobs-api.ts';
import type { CommandContext } from './command.ts';

export const jobOption = {
  type: 'integer',
  rest: true,
  koreanName: '번호',
  description: {
    ko: '학습의 번호. 없으면 지금 하는 것',
    en: 'Number of the training; the one that runs if not given',
  },
  min: 1,
  max: 2 ** 31 - 1,
} as const;

/** Throws a `UserError` where this place has no such training, or several that can be meant. */
export async function jobMeant(
  { services, place }: CommandContext,
  job: number | undefined,
  states: readonly JobState[],
): Promise<JobView> {
  const { training } = services;
  return job === undefined ? training.find(place, states) : training.get(place, job);
}
