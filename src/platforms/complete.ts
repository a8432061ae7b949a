/** What could stand where a person is typing: names of commands, options, models and files. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type Command, findCommand, type Place, type Services } from '../commands/command.ts';
import type { Option } from '../commands/option.ts';

/** The values of an option that begin with `prefix`: models of the place by name, choices; none for numbers and text. */
export async function completeValue(
  option: Option,
  prefix: string,
  place: Place,
  services: Services,
): Promise<string[]> {
  const wanted = prefix.normalize('NFC').toLowerCase();
  const fits = (value: string) => value.toLowerCase().startsWith(wanted);
  if (option.type === 'model') return (await services.models.names(place)).filter(fits);
  if (option.type === 'choice') return option.choices.map(({ value }) => value).filter(fits);
  return [];
}

/** What the last word of a line of text could become, and that word. */
export async function completeLine(
  line: string,
  place: Place,
  services: Services,
): Promise<{ readonly candidates: string[]; readonly word: string }> {
  const name = /^[/／](\S*)$/u.exec(line)?.[1];
  if (name !== undefined) return { candidates: completeCommand(services.commands, name), word: line };
  const [, given, text = ''] = /^[/／](\S+)\s+(.*)$/su.exec(line) ?? [];
  const command = findCommand(services.commands, given ?? 'ballad');
  const word = /\S*$/u.exec(given === undefined ? line : text)![0];
  return { candidates: command ? await completeWord(command, word, place, services) : [], word };
}

function completeCommand(commands: readonly Command[], beginning: string): string[] {
  const wanted = beginning.normalize('NFC').toLowerCase();
  const names = commands.flatMap(({ name, koreanName }) => [name, koreanName]);
  return names.filter((name) => name.startsWith(wanted)).map((name) => `/${name} `);
}

async function completeWord(
  command: Command,
  word: string,
  place: Place,
  services: Services,
): Promise<string[]> {
  const options = Object.entries(command.options);
  const [, key, value = ''] = /^([^:：]+)[:：](.*)$/su.exec(word) ?? [];
  if (key !== undefined) {
    const option = options.find(([name, { koreanName }]) => name === key || koreanName === key)?.[1];
    const values = option ? await completeValue(option, value, place, services) : [];
    return values.map((one) => `${key}:${one} `);
  }
  const names = options
    .filter(([, option]) => !option.rest && !option.hidden)
    .flatMap(([name, option]) => [name, option.koreanName])
    .filter((name) => name.startsWith(word.normalize('NFC')))
    .map((name) => `${name}:`);
  const takesPath = options.some(([, option]) => option.rest && option.type === 'files');
  return takesPath ? [...(await completePath(word)), ...names] : names;
}

async function completePath(beginning: string): Promise<string[]> {
  const folder = beginning.slice(0, beginning.lastIndexOf('/') + 1);
  const entries = await readdir(path.resolve(folder), { withFileTypes: true }).catch(() => []);
  return entries
    .map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : ' '))
    .filter((file) => file.startsWith(beginning) && !path.basename(file).startsWith('.'));
}
