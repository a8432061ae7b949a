/** Modals, by Slack's reference of views, input blocks and their elements. */
import { type Args, checkIds, checkLength, checkPlain, unknownKeys } from './text-checks.ts';

const VIEW = ['type', 'callback_id', 'private_metadata', 'title', 'submit', 'close', 'blocks'];
const MOST_BYTES = 250_000;

export function checkView(view: Args): string[] {
  const blocks = (view.blocks ?? []) as Args[];
  return [
    ...unknownKeys('view', view, VIEW),
    ...(view.type === 'modal' ? [] : ['not a modal']),
    ...checkPlain(view.title as Args, 24),
    ...checkPlain(view.submit as Args, 24),
    ...checkPlain(view.close as Args, 24),
    ...checkLength('callback_id', view.callback_id, 255),
    ...checkLength('private_metadata', view.private_metadata, 3000),
    ...(blocks.length < 1 || blocks.length > 100 ? [`a view of ${blocks.length} blocks`] : []),
    ...(Buffer.byteLength(JSON.stringify(view)) > MOST_BYTES ? ['a view that is too large'] : []),
    ...checkIds(
      'block_id',
      blocks.map(({ block_id: id }) => id),
    ),
    ...blocks.flatMap(checkInput),
  ];
}

function checkInput({ type, block_id: _, optional, label, hint, element, ...others }: Args): string[] {
  const { type: kind, action_id: id, ...rest } = element as Args;
  const check = ELEMENTS[String(kind)];
  return [
    ...(type === 'input' && typeof optional === 'boolean' ? [] : ['not an input']),
    ...unknownKeys('input', others, []),
    ...checkPlain(label as Args, 2000),
    ...(hint === undefined ? [] : checkPlain(hint as Args, 2000)),
    ...checkLength('action_id', id, 255),
    ...(check ? check(rest) : [`element ${kind}`]),
  ];
}

const ELEMENTS: Readonly<Record<string, (element: Args) => string[]>> = {
  plain_text_input: (element) => [
    ...unknownKeys('plain_text_input', element, ['initial_value', 'max_length', 'multiline', 'placeholder']),
    ...checkPlaceholder(element),
    ...checkCount('max_length', element.max_length, 1, 3000),
    ...(String(element.initial_value ?? '').length > Number(element.max_length ?? 3000)
      ? ['initial_value']
      : []),
  ],
  number_input: (element) => {
    const {
      is_decimal_allowed: decimal,
      min_value: min,
      max_value: max,
      initial_value: value = min,
    } = element;
    const bounds = [min, value, max];
    return [
      ...unknownKeys('number_input', element, [
        'is_decimal_allowed',
        'min_value',
        'max_value',
        'initial_value',
      ]),
      ...(typeof decimal === 'boolean' ? [] : ['is_decimal_allowed is missing']),
      ...(bounds.every((one) => typeof one === 'string' && one !== '') ? [] : ['numbers are text']),
      ...(Number(min) <= Number(value) && Number(value) <= Number(max) ? [] : [`${value}: ${min} to ${max}`]),
      ...(decimal || bounds.every((one) => Number.isInteger(Number(one))) ? [] : ['a fraction']),
    ];
  },
  file_input: (element) => [
    ...unknownKeys('file_input', element, ['filetypes', 'max_files']),
    ...checkCount('max_files', element.max_files, 1, 10),
    ...((element.filetypes ?? []) as string[]).flatMap((one) =>
      /^[a-z0-9]+$/.test(one) ? [] : ['filetypes'],
    ),
  ],
  static_select: (element) => {
    const { options = [], initial_option: initial } = element as { options?: Args[]; initial_option?: Args };
    const values = options.map(({ value }) => value);
    return [
      ...unknownKeys('static_select', element, ['options', 'initial_option', 'placeholder']),
      ...checkPlaceholder(element),
      ...(options.length < 1 || options.length > 100 ? [`${options.length} options`] : []),
      ...(new Set(values).size < values.length ? ['options must differ'] : []),
      ...options.flatMap(({ text, value, ...others }) => [
        ...unknownKeys('option', others, ['description']),
        ...checkPlain(text as Args, 75),
        ...checkLength('option value', value, 150),
      ]),
      ...(initial === undefined || values.includes(initial.value) ? [] : ['initial_option is no option']),
    ];
  },
};

const checkPlaceholder = ({ placeholder }: Args): string[] =>
  placeholder === undefined ? [] : checkPlain(placeholder as Args, 150);

const checkCount = (where: string, value: unknown, min: number, max: number): string[] =>
  value === undefined || (Number.isInteger(value) && Number(value) >= min && Number(value) <= max)
    ? []
    : [`${where} is ${value}`];
