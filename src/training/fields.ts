/** Option values that people type: their bounds, and one message for whatever is out of them. */
import { z } from 'zod';
import { UserError } from '../errors.ts';

/** A number, or the text of one. The description is what error messages quote as allowed. */
export function number(schema: z.ZodNumber, allowed: string) {
  const fromText = (value: unknown) =>
    typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return z.preprocess(fromText, schema).describe(allowed);
}

export const whole = (least: number, most: number) =>
  number(z.number().int().min(least).max(most), `${least}, ..., ${most}`);

export const choice = <const N extends readonly [string, ...string[]]>(names: N) =>
  z.enum(names).describe(names.join(', '));

export const flag = () => z.boolean().describe('true, false');

/** `rnnSize` -> `--rnn-size`. */
export const optionName = (field: string): string =>
  `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Checks values by a strict object schema. Throws a `UserError` that names the first bad one, with what is allowed. */
export function parseFields<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  values: Readonly<Record<string, unknown>>,
): z.infer<z.ZodObject<S>> {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = String(issue.code === 'unrecognized_keys' ? issue.keys[0] : issue.path[0]);
  const known = schema.shape[field] as z.ZodType | undefined;
  const expected = known ? allowed(known) : Object.keys(schema.shape).map(optionName).join(', ');
  throw new UserError('flagValue', {
    option: optionName(field),
    value: String(values[field]),
    expected,
  });
}

const allowed = (field: z.ZodType): string =>
  field.description ?? (field instanceof z.ZodOptional ? allowed(field.unwrap() as z.ZodType) : '');
