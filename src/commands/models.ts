/** `/models`: the checkpoints that can be used, and where they came from. */
import type { ModelInfo } from '../store/library.ts';
import type { Locale } from '../strings/index.ts';
import { ui } from '../strings/ui.ts';
import { defineCommand } from './command.ts';
import type { ListItem } from './message.ts';

export const models = defineCommand({
  name: 'models',
  koreanName: '모델',
  description: { ko: '쓸 수 있는 모델을 보여 줍니다', en: 'Lists the models' },
  admin: false,
  private: true,
  options: {},

  async run({ services, place, reply, locale }) {
    const list = await services.models.list(place);
    await reply.finish({
      blocks: [
        list.length === 0
          ? { kind: 'text', text: ui(locale).noModels }
          : { kind: 'list', items: list.map((info) => describe(info, locale)) },
      ],
    });
  },
});

function describe(info: ModelInfo, locale: Locale): ListItem {
  const words = ui(locale);
  const title = info.isDefault ? `${info.name} (${words.isDefault})` : info.name;
  if (info.fault) return { title, details: [`${words.damaged}: ${info.fault.text(locale)}`] };
  const { spec, training } = info.header;
  const details = [
    words.network(spec.cell, spec.numLayers, spec.rnnSize, spec.vocabularySize),
    words.trainedOn(training.data, String(Number(training.epochs.toFixed(1))), training.parent),
  ];
  if (training.val_loss !== null) details.push(words.valLoss(training.val_loss.toFixed(3)));
  return { title, details };
}
