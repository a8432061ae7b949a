/** `/models`: the models that a place can use, and where each came from. */
import { label } from '../store/foreign.ts';
import type { ModelInfo } from '../store/library.ts';
import { isOwnersPlace } from '../store/places.ts';
import type { Locale } from '../strings/index.ts';
import { type ModelWords, modelWords } from '../strings/models.ts';
import { ui } from '../strings/ui.ts';
import { type CommandContext, defineCommand } from './command.ts';
import type { Block, ListItem } from './message.ts';

export const models = defineCommand({
  name: 'models',
  koreanName: '모델',
  description: { ko: '쓸 수 있는 모델을 보여 줍니다', en: 'Lists the models' },
  admin: false,
  private: true,
  options: {},

  async run(context) {
    const { services, place, reply, locale } = context;
    const [list, loaded] = await Promise.all([services.models.list(place), services.models.loaded(place)]);
    const inMemory = new Set(loaded.map(({ file }) => file));
    await reply.finish({
      blocks: [
        list.length === 0
          ? { kind: 'text', text: ui(locale).noModels }
          : { kind: 'list', items: list.map((info) => describe(info, inMemory.has(info.file), context)) },
        ...(await roomLeft(context)),
      ],
    });
  },
});

function describe(info: ModelInfo, isInMemory: boolean, { place, locale }: CommandContext): ListItem {
  const words = modelWords(locale);
  const marks = [
    ...(info.scope === 'all' && !isOwnersPlace(place) ? [words.ofAll] : []),
    ...(isInMemory ? [words.inMemory] : []),
  ];
  const title = info.isDefault ? `${info.name} (${ui(locale).isDefault})` : info.name;
  const details = info.fault
    ? [
        `${ui(locale).damaged}: ${(isOwnersPlace(place) ? info.fault : info.fault.withoutFolders()).chatText(locale)}`,
      ]
    : [...lineage(info, locale), [...standing(info, words), ...marks].join(' · ')];
  if (info.kept.length > 0) details.push(words.kept(info.kept));
  return { title, details };
}

type Whole = Extract<ModelInfo, { readonly fault?: undefined }>;

/** What it is and what it learnt from. */
function lineage({ header: { spec, training } }: Whole, locale: Locale): string[] {
  const words = ui(locale);
  const { data, epochs, parent, val_loss: valLoss, losses } = training;
  const lines = [
    words.network(spec.cell, spec.numLayers, spec.rnnSize, spec.vocabularySize),
    words.trainedOn(label(data), String(Number(epochs.toFixed(1))), parent === null ? null : label(parent)),
  ];
  if (valLoss !== null) lines.push(words.valLoss(valLoss.toFixed(3)));
  if (losses) {
    const { new_text: newText, base_text: baseText } = losses;
    lines.push(modelWords(locale).losses(newText, baseText));
  }
  return lines;
}

/** Which version of it stands there. */
const standing = ({ header: { training }, fileBytes }: Whole, words: ModelWords): string[] => [
  ...(training.version === undefined ? [] : [words.version(training.version)]),
  ...(training.date === undefined ? [] : [training.date.slice(0, 10)]),
  words.size(fileBytes),
];

async function roomLeft({ services, place, locale }: CommandContext): Promise<Block[]> {
  if (isOwnersPlace(place)) return [];
  const used = await services.publisher.usage(place);
  if (used.models === 0) return [];
  return [{ kind: 'note', text: modelWords(locale).room(used, services.publisher.quota) }];
}
