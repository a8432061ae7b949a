/** Checks what a platform hands over against a command's option definitions: once, for every platform. */
import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Localized } from '../strings/index.ts';
import type { Command } from './command.ts';
import {
  allowedValues,
  type IncomingFile,
  type Option,
  type Options,
  type OptionValues,
  type RawOptions,
} from './option.ts';

/** Longest name of a model, as a file name in every file system. */
const NAME_LENGTH = 100;

/** The values of a command's options. Throws a `UserError` that lists every fault with what is allowed. */
export function validateOptions<O extends Options>(command: Command<O>, raw: RawOptions): OptionValues<O> {
  const values: Record<string, unknown> = {};
  const faults: { option: Localized; allowed: Localized }[] = [];
  for (const [name, option] of Object.entries(command.options)) {
    const result = schemaOf(option).safeParse(raw[name]);
    if (result.success) values[name] = result.data;
    else faults.push({ option: optionLabel(name, option), allowed: allowedValues(option) });
  }
  for (const name of Object.keys(raw)) {
    if (!Object.hasOwn(command.options, name)) {
      throw new UserError('optionUnknown', { command: command.name, option: name });
    }
  }
  if (faults.length > 0) throw new UserError('optionFaults', { faults });
  return values as OptionValues<O>;
}

export const optionLabel = (name: string, option: Option): Localized => ({
  ko: `${option.koreanName}(${name})`,
  en: name,
});

function schemaOf(option: Option): z.ZodType {
  const schema = valueSchema(option);
  if ('default' in option && option.default !== undefined) return schema.default(option.default as never);
  return option.required ? schema : schema.optional();
}

function valueSchema(option: Option): z.ZodType {
  switch (option.type) {
    case 'text':
      return z.string().transform(cleanText).pipe(z.string().max(option.maxLength));
    case 'integer':
      return z.preprocess(readNumber, z.int().min(option.min).max(option.max));
    case 'number':
      return z.preprocess(readNumber, z.number().min(option.min).max(option.max));
    case 'model':
      return z
        .string()
        .transform((name) => name.normalize('NFC').trim())
        .pipe(z.string().min(1).max(NAME_LENGTH));
    case 'choice':
      return z.enum(option.choices.map(({ value }) => value));
    case 'files':
      return z.array(z.custom<IncomingFile>(isFile)).min(1).max(option.most);
    default:
      return option satisfies never;
  }
}

const isFile = (value: unknown): boolean => typeof (value as IncomingFile | null)?.read === 'function';

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** A number, or its text in decimal notation (full-width digits too). */
function readNumber(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.normalize('NFKC').trim();
  return NUMBER.test(text) ? Number(text) : value;
}

/** One form for text that chats deliver in several: NFC, plain spaces and line ends, no control characters. */
function cleanText(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/[^\S\n]/gu, ' ')
    .replace(/[\p{Cc}\p{Bidi_Control}\uFEFF]/gu, (character) => (character === '\n' ? character : ''))
    .replace(/\p{Surrogate}/gu, '\uFFFD');
}
