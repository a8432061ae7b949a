/** Reads what a training is asked for on: its texts, the model that it goes on from, and what there is to say of them. */
import { existsSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { describeCheckpoint } from '../store/checkpoints.ts';
import { trainingWords } from '../strings/training.ts';
import type { IntakeSource } from '../training/intake-types.ts';
import { isOpen, type JobView, type Waiting } from '../training/jobs-api.ts';
import type { CommandContext, Services } from './command.ts';
import { freeModelName, NO_MODEL } from './model-name.ts';
import type { IncomingFile } from './option.ts';
import type { Draft } from './train-draft.ts';
import type { Question } from './train-question.ts';
import { speedEstimate } from './train-speed.ts';

export interface TrainOptions {
  readonly file: readonly IncomingFile[] | undefined;
  readonly messages: number | undefined;
  readonly name: string | undefined;
  readonly base: string | undefined;
  readonly epochs: number | undefined;
  readonly replay: number | undefined;
  readonly seed: number | undefined;
}

/** Texts, how people call them together, and where they are of a chat whose. */
interface Sources {
  readonly sources: readonly IntakeSource[];
  readonly name: string;
  readonly authors: readonly string[];
  readonly messages: Question['messages'];
}

/** Throws a `UserError` on what cannot be trained on, and where the model could not be kept. */
export async function prepareTraining(
  context: CommandContext,
  options: TrainOptions,
  maxBytes: number,
): Promise<Omit<Question, 'id'>> {
  const { services, place } = context;
  const [base, given] = await Promise.all([
    findBase(context, options.base),
    readSources(context, options, maxBytes),
  ]);
  const name = await chooseName(context, options.name, base?.name ?? null, given.name);
  await services.publisher.assertRoom(place, name);
  // Loaded here: the first lyric does not need them.
  const [{ intake }, { trainingBytes }, { FINE_TUNING, networkOf, resolveSettings }] = await Promise.all([
    import('../training/intake.ts'),
    import('../training/memory.ts'),
    import('../training/settings.ts'),
  ]);
  const { replayData, ...fineTuning } = services.fineTuning;
  const settings = resolveSettings({
    ...(base ? FINE_TUNING : {}),
    ...fineTuning,
    ...defined({ maxEpochs: options.epochs, seed: options.seed, replay: options.replay }),
  });
  const replays = base !== null && settings.replay > 0 && existsSync(replayData);
  const { text, summary } = await intake(given.sources, {
    maxBytes,
    settings,
    base,
    replays,
    speedOf: speedEstimate(await services.training.list()),
  });
  const draft: Draft = {
    kind: 'training',
    place,
    name,
    textName: given.name,
    text,
    baseName: base?.name ?? null,
    replays,
    settings,
    ...(summary.estimate ? { estimatedSeconds: summary.estimate.seconds } : {}),
    authors: [...given.authors],
  };
  const vocabularySize = (base?.vocabulary.size ?? 0) + (summary.newCharacters ?? [...new Set(text)]).length;
  const spec = base ? { ...base.spec, vocabularySize } : networkOf(settings, vocabularySize);
  return {
    draft,
    summary,
    memory: trainingBytes(spec, settings),
    messages: given.messages,
    waiting: waitingNow(await services.training.list(), services),
  };
}

/** The name of the model to be: the wanted one, else one after what is learnt. Throws a `UserError` on one that has gone. */
async function chooseName(
  context: CommandContext,
  wanted: string | undefined,
  baseName: string | null,
  given: string,
): Promise<string> {
  const { training } = context.services;
  const jobs = (await training.list(context.place)).filter(isOpen);
  const same = jobs.find(({ name }) => name === wanted);
  if (same) throw new UserError('jobNameTaken', { job: same.id, model: same.name });
  const models = await takenNames(context, wanted, baseName);
  return freeModelName([...models, ...jobs.map(({ name }) => name)], wanted, given);
}

/** Names of models that a new one cannot have, which is to be called `name` where anything is said. */
export async function takenNames(
  { services: { models }, place }: Pick<CommandContext, 'services' | 'place'>,
  name: string | undefined,
  baseName: string | null,
): Promise<string[]> {
  const [names, own] = await Promise.all([models.names(place), models.library.ownNames(place)]);
  // What goes on from a model of the place's own may become its next version.
  const isNext = name !== undefined && name === baseName && own.includes(name);
  return isNext ? names.filter((one) => one !== name) : names;
}

/** The model to go on from; null starts from nothing. */
async function findBase({ services: { models }, place }: CommandContext, wanted: string | undefined) {
  if (wanted === NO_MODEL || (wanted === undefined && (await models.names(place)).length === 0)) return null;
  const name = wanted ?? (await models.defaultName(place));
  const info = await describeCheckpoint(await models.file(place, name));
  if (info.fault) throw info.fault;
  return { name, spec: info.header.spec, vocabulary: info.header.vocabulary };
}

async function readSources(
  context: CommandContext,
  { file: files = [], messages: count }: TrainOptions,
  maxBytes: number,
): Promise<Sources> {
  const words = trainingWords(context.locale);
  const texts: IntakeSource[] = [];
  let room = maxBytes;
  for (const file of files) {
    const bytes = await file.read(room);
    room -= bytes.length;
    texts.push({ name: file.name, bytes });
  }
  const chat = count === undefined ? undefined : await readMessages(context, count);
  const [first] = files;
  if (!first && !chat) throw new UserError('trainNothing', {});
  const name = first ? words.textsName(first.name, texts.length - 1) : words.messagesName(chat!.texts.length);
  return {
    sources: chat ? [...texts, { name: words.messagesName(chat.texts.length), messages: chat.texts }] : texts,
    name,
    authors: chat?.authors ?? [],
    messages: chat && { read: chat.read, used: chat.texts.length, refused: chat.refused },
  };
}

/** Of people who have not refused. */
async function readMessages({ services, place, readHistory, signal }: CommandContext, count: number) {
  const { lines, read } = await readHistory(count, signal);
  const allowed = lines.filter(({ author }) => services.privacy.allows(place.platform, author));
  const refused = lines.length - allowed.length;
  if (allowed.length === 0) throw new UserError('historyEmpty', { read, refused });
  return {
    texts: allowed.map(({ text }) => text),
    authors: [...new Set(allowed.map(({ author }) => author))],
    read,
    refused,
  };
}

/** What a job that is ordered now waits for. */
function waitingNow(jobs: readonly JobView[], { training }: Services): Waiting {
  const before = jobs.filter(({ state }) => state === 'queued' || state === 'running');
  const last = before.find(({ state }) => state === 'queued') ?? training.current;
  if (before.length === 0 || !last) return { ahead: 0, seconds: 0 };
  const own = last.state === 'running' ? last.progress.secondsLeft : undefined;
  return { ahead: before.length, seconds: own };
}

const defined = (values: Readonly<Record<string, number | undefined>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
