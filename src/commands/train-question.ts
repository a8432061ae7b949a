/** The question before a training: what was found in the text, what it will take, and whether to start. */
import type { Locale } from '../strings/index.ts';
import { trainingWords } from '../strings/training.ts';
import { ui } from '../strings/ui.ts';
import type { IntakeSummary } from '../training/intake-types.ts';
import type { Waiting } from '../training/jobs-api.ts';
import { memoryMegabytes } from './job-message.ts';
import type { Action, Block, Field, Message } from './message.ts';
import type { Draft } from './train-draft.ts';

/** New characters that are shown. */
const MOST_SHOWN = 20;

export interface Question {
  readonly draft: Draft;
  /** Of the draft, as it is kept. */
  readonly id: string;
  readonly summary: IntakeSummary;
  /** Bytes that the training will hold at the least. */
  readonly memory: number;
  /** Where messages of a chat were read: how many, and how many of people who refused. */
  readonly messages: { readonly read: number; readonly used: number; readonly refused: number } | undefined;
  readonly waiting: Waiting;
}

export function questionMessage(question: Question, locale: Locale): Message {
  const { draft, id } = question;
  const words = trainingWords(locale);
  const answer = (label: string, name: 'start' | 'drop'): Action => ({
    label,
    command: 'train',
    options: { [name]: id },
    asks: true,
    ...(name === 'drop' ? { danger: true } : {}),
  });
  return {
    blocks: [
      { kind: 'text', text: words.question(draft.name, draft.baseName) },
      ...notes(question, locale).map((text): Block => ({ kind: 'note', text })),
    ],
    fields: fields(question, locale),
    actions: [answer(words.start, 'start'), answer(words.drop, 'drop')],
  };
}

function fields({ draft, summary, memory }: Question, locale: Locale): Field[] {
  const words = trainingWords(locale);
  const { characters, songs, lines, newCharacters, duplicates, language, estimate } = summary;
  const list: Field[] = [{ label: words.text, value: words.amount(characters, songs, lines) }];
  if (newCharacters) {
    const shown = newCharacters.filter((character) => character.trim() !== '').slice(0, MOST_SHOWN);
    list.push({ label: words.newCharacters, value: words.newCharactersOf(newCharacters.length, shown) });
  }
  list.push(
    { label: words.duplicates, value: words.duplicatesOf(duplicates.songs, duplicates.lines) },
    { label: words.language, value: words.languageOf(language.hangul, language.latin, language.other) },
    { label: words.epochs, value: words.epochsOf(draft.settings.maxEpochs) },
  );
  if (draft.replays) list.push({ label: words.replay, value: words.replayOf(draft.settings.replay) });
  if (estimate) {
    const duration = ui(locale).duration(Math.max(1, estimate.seconds));
    list.push({ label: words.time, value: words.timeOf(duration, estimate.charsPerSecond, estimate.basis) });
  }
  list.push({ label: words.memory, value: words.atLeast(memoryMegabytes(memory)) });
  return list;
}

function notes({ summary, messages, waiting }: Question, locale: Locale): string[] {
  const words = trainingWords(locale);
  const { removed, heldOut } = summary;
  const list: string[] = [];
  if (messages) list.push(words.messagesRead(messages.read, messages.used, messages.refused));
  if (removed.urls + removed.mentions + removed.boilerplateLines + removed.characters > 0) {
    list.push(words.removed(removed.urls, removed.mentions, removed.boilerplateLines, removed.characters));
  }
  if (heldOut.kind === 'none') list.push(words.nothingHeldOut);
  if (waiting.ahead > 0) {
    const wait = waiting.seconds === undefined ? undefined : ui(locale).duration(waiting.seconds);
    list.push(words.busy(waiting.ahead, wait));
  }
  return list;
}
