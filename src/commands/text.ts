/**
 * Options in text: `사랑은 temperature:0.9 길이:200`. The trailing words `key:value` whose key is an option of
 * the command are options; everything before them is the value of its `rest` option, colons included.
 * Keys are English or Korean names. Keyboards and chats turn `:` into `：`, quotes into curly ones and spaces
 * into non-breaking ones: all are taken. A value, or the whole rest, may stand in quotes, where `\` keeps the
 * character after it from ending them.
 */
import { UserError } from '../errors.ts';
import type { Command } from './command.ts';
import type { Options, RawOptions } from './option.ts';
import { optionLabel } from './validate.ts';

const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  '“': '”',
  '”': '”',
  '„': '“',
  "'": "'",
  '‘': '’',
  '’': '’',
};
const COLON = /[:：]/;
const SPACE = /\s/u;
/** Of a quoted value, quotes and all. Bounds the search for a closing quote, which may not be there. */
const LONGEST_VALUE = 300;
const SPACES = /\s+/uy;

interface Word {
  readonly start: number;
  readonly text: string;
}

/** Reads the options of a command from text. Throws a `UserError` on text where the command takes none. */
export function parseOptions(command: Command, text: string): RawOptions {
  const words = splitWords(text);
  const options: Record<string, string> = {};
  let end = text.length;
  for (let i = words.length - 1; i >= 0; i--) {
    const found = readOption(command.options, words[i]!.text);
    if (!found) break;
    if (Object.hasOwn(options, found.name)) {
      throw new UserError('optionTwice', { option: optionLabel(found.name, command.options[found.name]!) });
    }
    options[found.name] = found.value;
    end = words[i]!.start;
  }
  const rest = readRest(text.slice(0, end));
  if (rest === undefined) return options;
  const [name] = Object.entries(command.options).find(([, option]) => option.rest) ?? [];
  if (name === undefined) throw new UserError('optionsUnexpected', { command: command.name });
  if (Object.hasOwn(options, name)) {
    throw new UserError('optionTwice', { option: optionLabel(name, command.options[name]!) });
  }
  return { [name]: rest, ...options };
}

/** Text that `parseOptions` reads back to the same options. Files are left out: text cannot carry them. */
export function printOptions(command: Command, options: Readonly<Record<string, unknown>>): string {
  const words: string[] = [];
  let rest = '';
  for (const [name, option] of Object.entries(command.options)) {
    const value = options[name];
    if (value === undefined || typeof value === 'object') continue;
    if (option.rest) rest = String(value);
    else words.push(`${name}:${printValue(String(value))}`);
  }
  const restName = Object.keys(command.options).find((name) => command.options[name]!.rest);
  if (restName === undefined || !['string', 'number'].includes(typeof options[restName]))
    return words.join(' ');
  const plain = [rest, ...words].join(' ');
  return readsBack(command, plain, restName, rest) ? plain : [quote(rest), ...words].join(' ');
}

function readsBack(command: Command, text: string, name: string, value: string): boolean {
  try {
    return parseOptions(command, text)[name] === value;
  } catch {
    return false;
  }
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
const printValue = (value: string): string => (/^[\p{L}\p{N}._+-]+$/u.test(value) ? value : quote(value));

/** Words between white space; `key:"a value"`, and a quotation with which the text begins, are one word. */
function splitWords(text: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < text.length) {
    SPACES.lastIndex = at;
    if (SPACES.test(text)) {
      at = SPACES.lastIndex;
      continue;
    }
    const start = at;
    if (words.length === 0) at = quotedEnd(text, at) ?? at;
    while (at < text.length && !SPACE.test(text[at]!)) {
      at = (COLON.test(text[at]!) && quotedEnd(text, at + 1, LONGEST_VALUE)) || at + 1;
    }
    words.push({ start, text: text.slice(start, at) });
  }
  return words;
}

/** Where the quoted text that begins at `start` ends, if it is quoted and white space or nothing follows. */
function quotedEnd(text: string, start: number, longest = Infinity): number | undefined {
  const closing = CLOSING[text[start] ?? ''];
  if (closing === undefined) return undefined;
  const last = Math.min(text.length - 1, start + longest);
  for (let at = start + 1; at <= last; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === closing) {
      return at + 1 === text.length || SPACE.test(text[at + 1]!) ? at + 1 : undefined;
    }
  }
  return undefined;
}

function readOption(options: Options, word: string): { name: string; value: string } | undefined {
  const colon = word.search(COLON);
  if (colon < 1) return undefined;
  const key = word.slice(0, colon).normalize('NFKC').toLowerCase().replaceAll('-', '_');
  const found = Object.entries(options).find(([name, option]) => name === key || option.koreanName === key);
  if (!found) return undefined;
  const value = word.slice(colon + 1);
  return { name: found[0], value: unquote(value) ?? value };
}

/** The rest option's value: what stands there without the white space around it, or what its quotes hold. */
function readRest(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed === '' ? undefined : (unquote(trimmed) ?? trimmed);
}

function unquote(text: string): string | undefined {
  if (quotedEnd(text, 0) !== text.length) return undefined;
  return text.slice(1, -1).replace(/\\(.)/gsu, '$1');
}
