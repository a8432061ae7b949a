/** What a training's message says, from its order to what became of it: all of it follows from the job's view. */
import { trainingWords } from '../strings/training.ts';
import { ui } from '../strings/ui.ts';
import type { Decision, JobOutcome, JobView } from '../training/jobs-api.ts';
import type { Action, Block, Field, Message } from './message.ts';

const MEGABYTE = 2 ** 20;
/** Of a verse, so that the message stays one. */
const MOST_LINES = 12;

/** Whether nothing of the message changes by itself any more. */
export const isOver = ({ state }: JobView): boolean => ['done', 'failed', 'cancelled'].includes(state);

export function jobMessage(view: JobView): Message {
  const { id, name, state, reason, locale } = view;
  const words = trainingWords(locale);
  const only = (text: string): Message => ({ blocks: [{ kind: 'note', text }] });
  switch (state) {
    case 'queued':
      return { ...only(words.queued(name, id)), ...waiting(view), actions: [act(view, 'cancel')] };
    case 'running':
      return progress(view, words.running(name, id), [act(view, 'pause'), act(view, 'cancel')]);
    case 'paused': {
      const why = reason ? words.pausedBecause(name, id, reason.chatText(locale)) : words.paused(name, id);
      return progress(view, why, [act(view, 'resume'), act(view, 'cancel')]);
    }
    case 'failed':
      return only(words.failed(name, id, reason?.chatText(locale) ?? ''));
    case 'cancelled':
      return only(words.cancelled(name, id));
    case 'done':
      return ended(view);
    default:
      return state satisfies never;
  }
}

/** A button that does something to the job; admins alone may press it. */
function act({ id, locale }: JobView, command: 'pause' | 'resume' | 'cancel'): Action {
  const danger = command === 'cancel' ? { danger: true } : {};
  return { label: trainingWords(locale)[command], command, options: { job: id }, ...danger };
}

function waiting({ id, name, waiting: turn, locale }: JobView): Partial<Message> {
  if (!turn || turn.ahead === 0) return {};
  const words = trainingWords(locale);
  const wait = turn.seconds === undefined ? undefined : ui(locale).duration(turn.seconds);
  return {
    blocks: [
      { kind: 'note', text: words.queued(name, id) },
      { kind: 'note', text: words.busy(turn.ahead, wait) },
    ],
  };
}

function progress({ progress: now, locale }: JobView, title: string, actions: readonly Action[]): Message {
  const { epoch, epochs, fraction, loss, valLoss, charsPerSecond, secondsLeft, memory, sample } = now;
  const [words, all] = [trainingWords(locale), ui(locale)];
  const fields: Field[] = [];
  const add = (label: string, value: string | undefined) => {
    if (value !== undefined) fields.push({ label, value });
  };
  add(all.epoch, `${epoch.toFixed(1)}/${epochs}`);
  add(all.loss, loss?.toFixed(3));
  add(all.lowestValLoss, valLoss?.toFixed(3));
  if (charsPerSecond) add(all.speed, all.charactersPerSecond(charsPerSecond));
  add(all.timeLeft, secondsLeft === undefined ? undefined : all.duration(secondsLeft));
  add(words.memory, memory === undefined ? undefined : all.megabytes(memory));
  const verse: Block[] = sample
    ? [{ kind: 'columns', columns: [{ title: words.verse(sample.epoch), text: verseOf(sample.text) }] }]
    : [];
  return { blocks: [{ kind: 'note', text: title }, { kind: 'bar', fraction }, ...verse], fields, actions };
}

function ended(view: JobView): Message {
  const { id, name, decision, outcome, locale } = view;
  const words = trainingWords(locale);
  const title: Block = { kind: 'note', text: words.done(name, id) };
  if (!outcome) return { blocks: [title] };
  const became = decision ? decidedText(view, decision) : verdict(view, outcome);
  return {
    blocks: [title, ...compared(view, outcome), { kind: 'text', text: became }],
    fields: [
      ...lossFields(view, outcome),
      { label: ui(locale).epoch, value: String(Number(outcome.epochs.toFixed(1))) },
      { label: ui(locale).time, value: ui(locale).duration(outcome.seconds) },
    ],
    actions: decision ? [] : choices(view, outcome),
  };
}

/** Its lyric beside the one of the same seed that the model wrote before; alone where there was none before. */
function compared({ name, locale }: JobView, { samples }: JobOutcome): Block[] {
  const words = trainingWords(locale);
  const [first] = samples;
  if (!first) return [];
  const columns = [
    { title: words.before, text: verseOf(first.before) },
    { title: words.after, text: verseOf(first.after) },
  ];
  return [
    {
      kind: 'columns',
      columns: first.before === '' ? [{ ...columns[1]!, title: words.sampleOf(name) }] : columns,
    },
  ];
}

/** Losses before and after, as the message's fields and the picture's words have them. */
export function lossFields({ locale }: JobView, { losses }: JobOutcome): Field[] {
  const words = trainingWords(locale);
  if (!losses) return [];
  const { newText, base } = losses;
  return [
    { label: words.newTextLoss, value: words.change(newText.before, newText.after) },
    ...(base ? [{ label: words.baseTextLoss, value: words.change(base.before, base.after) }] : []),
  ];
}

/** What became of a job's checkpoint. */
export function decidedText({ name, baseName, locale }: JobView, decision: Decision): string {
  const words = trainingWords(locale);
  // A model's own next version, beside it.
  if (decision === 'keep' && name === baseName) return words.keptAsVersion(name);
  return words.decided[decision](name);
}

function verdict({ baseName, locale }: JobView, { verdict: found, losses }: JobOutcome): string {
  const words = trainingWords(locale);
  if (found !== 'publish') return words.keepBecause[found.keepBecause];
  if (baseName === null) return words.goodFromNothing;
  return losses?.base ? words.good : words.goodOnNewText;
}

function choices({ id, locale }: JobView, { verdict: found }: JobOutcome): Action[] {
  const words = trainingWords(locale);
  const choice = (as: Decision): Action => ({
    label: words.decisions[as],
    command: 'settle',
    options: { as, job: id },
    asks: true,
    ...(as === 'discard' ? { danger: true } : {}),
  });
  return [...(found === 'publish' ? [choice('publish')] : []), choice('keep'), choice('discard')];
}

/** The first lines. */
function verseOf(text: string): string {
  const lines = text.trim().split('\n');
  return lines.length > MOST_LINES ? `${lines.slice(0, MOST_LINES).join('\n').trim()}\n…` : lines.join('\n');
}

export const memoryMegabytes = (bytes: number): number => Math.ceil(bytes / MEGABYTE);
