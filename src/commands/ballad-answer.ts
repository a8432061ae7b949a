/** What stands beside lyrics: facts, remarks, and the buttons for more. */
import type { SampleResult } from '../sampling/sampler.ts';
import type { Ui } from '../strings/ui.ts';
import type { Action, Block, Field } from './message.ts';

export const TEMPERATURE = { min: 0.1, max: 2, default: 0.9 } as const;
/** How much `cooler` and `warmer` change. */
const TEMPERATURE_STEP = 0.15;

export interface Facts {
  readonly model: string;
  readonly temperature: number;
  readonly seeds: readonly number[];
  readonly results: readonly SampleResult[];
  readonly seconds: number;
}

export function fieldsOf(words: Ui, { model, temperature, seeds, results, seconds }: Facts): Field[] {
  const characters = results.reduce((sum, result) => sum + result.characters, 0);
  return [
    { label: words.model, value: model },
    { label: words.temperature, value: String(temperature) },
    { label: words.seed, value: seeds.join(', ') },
    { label: words.length, value: words.characters(characters) },
    { label: words.time, value: words.seconds(seconds) },
  ];
}

export function notesOf(words: Ui, results: readonly SampleResult[]): Block[] {
  const notes: Block[] = [];
  const unseen = results[0]!.unseen;
  if (unseen.length > 0) notes.push({ kind: 'note', text: words.unseen(unseen) });
  if (results.some(({ end }) => end === 'cancelled')) notes.push({ kind: 'note', text: words.cancelled });
  return notes;
}

/** The options of the answered command, by name. */
export type Given = Readonly<Record<string, string | number | undefined>> & {
  readonly temperature: number;
  readonly seed: number;
};

/**
 * The same order with a new seed, as it was or a bit cooler or warmer; and, where the lyrics were kept, what
 * goes on with them: with their own seed, so that nothing shows where they were cut.
 */
export function actionsOf(words: Ui, { seed, ...given }: Given, unfinished: string | undefined): Action[] {
  const ballad = (label: string, changes: Given | Omit<Given, 'seed'>): Action => ({
    label,
    command: 'ballad',
    options: defined({ ...given, ...changes }),
  });
  const at = (change: number) => {
    const { min, max } = TEMPERATURE;
    return { temperature: Number(Math.min(max, Math.max(min, given.temperature + change)).toFixed(2)) };
  };
  const goOn = { ...given, seed, from: unfinished, prime_text: undefined };
  return [
    ballad(words.again, given),
    ...(unfinished === undefined ? [] : [ballad(words.goOn, goOn)]),
    ballad(words.cooler, at(-TEMPERATURE_STEP)),
    ballad(words.warmer, at(TEMPERATURE_STEP)),
  ];
}

const defined = (options: Readonly<Record<string, string | number | undefined>>): Action['options'] =>
  Object.fromEntries(
    Object.entries(options).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  );
