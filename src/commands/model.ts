/** `/model`: renames, deletes, exports or shares a model of a place. */
import { UserError } from '../errors.ts';
import { readBytes } from '../store/files.ts';
import { isOwnersPlace } from '../store/places.ts';
import { modelWords } from '../strings/models.ts';
import type { JobState } from '../training/jobs-api.ts';
import { type CommandContext, defineCommand } from './command.ts';
import { assertModelName } from './model-name.ts';

/** Of jobs whose training is not over. */
const UNDER_WAY: readonly JobState[] = ['queued', 'running', 'paused'];

export const model = defineCommand({
  name: 'model',
  koreanName: '모델관리',
  description: {
    ko: '모델의 이름을 바꾸거나, 지우거나, 내려받거나, 모두에게 공개합니다',
    en: 'Renames, deletes or exports a model, or publishes it for all',
  },
  admin: true,
  private: true,
  options: {
    model: {
      type: 'model',
      rest: true,
      required: true,
      koreanName: '모델',
      description: { ko: '모델의 이름', en: 'Name of the model' },
    },
    action: {
      type: 'choice',
      required: true,
      koreanName: '할일',
      description: { ko: '무엇을 할지', en: 'What to do with it' },
      choices: [
        { value: 'rename', label: { ko: '이름 바꾸기', en: 'Rename' } },
        { value: 'delete', label: { ko: '지우기', en: 'Delete' } },
        { value: 'export', label: { ko: '파일로 내려받기', en: 'Export as a file' } },
        {
          value: 'share',
          label: { ko: '모두에게 공개 (봇의 주인)', en: 'Publish for all (owner of the bot)' },
        },
      ],
    },
    name: {
      type: 'text',
      koreanName: '이름',
      description: { ko: '새 이름 (이름 바꾸기, 공개)', en: 'New name (rename, publish)' },
      maxLength: 64,
    },
    confirm: {
      type: 'text',
      hidden: true,
      koreanName: '확인',
      description: { ko: '지우기로 한 판', en: 'The version that is to be deleted' },
      maxLength: 100,
    },
  },

  async run(context, { model: name, action, name: newName, confirm }) {
    switch (action) {
      case 'rename':
        return rename(context, name, newName);
      case 'delete':
        return remove(context, name, confirm);
      case 'export':
        return exportFile(context, name);
      case 'share':
        return share(context, name, newName);
      default:
        return action satisfies never;
    }
  },
});

async function rename(context: CommandContext, from: string, to: string | undefined): Promise<void> {
  const { services, place, reply, locale } = context;
  if (to === undefined) throw new UserError('newNameMissing', {});
  assertModelName(to);
  await assertNotTrained(context, from);
  const { file } = await services.models.library.find(place, from);
  await services.publisher.rename(place, from, to);
  await services.models.drop(file);
  await reply.finish({ blocks: [{ kind: 'note', text: modelWords(locale).renamed(from, to) }] });
}

/** Asks first, where that can be done by a button: what is confirmed is the version that was asked about. */
async function remove(context: CommandContext, name: string, confirmed: string | undefined): Promise<void> {
  const { services, place, reply, locale } = context;
  const words = modelWords(locale);
  await assertNotTrained(context, name);
  const { file, version } = await services.models.library.find(place, name);
  await services.publisher.assertRemovable(place, name);
  if (!reply.withoutActions && confirmed !== version) {
    const info = (await services.models.list(place)).find((one) => one.name === name);
    const options = { model: name, action: 'delete', confirm: version };
    await reply.finish({
      blocks: [{ kind: 'note', text: words.reallyDelete(name, info?.kept.length ?? 0) }],
      actions: [{ label: words.delete, command: 'model', options, danger: true }],
    });
    return;
  }
  await services.publisher.remove(place, name);
  await services.models.drop(file);
  await reply.finish({ blocks: [{ kind: 'note', text: words.deleted(name) }] });
}

async function exportFile({ services, place, reply, locale }: CommandContext, name: string): Promise<void> {
  const words = modelWords(locale);
  const bytes = await readBytes(await services.models.file(place, name));
  await reply.finish({
    blocks: [{ kind: 'note', text: words.exported(name, bytes.length) }],
    files: [{ name: `${name}.safetensors`, bytes, alt: words.file(name) }],
  });
}

async function share(
  { services, place, user, reply, locale }: CommandContext,
  name: string,
  as = name,
): Promise<void> {
  if (!isOwnersPlace(place) && !services.owners.has(user)) throw new UserError('notOwner', {});
  assertModelName(as);
  const version = await services.publisher.share(place, name, as, new Date().toISOString());
  await reply.finish({ blocks: [{ kind: 'note', text: modelWords(locale).shared(as, version) }] });
}

/** Throws a `UserError` while a training makes a model of that name, or goes on from it. */
async function assertNotTrained({ services, place }: CommandContext, name: string): Promise<void> {
  const isOwners = isOwnersPlace(place);
  const jobs = await services.training.list(isOwners ? undefined : place);
  for (const { state, place: at, ...job } of jobs) {
    if (!UNDER_WAY.includes(state) || (job.name !== name && job.baseName !== name)) continue;
    // What a place calls so may be its own.
    if (isOwners && !isOwnersPlace(at) && (await services.models.library.ownNames(at)).includes(name))
      continue;
    throw new UserError('modelInUse', { model: name, as: 'training' });
  }
}
