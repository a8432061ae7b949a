/** Carries out `/train`: the question, or what its answer asks for. */
import { UserError } from '../errors.ts';
import { trainingWords } from '../strings/training.ts';
import type { JobView } from '../training/jobs-api.ts';
import type { CommandContext } from './command.ts';
import { jobMessage } from './job-message.ts';
import { answerDraft, assertAllowed, type Draft, keepDraft } from './train-draft.ts';
import { prepareTraining, type TrainOptions, takenNames } from './train-prepare.ts';
import { questionMessage } from './train-question.ts';

/** What `start` says to begin without a question. */
const NOW = 'now';

export interface TrainAnswers {
  /** Ids of drafts. */
  readonly start: string | undefined;
  readonly drop: string | undefined;
}

export async function runTrain(
  context: CommandContext,
  { start, drop, ...options }: TrainOptions & TrainAnswers,
  maxBytes: number,
): Promise<void> {
  if (drop !== undefined) return dropDraft(context, drop);
  if (start !== undefined && start !== NOW) {
    // Ordered once; what goes wrong afterwards does not order it again.
    return show(context, await answerDraft(context, start, (draft) => order(context, draft)));
  }
  const { draft, ...found } = await prepareTraining(context, options, maxBytes);
  if (start === NOW) return show(context, await order(context, draft));
  const id = await keepDraft(context.services, draft);
  await context.reply.finish(questionMessage({ ...found, draft, id }, context.locale));
}

async function dropDraft(context: CommandContext, id: string): Promise<void> {
  await answerDraft(context, id, async () => {});
  const text = trainingWords(context.locale).dropped;
  await context.reply.finish({ blocks: [{ kind: 'note', text }] });
}

/** Says that a job was ordered, and begins the message that shows it. */
async function show({ services, reply }: CommandContext, job: JobView): Promise<void> {
  const text = trainingWords(job.locale).ordered(job.name, job.id);
  await reply.finish({ blocks: [{ kind: 'note', text }] });
  services.jobMessages.follow(job, await reply.post(jobMessage(job)));
}

async function order(context: CommandContext, draft: Draft): Promise<JobView> {
  const { services, place, user, locale, reply } = context;
  const { models, publisher, training, fineTuning } = services;
  const { name, textName, text, baseName, replays, settings, estimatedSeconds } = draft;
  assertAllowed(services, draft);
  // Something else may have got the name since the question; another training, while this one is taken.
  if ((await takenNames(context, name, baseName)).includes(name)) {
    throw new UserError('modelExists', { model: name });
  }
  await publisher.assertRoom(place, name);
  const base = baseName === null ? null : { name: baseName, file: await models.file(place, baseName) };
  return training.add({
    place,
    user,
    locale,
    name,
    text: { name: textName, bytes: Buffer.from(text) },
    base,
    replayFile: replays ? fineTuning.replayData : null,
    settings,
    estimatedSeconds,
    // Whatever happens to this process from now on, the next one shows the job here.
    message: reply.here,
  });
}
