/** The commands that are registered together, by Discord's published limits. */
import { Checker, type Json } from './checker.ts';

const COMMAND_KEYS = [
  'type',
  'name',
  'name_localizations',
  'description',
  'description_localizations',
  'options',
];
const GLOBAL_KEYS = ['contexts', 'integration_types'];
const OPTION_KEYS = [
  ...['type', 'name', 'name_localizations', 'description', 'description_localizations', 'required'],
  ...['choices', 'min_value', 'max_value', 'min_length', 'max_length', 'autocomplete'],
];
const LOCALES = [
  ...['id', 'da', 'de', 'en-GB', 'en-US', 'es-ES', 'es-419', 'fr', 'hr', 'it', 'lt', 'hu', 'nl', 'no', 'pl'],
  ...['pt-BR', 'ro', 'fi', 'sv-SE', 'vi', 'tr', 'cs', 'el', 'bg', 'ru', 'uk', 'hi', 'th', 'zh-CN', 'ja'],
  ...['zh-TW', 'ko'],
];
const NAME = /^[-_'\p{L}\p{N}]{1,32}$/u;
const [TEXT, INTEGER, NUMBER, ATTACHMENT] = [3, 4, 10, 11];

/** The commands that are registered together. */
export function commandFaults(commands: unknown, scope: 'global' | 'guild'): string[] {
  const check = new Checker();
  const list = check.list('commands', commands, 100);
  for (const command of list) {
    const path = `/${command.name}`;
    const keys = [...COMMAND_KEYS, 'default_member_permissions', ...(scope === 'global' ? GLOBAL_KEYS : [])];
    check.keys(path, command, keys);
    checkNames(check, path, command);
    if (command.type !== 1) check.fail(path, 'not a slash command');
    checkScope(check, path, command);
    const permissions = command.default_member_permissions;
    if (permissions !== null && !/^\d+$/.test(String(permissions)))
      check.fail(path, 'permissions are not bits');
    checkOptions(check, path, check.list(`${path} options`, command.options, 25));
    if (sizeOf(command) > 8000) check.fail(path, `has ${sizeOf(command)} characters, 8,000 are allowed`);
  }
  checkTwice(check, 'commands', list);
  return check.faults;
}

function checkNames(check: Checker, path: string, { name, description, ...localized }: Json): void {
  for (const key of ['name_localizations', 'description_localizations']) {
    for (const locale of Object.keys((localized[key] ?? {}) as Json))
      check.oneOf(`${path} ${key}`, locale, LOCALES);
  }
  const names = [name, ...Object.values((localized.name_localizations ?? {}) as Json)];
  for (const one of names) {
    if (!NAME.test(String(one)) || String(one) !== String(one).toLowerCase())
      check.fail(path, `bad name ${one}`);
  }
  const descriptions = [description, ...Object.values((localized.description_localizations ?? {}) as Json)];
  for (const one of descriptions) check.text(`${path} description`, one, 1, 100);
}

function checkOptions(check: Checker, path: string, options: readonly Json[]): void {
  for (const option of options) {
    const at = `${path} ${option.name}`;
    check.keys(at, option, OPTION_KEYS);
    checkNames(check, at, option);
    const { type, autocomplete, choices, min_value: min, max_value: max } = option;
    const { min_length: least, max_length: length } = option as Record<string, number | undefined>;
    check.boolean(`${at} required`, option.required);
    check.boolean(`${at} autocomplete`, autocomplete);
    if ((least !== undefined || length !== undefined) && type !== TEXT)
      check.fail(at, 'the length of no text');
    if (least !== undefined) check.integer(`${at} min_length`, least, 0, Math.min(6000, length ?? 6000));
    if (![TEXT, INTEGER, NUMBER, ATTACHMENT].includes(type as number)) check.fail(at, `type ${type}`);
    const isNumber = type === INTEGER || type === NUMBER;
    for (const bound of [min, max])
      if (bound !== undefined && !isNumber) check.fail(at, 'bounds of no number');
    if (isNumber && !((min as number) <= (max as number))) check.fail(at, 'bounds');
    if (isNumber && Math.abs(max as number) > 2 ** 53) check.fail(at, 'bounds beyond 2^53');
    if (length !== undefined) check.integer(`${at} max_length`, length, 1, 6000);
    if (type === INTEGER && ![min, max].every(Number.isInteger)) check.fail(at, 'bounds of a whole number');
    if (autocomplete && (choices !== undefined || type === ATTACHMENT))
      check.fail(at, 'completes and has choices');
    for (const choice of check.list(`${at} choices`, choices, 25)) {
      check.text(`${at} choice`, choice.name, 1, 100);
      check.text(`${at} choice`, choice.value, 1, 100);
      check.keys(`${at} choice`, choice, ['name', 'name_localizations', 'value']);
    }
    checkTwice(check, `${at} choices`, (choices ?? []) as Json[]);
  }
  const firstOptional = options.findIndex(({ required }) => !required);
  if (firstOptional >= 0 && options.slice(firstOptional).some(({ required }) => required)) {
    check.fail(path, 'a required option after one that is not');
  }
  checkTwice(check, path, options);
}

/** Names must differ, and those of each language. */
function checkTwice(check: Checker, path: string, named: readonly Json[]): void {
  check.unique(
    path,
    named.map(({ name }) => name),
  );
  for (const locale of LOCALES) {
    check.unique(
      path,
      named.map(({ name_localizations: names }) => (names as Json | undefined)?.[locale]),
    );
  }
}

/** Where a global command can be used. */
function checkScope(check: Checker, path: string, { contexts, integration_types: types }: Json): void {
  for (const [at, values, allowed] of [
    ['contexts', contexts, [0, 1, 2]],
    ['integration_types', types, [0, 1]],
  ] as const) {
    const given = check.list(`${path} ${at}`, values, allowed.length) as unknown[];
    for (const value of given) check.oneOf(`${path} ${at}`, value, allowed);
    check.unique(`${path} ${at}`, given);
  }
}

/** Characters of names, descriptions and values, the longest localisation each. */
function sizeOf({ name, description, options, choices, value, ...rest }: Json): number {
  const longest = (text: unknown, localizations: unknown) =>
    Math.max(
      0,
      ...[text, ...Object.values((localizations ?? {}) as Json)].map((one) => String(one ?? '').length),
    );
  const below = [...((options ?? []) as Json[]), ...((choices ?? []) as Json[])];
  return (
    longest(name, rest.name_localizations) +
    longest(description, rest.description_localizations) +
    String(value ?? '').length +
    below.reduce((sum, one) => sum + sizeOf(one), 0)
  );
}
