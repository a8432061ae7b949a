/** The command list as Discord registers it, and whether what is registered is that. Plain data. */
import { isDeepStrictEqual } from 'node:util';
import type { Command } from '../commands/command.ts';
import type { Option, RawOptions } from '../commands/option.ts';
import { MANAGE_GUILD } from './discord-permissions.ts';

// Discord's numbers for types of options.
const TEXT = 3;
const INTEGER = 4;
const NUMBER = 10;
const FILE = 11;
// Where a command can be used.
const IN_GUILDS = 0;
const IN_DIRECT_MESSAGES = 1;
const INSTALLED_IN_GUILDS = 0;

type Json = Readonly<Record<string, unknown>>;
type Scope = 'global' | 'guild';

/** The bodies of `PUT /applications/{id}[/guilds/{id}]/commands`. Only global ones say where they can be used. */
export function commandBodies(commands: readonly Command[], scope: Scope): Json[] {
  return commands.map(({ name, koreanName, description, admin, options }) => ({
    type: 1,
    name,
    name_localizations: { ko: koreanName },
    description: description.en,
    description_localizations: { ko: description.ko },
    options: optionBodies(options),
    default_member_permissions: admin ? String(MANAGE_GUILD) : null,
    ...(scope === 'global'
      ? {
          contexts: admin ? [IN_GUILDS] : [IN_GUILDS, IN_DIRECT_MESSAGES],
          integration_types: [INSTALLED_IN_GUILDS],
        }
      : {}),
  }));
}

function optionBodies(options: Command['options']): Json[] {
  const bodies = Object.entries(options)
    .filter(([, option]) => !option.hidden)
    .flatMap(([name, option]) => optionBody(name, option));
  // Discord wants what is required first.
  return [...bodies.filter(({ required }) => required), ...bodies.filter(({ required }) => !required)];
}

function optionBody(name: string, option: Option): Json[] {
  const body = {
    name,
    name_localizations: { ko: option.koreanName },
    description: option.description.en,
    description_localizations: { ko: option.description.ko },
    ...(option.required ? { required: true } : {}),
  };
  switch (option.type) {
    case 'text':
      return [{ ...body, type: TEXT, max_length: option.maxLength }];
    case 'integer':
    case 'number':
      return [
        {
          ...body,
          type: option.type === 'integer' ? INTEGER : NUMBER,
          min_value: option.min,
          max_value: option.max,
        },
      ];
    case 'model':
      return [{ ...body, type: TEXT, autocomplete: true }];
    case 'choice': {
      const choices = option.choices.map(({ value, label }) => ({
        name: label.en,
        name_localizations: { ko: label.ko },
        value,
      }));
      return [{ ...body, type: TEXT, choices }];
    }
    case 'files':
      return fileNames(name, option.most).map((fileName, i) => ({
        ...body,
        name: fileName,
        name_localizations: { ko: fileName.replace(name, option.koreanName) },
        type: FILE,
        ...(i > 0 ? { required: false } : {}),
      }));
    default:
      return option satisfies never;
  }
}

/** Discord takes one file an option: `file`, `file_2`, ... */
const fileNames = (name: string, most: number): string[] =>
  Array.from({ length: most }, (_, i) => (i === 0 ? name : `${name}_${i + 1}`));

/** The options of a command as its definition names them: files together. What it does not know stays. */
export function gatherOptions(command: Command | undefined, given: RawOptions): RawOptions {
  const gathered: Record<string, RawOptions[string]> = { ...given };
  for (const [name, option] of Object.entries(command?.options ?? {})) {
    if (option.type !== 'files') continue;
    const files = fileNames(name, option.most).flatMap((fileName) => {
      const value = gathered[fileName];
      delete gathered[fileName];
      return Array.isArray(value) ? value : [];
    });
    if (files.length > 0) gathered[name] = files;
  }
  return gathered;
}

/** Whether the registered commands say what the bodies say: Discord adds ids, versions and empty values. */
export function isRegistered(registered: readonly Json[], bodies: readonly Json[]): boolean {
  const isSame = (body: Json) => {
    const found = registered.find(({ name }) => name === body.name) ?? {};
    const like = Object.fromEntries(Object.keys(body).map((key) => [key, found[key]]));
    return isDeepStrictEqual(withoutEmpty(like), withoutEmpty(body));
  };
  return registered.length === bodies.length && bodies.every(isSame);
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => !isEmpty(one));
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutEmpty(one)]));
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === false || (Array.isArray(value) && value.length === 0);
