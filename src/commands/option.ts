/**
 * Options of commands: how they are defined, and what follows from a definition: the type of the value, the
 * check, and the words for what is allowed. Platforms register, complete and parse options from the same
 * definitions.
 */
import type { Localized } from '../strings/index.ts';

interface OptionBase {
  /** Hangul, as Discord and the text parser take it: letters, digits, `_`. */
  readonly koreanName: string;
  readonly description: Localized;
  readonly required?: true;
  /** In text, what stands before the `key:value` words. At most one option of a command. */
  readonly rest?: true;
  /** Given by buttons: no help, completion or registration mentions it. */
  readonly hidden?: true;
}

export interface TextOption extends OptionBase {
  readonly type: 'text';
  /** In UTF-16 units. */
  readonly maxLength: number;
}

export interface NumberOption extends OptionBase {
  /** A whole number, or any. */
  readonly type: 'integer' | 'number';
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

/** The name of a checkpoint; platforms complete it. */
export interface ModelOption extends OptionBase {
  readonly type: 'model';
}

export interface ChoiceOption extends OptionBase {
  readonly type: 'choice';
  readonly choices: readonly { readonly value: string; readonly label: Localized }[];
  readonly default?: string;
}

/** One file or more: an upload in a chat, a path in the terminal. */
export interface FileOption extends OptionBase {
  readonly type: 'files';
  /** How many at most. */
  readonly most: number;
  /** What is in them; text where nothing is said. */
  readonly content?: 'model';
}

export type Option = TextOption | NumberOption | ModelOption | ChoiceOption | FileOption;
export type Options = Readonly<Record<string, Option>>;

/** A file that a person gave with a command. Nothing is read before `read`. */
export interface IncomingFile {
  /** Its name, without folders. */
  readonly name: string;
  /** Reads at most `limit` bytes; throws a `UserError` where the file is longer, missing or not readable. */
  read(limit: number): Promise<Uint8Array>;
}

/** What a platform has: numbers may be text, nothing is checked. By option name. */
export type RawOptions = Readonly<Record<string, string | number | readonly IncomingFile[]>>;

type Value<O extends Option> = O extends NumberOption
  ? number
  : O extends ChoiceOption
    ? O['choices'][number]['value']
    : O extends FileOption
      ? readonly IncomingFile[]
      : string;

/** The checked options of a command: always there when required or with a default. */
export type OptionValues<O extends Options> = {
  readonly [K in keyof O]: O[K] extends { required: true } | { default: number | string }
    ? Value<O[K]>
    : Value<O[K]> | undefined;
};

/** What an option takes, in words that end a sentence such as `temperature: a number from 0.1 to 2`. */
export function allowedValues(option: Option): Localized {
  switch (option.type) {
    case 'text':
      return { ko: `${option.maxLength}자 이하의 글`, en: `text of at most ${option.maxLength} characters` };
    case 'number':
      return {
        ko: `${option.min} 이상 ${option.max} 이하의 수`,
        en: `a number from ${option.min} to ${option.max}`,
      };
    case 'integer':
      return {
        ko: `${option.min} 이상 ${option.max} 이하의 정수`,
        en: `a whole number from ${option.min} to ${option.max}`,
      };
    case 'model':
      return {
        ko: '모델 이름 (/모델 명령으로 볼 수 있습니다)',
        en: 'the name of a model (/models lists them)',
      };
    case 'choice': {
      const values = option.choices.map(({ value }) => value).join(', ');
      return { ko: `다음 가운데 하나: ${values}`, en: `one of ${values}` };
    }
    case 'files':
      return option.most === 1
        ? { ko: '파일 하나', en: 'one file' }
        : { ko: `파일 1개 이상 ${option.most}개 이하`, en: `1 to ${option.most} files` };
    default:
      return option satisfies never;
  }
}
