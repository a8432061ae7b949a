/** `/train`: makes a new model from a text, in a process of its own, and shows how it goes. */
import { UserError } from '../errors.ts';
import { type Ui, ui } from '../strings/ui.ts';
import type { TrainingEnd, TrainingView } from '../training/jobs.ts';
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
      const { services, place, reply, locale } = context;
      const words = ui(locale);
      const running = services.training.current;
      if (running) throw new UserError('trainingRunning', { model: running.view.name });
      const name = freeModelName(await services.models.names(place), wantedName, file!.name);
      const [bytes, baseFile] = await Promise.all([
        file!.read(maxTrainingBytes),
        findBase(services, place, base),
      ]);
      await services.publisher.assertRoom(place, name);
      const publishTo = services.models.library.folderOf(place);
      const order = { name, text: { name: file!.name, bytes }, base: baseFile, publishTo, epochs, seed };
      let progress: LiveMessage | undefined;
      const training = await services.training.start(order, (view) =>
        progress?.update(describe(view, words)),
      );
      const { characters = 0, newCharacters = 0 } = training.view;
      await reply.finish({
        blocks: [{ kind: 'note', text: words.trainingStarted(name) }],
        fields: [
          { label: words.trainingText, value: words.characters(characters) },
          ...(baseFile === null ? [] : [{ label: words.newCharacters, value: words.kinds(newCharacters) }]),
        ],
      });
      progress = await reply.post(describe(training.view, words));
      context.inBackground(tellEnd(progress, name, training.ended, context));
    },
  });

/** The checkpoint file to go on from; null starts from nothing. */
async function findBase(
  { models }: Services,
  place: Place,
  base: string | undefined,
): Promise<string | null> {
  if (base === NO_MODEL) return null;
  if (base !== undefined) return models.file(place, base);
  return (await models.names(place)).length === 0
    ? null
    : models.file(place, await models.defaultName(place));
}

function describe(view: TrainingView, words: Ui): Message {
  const fields: Field[] = [];
  const add = (label: string, value: string | undefined) => {
    if (value !== undefined) fields.push({ label, value });
  };
  add(words.epoch, `${view.epoch.toFixed(1)}/${view.epochs}`);
  add(words.loss, view.loss?.toFixed(3));
  add(words.lowestValLoss, view.valLoss?.toFixed(3));
  if (view.charsPerSecond) add(words.speed, words.charactersPerSecond(view.charsPerSecond));
  add(words.timeLeft, view.secondsLeft === undefined ? undefined : words.duration(view.secondsLeft));
  return {
    blocks: [
      { kind: 'note', text: words.training(view.name) },
      { kind: 'bar', fraction: view.fraction },
    ],
    fields,
    actions: [{ label: words.cancel, command: 'cancel', options: {}, danger: true }],
  };
}

async function tellEnd(
  progress: LiveMessage,
  name: string,
  ended: Promise<TrainingEnd>,
  { locale, explain }: CommandContext,
): Promise<void> {
  const words = ui(locale);
  const end = await ended;
  switch (end.kind) {
    case 'done': {
      const fields = [{ label: words.time, value: words.duration(end.seconds) }];
      if (end.valLoss !== null) fields.unshift({ label: words.lowestValLoss, value: end.valLoss.toFixed(3) });
      return progress.finish({ blocks: [{ kind: 'note', text: words.trainingDone(name) }], fields });
    }
    case 'cancelled':
      return progress.finish({ blocks: [{ kind: 'note', text: words.trainingCancelled(name) }] });
    case 'failed':
      return progress.fail(words.trainingFailed(name, explain(end.error)));
    default:
      return end satisfies never;
  }
}
