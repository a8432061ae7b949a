/** Messages, their components and files, and responses to interactions, by Discord's published limits. */
import { Checker, type Json } from './checker.ts';

export const EPHEMERAL = 64;
const MESSAGE_KEYS = ['content', 'embeds', 'components', 'allowed_mentions', 'attachments'];
const MOST_FILES = 10;
const MOST_BYTES = 10 * 1024 * 1024;
const [ROW, BUTTON, SELECT] = [1, 2, 3];
const LINK = 5;

/** A file in a multipart body. */
export interface Upload {
  readonly field: string;
  readonly name: string;
  readonly bytes: number;
}

export interface MessageRules {
  /** Other keys that this route takes. */
  readonly keys?: readonly string[];
  readonly uploads?: readonly Upload[];
  /** Names of files that the message has already. */
  readonly files?: readonly string[];
}

/** A message that is created or edited. Ours must also keep generated text from calling anyone. */
export function messageFaults(
  body: Json,
  { keys = [], uploads = [], files = [] }: MessageRules = {},
): string[] {
  const check = new Checker();
  check.keys('message', body, [...MESSAGE_KEYS, ...keys]);
  if (body.content !== undefined && body.content !== null) check.text('content', body.content, 0, 2000);
  const embeds = check.list('embeds', body.embeds, 10);
  const names = [...files, ...uploads.map(({ name }) => name)];
  const sizes = embeds.map((embed, i) => checkEmbed(check, `embeds[${i}]`, embed, names));
  if (sizes.reduce((a, b) => a + b, 0) > 6000) check.fail('embeds', 'more than 6,000 characters together');
  checkComponents(check, body.components);
  checkUploads(check, body.attachments, uploads);
  if (JSON.stringify(body.allowed_mentions) !== '{"parse":[]}') {
    check.fail('allowed_mentions', `could call people: ${JSON.stringify(body.allowed_mentions)}`);
  }
  if (body.flags !== undefined) check.oneOf('flags', body.flags, [EPHEMERAL]);
  if (body.nonce !== undefined) check.text('nonce', body.nonce, 1, 25);
  check.boolean('enforce_nonce', body.enforce_nonce);
  const isEmpty = !String(body.content ?? '').trim() && embeds.length === 0 && uploads.length === 0;
  if (isEmpty) check.fail('message', 'empty');
  return check.faults;
}

/** Returns the characters that count. */
function checkEmbed(check: Checker, path: string, embed: Json, files: readonly string[]): number {
  check.keys(path, embed, ['title', 'description', 'color', 'fields', 'footer', 'author', 'image']);
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
    check.boolean(`${path}.fields[${i}].inline`, field.inline);
  }
  const { footer, author, image, color } = embed as Record<string, Json | undefined>;
  if (footer) {
    check.keys(`${path}.footer`, footer, ['text']);
    text('footer.text', footer.text, 2048);
  }
  if (author) {
    check.keys(`${path}.author`, author, ['name']);
    text('author.name', author.name, 256);
  }
  if (image) checkImage(check, `${path}.image`, image, files);
  if (color !== undefined) check.integer(`${path}.color`, color, 0, 0xffffff);
  if (size === 0 && !image) check.fail(path, 'empty');
  return size;
}

/** Ours show what was sent with the message, nothing from elsewhere. */
function checkImage(check: Checker, path: string, image: Json, files: readonly string[]): void {
  check.keys(path, image, ['url']);
  const name = /^attachment:\/\/([\w.-]+)$/.exec(String(image.url))?.[1];
  if (name === undefined || !files.includes(name)) check.fail(path, `no file for ${image.url}`);
}

function checkComponents(check: Checker, value: unknown): void {
  const ids: unknown[] = [];
  for (const [i, row] of check.list('components', value, 5).entries()) {
    const path = `components[${i}]`;
    check.keys(path, row, ['type', 'components']);
    check.oneOf(`${path}.type`, row.type, [ROW]);
    const parts = check.list(path, row.components, 5);
    if (parts.length === 0) check.fail(path, 'an empty row');
    if (parts.some(({ type }) => type === SELECT) && parts.length > 1)
      check.fail(path, 'a menu beside others');
    for (const [j, part] of parts.entries()) {
      if (part.type === SELECT) checkSelect(check, `${path}[${j}]`, part);
      else checkButton(check, `${path}[${j}]`, part);
      ids.push(part.custom_id);
    }
  }
  check.unique('components', ids);
}

function checkButton(check: Checker, path: string, button: Json): void {
  check.oneOf(`${path}.type`, button.type, [BUTTON]);
  check.boolean(`${path}.disabled`, button.disabled);
  check.text(`${path}.label`, button.label, 1, 80);
  if (button.style === LINK) {
    check.keys(path, button, ['type', 'style', 'label', 'url', 'disabled']);
    check.text(`${path}.url`, button.url, 1, 512);
  } else {
    check.keys(path, button, ['type', 'style', 'label', 'custom_id', 'disabled']);
    check.oneOf(`${path}.style`, button.style, [1, 2, 3, 4]);
    check.text(`${path}.custom_id`, button.custom_id, 1, 100);
  }
}

function checkSelect(check: Checker, path: string, select: Json): void {
  const keys = ['type', 'custom_id', 'options', 'placeholder', 'min_values', 'max_values', 'disabled'];
  check.keys(path, select, keys);
  check.text(`${path}.custom_id`, select.custom_id, 1, 100);
  check.optionalText(`${path}.placeholder`, select.placeholder, 150);
  const options = check.list(`${path}.options`, select.options, 25);
  if (options.length === 0) check.fail(`${path}.options`, 'none');
  for (const [i, option] of options.entries()) {
    check.keys(`${path}.options[${i}]`, option, ['label', 'value', 'description', 'default']);
    check.text(`${path}.options[${i}].label`, option.label, 1, 100);
    check.text(`${path}.options[${i}].value`, option.value, 1, 100);
    check.optionalText(`${path}.options[${i}].description`, option.description, 100);
  }
  check.unique(
    `${path}.options`,
    options.map(({ value }) => value),
  );
  const { min_values: least = 1, max_values: most = 1 } = select as Record<string, number | undefined>;
  check.integer(`${path}.min_values`, least, 0, 25);
  check.integer(`${path}.max_values`, most, Math.max(1, least), Math.max(1, options.length));
}

/** Files stand in fields `files[0]`, `files[1]`, ...; what describes them names them by that number. */
function checkUploads(check: Checker, described: unknown, uploads: readonly Upload[]): void {
  if (uploads.length > MOST_FILES) check.fail('files', `${uploads.length} of ${MOST_FILES}`);
  const numbers = uploads.map(({ field }) => /^files\[(\d+)\]$/.exec(field)?.[1]);
  for (const [i, { field, name, bytes }] of uploads.entries()) {
    if (numbers[i] === undefined) check.fail(field, 'a file in a field of that name');
    if (!/^[\p{L}\p{N}._-]{1,260}$/u.test(name)) check.fail(field, `the file name ${name}`);
    if (bytes > MOST_BYTES) check.fail(field, `has ${bytes} bytes`);
  }
  check.unique('files', numbers);
  for (const [i, one] of check.list('attachments', described, MOST_FILES).entries()) {
    const path = `attachments[${i}]`;
    check.keys(path, one, ['id', 'filename', 'description']);
    if (!numbers.includes(String(one.id))) check.fail(path, `describes no file: ${one.id}`);
    else if (one.filename !== uploads[numbers.indexOf(String(one.id))]!.name)
      check.fail(path, 'another name');
    check.optionalText(`${path}.description`, one.description, 1024);
  }
}

/** Kinds of responses to an interaction: a message, "thinking", completions. */
export const RESPONSES = { message: 4, deferred: 5, completions: 8 } as const;

/** The first response to an interaction; that of a message is checked as a message. */
export function responseFaults(body: Json): string[] {
  const check = new Checker();
  check.keys('response', body, ['type', 'data']);
  check.oneOf('type', body.type, Object.values(RESPONSES));
  const data = (body.data ?? {}) as Json;
  if (body.type === RESPONSES.deferred) {
    check.keys('data', data, ['flags']);
    if (data.flags !== undefined) check.oneOf('flags', data.flags, [EPHEMERAL]);
  }
  if (body.type === RESPONSES.completions) {
    check.keys('data', data, ['choices']);
    if (!Array.isArray(data.choices)) check.fail('choices', 'not a list');
    for (const [i, choice] of check.list('choices', data.choices, 25).entries()) {
      check.keys(`choices[${i}]`, choice, ['name', 'value']);
      check.text(`choices[${i}].name`, choice.name, 1, 100);
      check.text(`choices[${i}].value`, choice.value, 1, 100);
    }
  }
  return check.faults;
}
