/** `/train`: makes a new model from a text, in a process of its own, and shows how it goes. */
import { type Ui, ui } from '../strings/ui.ts';
import type { JobView } from '../training/jobs-api.ts';
import { FINE_TUNING, resolveSettings } from '../training/settings.ts';
import {
  type Command,
  type CommandContext,
  defineCommand,
  type Limits,
  type Place,
  type Services,
} from './command.ts';
import type { Field, LiveMessage, Message } from './message.ts';
import { freeModelName, NO_MODEL } from './model-name.ts';

export const train = ({ maxTrainingBytes }: Limits): Command =>
  defineCommand({
    name: 'train',
    koreanName: '학습',
    description: { ko: '글 파일로 새 모델을 학습시킵니다', en: 'Trains a new model on a text file' },
    admin: true,
    options: {
      file: {
        type: 'files',
        rest: true,
        required: true,
        most: 1,
        koreanName: '파일',
        description: { ko: '가사가 든 텍스트 파일', en: 'A text file of lyrics' },
      },
      name: {
        type: 'text',
        koreanName: '이름',
        description: { ko: '새 모델의 이름', en: 'Name of the new model' },
        maxLength: 64,
      },
      base: {
        type: 'model',
        koreanName: '바탕',
        description: {
          ko: '이어서 학습할 모델. 없으면 기본 모델, none이면 처음부터',
          en: 'Model to go on from; the default model if not given, none starts from nothing',
        },
      },
      epochs: {
        type: 'integer',
        koreanName: '반복',
        description: { ko: '글 전체를 몇 번 읽을지', en: 'How often the text is read' },
        min: 1,
        max: 1000,
      },
      seed: {
        type: 'integer',
        koreanName: '시드',
        description: { ko: '같은 시드는 같은 모델을 냅니다', en: 'The same seed gives the same model' },
        min: 0,
        max: 2 ** 31 - 1,
      },
    },

    async run(context, { file: [file], name: wantedName, base, epochs, seed }) {
      const { services, place, user, reply, locale } = context;
      const words = ui(locale);
      const name = freeModelName(await services.models.names(place), wantedName, file!.name);
      const [bytes, from] = await Promise.all([
        file!.read(maxTrainingBytes),
        findBase(services, place, base),
      ]);
      await services.publisher.assertRoom(place, name);
      const settings = resolveSettings({
        ...(from === null ? {} : FINE_TUNING),
        ...(epochs === undefined ? {} : { maxEpochs: epochs }),
        ...(seed === undefined ? {} : { seed }),
      });
      const text = { name: file!.name, bytes };
      const order = { place, user, locale, name, text, base: from, replayFile: null, settings };
      const job = await services.training.add(order);
      await reply.finish({ blocks: [{ kind: 'note', text: words.trainingStarted(name) }] });
      const progress = await reply.post(describe(job, words));
      follow(job.id, progress, context);
    },
  });

/** The model to go on from; null starts from nothing. */
async function findBase({ models }: Services, place: Place, base: string | undefined) {
  if (base === NO_MODEL || (base === undefined && (await models.names(place)).length === 0)) return null;
  const name = base ?? (await models.defaultName(place));
  return { name, file: await models.file(place, name) };
}

function describe({ id, name, progress }: JobView, words: Ui): Message {
  const fields: Field[] = [];
  const add = (label: string, value: string | undefined) => {
    if (value !== undefined) fields.push({ label, value });
  };
  add(words.epoch, `${progress.epoch.toFixed(1)}/${progress.epochs}`);
  add(words.loss, progress.loss?.toFixed(3));
  add(words.lowestValLoss, progress.valLoss?.toFixed(3));
  if (progress.charsPerSecond) add(words.speed, words.charactersPerSecond(progress.charsPerSecond));
  add(words.timeLeft, progress.secondsLeft === undefined ? undefined : words.duration(progress.secondsLeft));
  return {
    blocks: [
      { kind: 'note', text: words.training(name) },
      { kind: 'bar', fraction: progress.fraction },
    ],
    fields,
    actions: [{ label: words.cancel, command: 'cancel', options: { job: id }, danger: true }],
  };
}

/** Shows how a job goes in its message, until it has ended. */
function follow(id: number, message: LiveMessage, context: CommandContext): void {
  const words = ui(context.locale);
  const { training } = context.services;
  let ended = false;
  const show = (job: JobView) => {
    if (ended) return;
    ended = !['queued', 'running', 'paused'].includes(job.state);
    if (!ended) return message.update(describe(job, words));
    unwatch();
    context.inBackground(tellEnd(job, message, context));
  };
  const unwatch = training.watch(id, show);
  // It may have ended before it was watched.
  context.inBackground(training.get(context.place, id).then(show));
}

async function tellEnd(job: JobView, message: LiveMessage, context: CommandContext): Promise<void> {
  const { services, place, locale, explain } = context;
  const words = ui(locale);
  const { id, name, state, outcome, progress } = job;
  if (state === 'done' && outcome) {
    await services.training.settle(place, id, 'keep');
    const fields = [{ label: words.time, value: words.duration(outcome.seconds) }];
    if (progress.valLoss != null) {
      fields.unshift({ label: words.lowestValLoss, value: progress.valLoss.toFixed(3) });
    }
    await message.finish({ blocks: [{ kind: 'note', text: words.trainingDone(name) }], fields });
  } else if (state === 'failed') {
    await message.fail(words.trainingFailed(name, explain(job.reason)));
  } else {
    await message.finish({ blocks: [{ kind: 'note', text: words.trainingCancelled(name) }] });
  }
}
