/**
 * The form of a command that takes a file, which Slack's text cannot carry. Its fields are the command's
 * options; a submitted form is the command with those options.
 */
import type { Command } from '../commands/command.ts';
import type { Option, RawOptions } from '../commands/option.ts';
import type { Locale } from '../strings/index.ts';
import { ui } from '../strings/ui.ts';
import type { Origin } from './slack-conversation.ts';
import type { SlackFile } from './slack-files.ts';
import { escapeShort } from './slack-text.ts';

export const FORM_ID = 'command-form';
/** Of the only element in each block. */
const FIELD = 'value';
/** Slack's limits, in UTF-16 units. */
const TITLE = 24;
const LABEL = 2000;
const PLACEHOLDER = 150;
const INPUT = 3000;
/** A hint for people: what is uploaded is checked when it is read. */
const TEXT_FILES = ['txt', 'text', 'md', 'lrc', 'csv'];

/** What a form keeps of the request that opened it. */
interface Memory {
  readonly command: string;
  readonly channel: string;
  readonly thread?: string | undefined;
  readonly responseUrl?: string | undefined;
}

/** Whether a command can take what only a form can carry. */
export const needsForm = ({ options }: Command): boolean =>
  Object.values(options).some(({ type, hidden }) => type === 'files' && !hidden);

/** The view for `views.open`. `given` are values that the fields begin with. */
export function formView(command: Command, given: RawOptions, origin: Origin, locale: Locale): object {
  const words = ui(locale);
  const { channel, thread, responseUrl } = origin;
  const memory: Memory = { command: command.name, channel, thread, responseUrl };
  return {
    type: 'modal',
    callback_id: FORM_ID,
    private_metadata: JSON.stringify(memory),
    title: plain(locale === 'ko' ? command.koreanName : command.name, TITLE),
    submit: plain(words.start, TITLE),
    close: plain(words.close, TITLE),
    blocks: Object.entries(command.options)
      .filter(([, { hidden }]) => !hidden)
      .map(([name, option]) => ({
        type: 'input',
        block_id: name,
        optional: !option.required,
        label: plain(locale === 'ko' ? option.koreanName : name, LABEL),
        hint: plain(option.description[locale], LABEL),
        element: { action_id: FIELD, ...element(option, given[name], locale) },
      })),
  };
}

function element(option: Option, value: RawOptions[string] | undefined, locale: Locale): object {
  const initial = fits(option, value) ? { initial_value: value } : {};
  switch (option.type) {
    case 'files':
      return {
        type: 'file_input',
        ...(option.content === undefined ? { filetypes: TEXT_FILES } : {}),
        max_files: Math.min(10, option.most),
      };
    case 'integer':
    case 'number':
      return {
        type: 'number_input',
        is_decimal_allowed: option.type === 'number',
        min_value: String(option.min),
        max_value: String(option.max),
        ...initial,
      };
    case 'text':
      return { type: 'plain_text_input', max_length: Math.min(INPUT, option.maxLength), ...initial };
    case 'model':
      return { type: 'plain_text_input', ...initial };
    case 'choice': {
      const options = option.choices.map(({ value: choice, label }) => ({
        text: plain(label[locale], PLACEHOLDER / 2),
        value: choice,
      }));
      const chosen = options.find((one) => one.value === value);
      return { type: 'static_select', options, ...(chosen ? { initial_option: chosen } : {}) };
    }
    default:
      return option satisfies never;
  }
}

/** Slack refuses a form with a value that its field would not take. */
function fits(option: Option, value: RawOptions[string] | undefined): value is string {
  if (typeof value !== 'string' || value === '') return false;
  if (option.type === 'text') return value.length <= option.maxLength;
  if (option.type !== 'integer' && option.type !== 'number') return true;
  const isNumeral = option.type === 'integer' ? /^\d+$/ : /^\d+(\.\d+)?$/;
  return isNumeral.test(value) && Number(value) >= option.min && Number(value) <= option.max;
}

const plain = (text: string, limit: number) => ({
  type: 'plain_text',
  text: escapeShort(text, limit),
  emoji: false,
});

/** A submitted view, as far as it is read. */
export interface SubmittedView {
  readonly private_metadata: string;
  readonly state: {
    readonly values: Readonly<Record<string, Readonly<Record<string, FieldState | undefined>>>>;
  };
}

interface FieldState {
  readonly value?: string | null;
  readonly selected_option?: { readonly value: string } | null;
  readonly files?: readonly SlackFile[] | null;
}

/** The command, where it came from, its options, and files by option. */
export function readForm({ private_metadata, state }: SubmittedView): Memory & {
  readonly values: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, readonly SlackFile[]>>;
} {
  const memory: Memory = JSON.parse(private_metadata);
  const values: Record<string, string> = {};
  const files: Record<string, readonly SlackFile[]> = {};
  for (const [name, block] of Object.entries(state.values)) {
    const { value, selected_option: chosen, files: given } = block[FIELD] ?? {};
    const text = value ?? chosen?.value;
    if (text) values[name] = text;
    if (given && given.length > 0) files[name] = given;
  }
  return { ...memory, values, files };
}
