/**
 * `/train`: makes a new model from texts or from the messages of a channel. What was found is shown first; an admin's
 * answer starts the training or drops it. Buttons give the same command, with the answer as its option.
 */
import { type Command, defineCommand, type Limits } from './command.ts';

const MOST_FILES = 10;
const MOST_MESSAGES = 10_000;
const LONGEST_ID = 40;

export const train = ({ maxTrainingBytes }: Limits): Command =>
  defineCommand({
    name: 'train',
    koreanName: '학습',
    description: {
      ko: '글 파일이나 채널의 메시지로 새 모델을 학습시킵니다',
      en: 'Trains a new model on text files or on messages of the channel',
    },
    admin: true,
    options: {
      file: {
        type: 'files',
        rest: true,
        most: MOST_FILES,
        koreanName: '파일',
        description: {
          ko: '가사가 든 텍스트 파일 (.txt .md .lrc)',
          en: 'Text files of lyrics (.txt .md .lrc)',
        },
      },
      messages: {
        type: 'integer',
        koreanName: '메시지',
        description: {
          ko: '파일 대신, 이 채널의 마지막 메시지 몇 개를 읽을지',
          en: 'In place of files: how many of the last messages here are read',
        },
        min: 10,
        max: MOST_MESSAGES,
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
      replay: {
        type: 'number',
        koreanName: '되풀이',
        description: {
          ko: '바탕을 잊지 않도록 다시 읽을 바탕 글의 비율',
          en: 'Share of the base text that is read again, so that it is not forgotten',
        },
        min: 0,
        max: 0.9,
      },
      seed: {
        type: 'integer',
        koreanName: '시드',
        description: { ko: '같은 시드는 같은 모델을 냅니다', en: 'The same seed gives the same model' },
        min: 0,
        max: 2 ** 31 - 1,
      },
      start: {
        type: 'text',
        hidden: true,
        koreanName: '시작',
        description: {
          ko: '시작할 학습. now이면 묻지 않고 시작',
          en: 'The training to start; now asks nothing',
        },
        maxLength: LONGEST_ID,
      },
      drop: {
        type: 'text',
        hidden: true,
        koreanName: '그만',
        description: { ko: '하지 않을 학습', en: 'The training to drop' },
        maxLength: LONGEST_ID,
      },
    },

    async run(context, options) {
      // Loaded with the first order: lyrics do not need it.
      const { runTrain } = await import('./train-run.ts');
      await runTrain(context, options, maxTrainingBytes);
    },
  });
