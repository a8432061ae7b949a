/** Checks of payloads by Discord's published limits. Each returns what Discord would refuse, as `path: reason`. */

type Json = Readonly<Record<string, unknown>>;

/** Collects faults below a path. */
class Checker {
  readonly faults: string[] = [];

  fail(path: string, reason: string): void {
    this.faults.push(`${path}: ${reason}`);
  }

  keys(path: string, value: Json, allowed: readonly string[]): void {
    for (const key of Object.keys(value))
      if (!allowed.includes(key)) this.fail(`${path}.${key}`, 'unknown key');
  }

  text(path: string, value: unknown, min: number, max: number): void {
    if (typeof value !== 'string') this.fail(path, 'not text');
    else if (value.trim().length < min || value.length > max) {
      this.fail(path, `has ${value.length} characters, ${min} to ${max} are allowed`);
    }
  }

  list(path: string, value: unknown, max: number): Json[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      this.fail(path, 'not a list');
      return [];
    }
    if (value.length > max) this.fail(path, `has ${value.length} entries, ${max} are allowed`);
    return value;
  }

  number(path: string, value: unknown): void {
    if (typeof value !== 'number' || !Number.isFinite(value)) this.fail(path, 'not a number');
  }
}

const EPHEMERAL = 64;
const MESSAGE_KEYS = ['content', 'embeds', 'components', 'allowed_mentions', 'attachments'];

export interface MessageRules {
  /** Other keys that this route takes. */
  readonly keys?: readonly string[];
  /** Whether a message without anything is refused. */
  readonly filled: boolean;
}

/** A message that is created or edited. Ours must also keep generated text from calling anyone. */
export function messageFaults(body: Json, { keys = [], filled }: MessageRules): string[] {
  const check = new Checker();
  check.keys('message', body, [...MESSAGE_KEYS, ...keys]);
  if (body.content !== undefined && body.content !== null) check.text('content', body.content, 0, 2000);
  const embeds = check.list('embeds', body.embeds, 10);
  const sizes = embeds.map((embed, i) => checkEmbed(check, `embeds[${i}]`, embed));
  if (sizes.reduce((a, b) => a + b, 0) > 6000) check.fail('embeds', 'more than 6,000 characters together');
  checkComponents(check, body.components);
  if (JSON.stringify(body.allowed_mentions) !== '{"parse":[]}') {
    check.fail('allowed_mentions', `could call people: ${JSON.stringify(body.allowed_mentions)}`);
  }
  if (body.flags !== undefined && body.flags !== EPHEMERAL) check.fail('flags', String(body.flags));
  if (filled && !String(body.content ?? '').trim() && embeds.length === 0) check.fail('message', 'empty');
  return check.faults;
}

function checkEmbed(check: Checker, path: string, embed: Json): number {
  check.keys(path, embed, ['description', 'fields', 'footer', 'color', 'title']);
  let size = 0;
  const text = (at: string, value: unknown, max: number) => {
    check.text(`${path}.${at}`, value, 1, max);
    size += String(value).length;
  };
  if (embed.title !== undefined) text('title', embed.title, 256);
  if (embed.description !== undefined) text('description', embed.description, 4096);
  for (const [i, field] of check.list(`${path}.fields`, embed.fields, 25).entries()) {
    check.keys(`${path}.fields[${i}]`, field, ['name', 'value', 'inline']);
    text(`fields[${i}].name`, field.name, 256);
    text(`fields[${i}].value`, field.value, 1024);
  }
  if (embed.footer !== undefined) text('footer.text', (embed.footer as Json).text, 2048);
  if (embed.color !== undefined) check.number(`${path}.color`, embed.color);
  if (size === 0) check.fail(path, 'empty');
  return size;
}

function checkComponents(check: Checker, value: unknown): void {
  const ids: unknown[] = [];
  for (const [i, row] of check.list('components', value, 5).entries()) {
    check.keys(`components[${i}]`, row, ['type', 'components']);
    if (row.type !== 1) check.fail(`components[${i}]`, 'not a row');
    const buttons = check.list(`components[${i}]`, row.components, 5);
    if (buttons.length === 0) check.fail(`components[${i}]`, 'an empty row');
    for (const [j, button] of buttons.entries()) {
      const path = `components[${i}][${j}]`;
      check.keys(path, button, ['type', 'style', 'label', 'custom_id', 'disabled']);
      if (button.type !== 2 || ![1, 2, 3, 4].includes(button.style as number))
        check.fail(path, 'not a button');
      check.text(`${path}.label`, button.label, 1, 80);
      check.text(`${path}.custom_id`, button.custom_id, 1, 100);
      ids.push(button.custom_id);
    }
  }
  if (new Set(ids).size !== ids.length) check.fail('components', 'two buttons have the same custom_id');
}

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
    const permissions = command.default_member_permissions;
    if (permissions !== null && !/^\d+$/.test(String(permissions)))
      check.fail(path, 'permissions are not bits');
    checkOptions(check, path, check.list(`${path} options`, command.options, 25));
    if (sizeOf(command) > 8000) check.fail(path, `has ${sizeOf(command)} characters, 8,000 are allowed`);
  }
  for (const name of duplicates(list)) check.fail(`/${name}`, 'twice');
  return check.faults;
}

function checkNames(check: Checker, path: string, { name, description, ...localized }: Json): void {
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
    const { type, autocomplete, choices, min_value: min, max_value: max, max_length: length } = option;
    if (![TEXT, INTEGER, NUMBER, ATTACHMENT].includes(type as number)) check.fail(at, `type ${type}`);
    const isNumber = type === INTEGER || type === NUMBER;
    for (const bound of [min, max])
      if (bound !== undefined && !isNumber) check.fail(at, 'bounds of no number');
    if (isNumber && !((min as number) <= (max as number))) check.fail(at, 'bounds');
    if (isNumber && Math.abs(max as number) > 2 ** 53) check.fail(at, 'bounds beyond 2^53');
    if (length !== undefined && !((length as number) >= 1 && (length as number) <= 6000))
      check.fail(at, 'length');
    if (autocomplete && (choices !== undefined || type === ATTACHMENT))
      check.fail(at, 'completes and has choices');
    for (const choice of check.list(`${at} choices`, choices, 25)) {
      check.text(`${at} choice`, choice.name, 1, 100);
      check.text(`${at} choice`, choice.value, 1, 100);
    }
  }
  const firstOptional = options.findIndex(({ required }) => !required);
  if (firstOptional >= 0 && options.slice(firstOptional).some(({ required }) => required)) {
    check.fail(path, 'a required option after one that is not');
  }
  for (const name of duplicates(options)) check.fail(path, `option ${name} twice`);
  const localized = options.map((option) => ({ name: (option.name_localizations as Json | undefined)?.ko }));
  for (const name of duplicates(localized)) check.fail(path, `option ${name} twice`);
}

const duplicates = (list: readonly Json[]): unknown[] => {
  const names = list.map(({ name }) => name).filter((name) => name !== undefined);
  return names.filter((name, i) => names.indexOf(name) !== i);
};

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
