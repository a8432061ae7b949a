/** `/import-model`: takes in a model's file from elsewhere, after checking all of it. */
import { UserError } from '../errors.ts';
import { decodeForeign, foreignRecord, label } from '../store/foreign.ts';
import { modelWords } from '../strings/models.ts';
import { defineCommand } from './command.ts';
import { freeModelName } from './model-name.ts';
import type { IncomingFile } from './option.ts';

export const importModel = defineCommand({
  name: 'import-model',
  koreanName: '모델가져오기',
  description: { ko: '모델 파일을 들여옵니다', en: 'Takes in the file of a model' },
  admin: true,
  private: true,
  options: {
    file: {
      type: 'files',
      rest: true,
      required: true,
      most: 1,
      content: 'model',
      koreanName: '파일',
      description: { ko: '모델 파일 (.safetensors)', en: 'File of a model (.safetensors)' },
    },
    name: {
      type: 'text',
      koreanName: '이름',
      description: {
        ko: '이곳에서의 이름. 없으면 파일의 이름',
        en: 'Its name here; the file’s if not given',
      },
      maxLength: 64,
    },
  },

  async run({ services, place, reply, locale }, { file: [file], name: wanted }) {
    const { models, publisher } = services;
    const name = freeModelName(await models.names(place), wanted, file!.name);
    await publisher.assertRoom(place, name);
    const bytes = await read(file!, publisher.quota.fileBytes);
    await models.tryOut(await decodeForeign(bytes, file!.name));
    await publisher.add(bytes, place, name, foreignRecord);
    await reply.finish({ blocks: [{ kind: 'note', text: modelWords(locale).imported(name) }] });
  },
});

async function read(file: IncomingFile, most: number): Promise<Uint8Array> {
  try {
    return await file.read(most);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'dataTooLarge') throw error;
    throw new UserError('modelTooLarge', { file: label(file.name), most }, { cause: error });
  }
}
