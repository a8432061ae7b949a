/**
 * What Slack's reference says of payloads, as checks: each returns the faults that it finds. Stricter than
 * Slack in two points: unknown arguments are faults, and text may hold no control sequence at all.
 */

type Args = Readonly<Record<string, unknown>>;

/** Arguments of the methods that the bot may use, with those that must be there. */
const METHODS: Readonly<Record<string, { required: readonly string[]; optional?: readonly string[] }>> = {
  'auth.test': { required: [] },
  'apps.connections.open': { required: [] },
  'chat.postMessage': {
    required: ['channel', 'text'],
    optional: ['blocks', 'thread_ts', 'parse', 'link_names', 'mrkdwn', 'unfurl_links', 'unfurl_media'],
  },
  'chat.postEphemeral': {
    required: ['channel', 'user', 'text'],
    optional: ['blocks', 'thread_ts', 'parse', 'link_names'],
  },
  'chat.update': { required: ['channel', 'ts', 'text'], optional: ['blocks', 'parse', 'link_names'] },
  'chat.delete': { required: ['channel', 'ts'] },
  'views.open': { required: ['trigger_id', 'view'] },
  'users.info': { required: ['user'], optional: ['include_locale'] },
  'files.info': { required: ['file'] },
};
const RESPONSE = ['response_type', 'replace_original', 'text', 'blocks', 'thread_ts'];

export function checkCall(method: string, args: Args): string[] {
  const known = METHODS[method];
  if (!known) return [`${method} is not a method that the bot needs`];
  const { required, optional = [] } = known;
  return [
    ...required.filter((name) => args[name] === undefined).map((name) => `${method} lacks ${name}`),
    ...unknownKeys(method, args, [...required, ...optional]),
    ...(method.startsWith('chat.') && 'text' in args ? checkPage(args) : []),
    ...(method === 'views.open' ? checkView(args.view as Args) : []),
  ];
}

export const checkResponse = (body: Args): string[] => [
  ...unknownKeys('a response', body, RESPONSE),
  ...(['in_channel', 'ephemeral'].includes(String(body.response_type)) ? [] : ['response_type']),
  ...checkPage(body),
];

function unknownKeys(where: string, object: Args, known: readonly string[]): string[] {
  return Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => `${where} has ${key}`);
}

function checkPage({ text, blocks }: Args): string[] {
  const list = (blocks ?? []) as Args[];
  const total = list.reduce(
    (sum, block) => sum + JSON.stringify(block.text ?? block.elements ?? '').length,
    0,
  );
  return [
    ...checkLength('text', text, 4000),
    ...checkMarkup('text', text),
    ...(list.length > 50 ? ['more than 50 blocks'] : []),
    ...(total > 16_000 ? ['msg_blocks_too_long'] : []),
    ...list.flatMap(checkBlock),
  ];
}

function checkBlock(block: Args): string[] {
  const elements = (block.elements ?? []) as Args[];
  switch (block.type) {
    case 'section':
      return [...unknownKeys('section', block, ['type', 'text']), ...checkPlain(block.text as Args, 3000)];
    case 'divider':
      return unknownKeys('divider', block, ['type']);
    case 'context':
      return [
        ...unknownKeys('context', block, ['type', 'elements']),
        ...(elements.length < 1 || elements.length > 10 ? ['context needs 1 to 10 elements'] : []),
        ...elements.flatMap((element) => checkPlain(element, 3000)),
      ];
    case 'actions': {
      const ids = elements.map(({ action_id: id }) => id);
      return [
        ...unknownKeys('actions', block, ['type', 'elements']),
        ...(elements.length < 1 || elements.length > 25 ? ['actions needs 1 to 25 elements'] : []),
        ...(new Set(ids).size < ids.length ? ['action ids must differ'] : []),
        ...elements.flatMap(checkButton),
      ];
    }
    default:
      return [`a block of type ${block.type}`];
  }
}

const checkButton = (button: Args): string[] => [
  ...unknownKeys('button', button, ['type', 'action_id', 'text', 'value', 'style']),
  ...(button.type === 'button' ? [] : ['only buttons']),
  ...checkPlain(button.text as Args, 75),
  ...checkLength('value', button.value, 2000),
  ...checkLength('action_id', button.action_id, 255),
  ...(['primary', 'danger', undefined].includes(button.style as string) ? [] : ['style']),
];

function checkPlain(text: Args | undefined, limit: number): string[] {
  if (text?.type !== 'plain_text') return [`text of type ${text?.type}`];
  return [
    ...unknownKeys('text object', text, ['type', 'text', 'emoji']),
    ...checkLength('text object', text.text, limit),
    ...checkMarkup('text object', text.text),
  ];
}

function checkLength(where: string, text: unknown, limit: number): string[] {
  if (typeof text !== 'string' || text.length < 1) return [`${where} is empty`];
  return text.length > limit ? [`${where} has ${text.length} of ${limit} characters`] : [];
}

/** Anything that Slack would not show as it stands. */
function checkMarkup(where: string, text: unknown): string[] {
  return /[<>]|&(?!(?:amp|lt|gt);)/.test(String(text)) ? [`${where} is not escaped`] : [];
}

function checkView(view: Args): string[] {
  const blocks = view.blocks as Args[];
  const ids = blocks.map(({ block_id: id }) => id);
  return [
    ...unknownKeys('view', view, [
      'type',
      'callback_id',
      'private_metadata',
      'title',
      'submit',
      'close',
      'blocks',
    ]),
    ...(view.type === 'modal' ? [] : ['not a modal']),
    ...checkPlain(view.title as Args, 24),
    ...checkPlain(view.submit as Args, 24),
    ...checkPlain(view.close as Args, 24),
    ...checkLength('private_metadata', view.private_metadata, 3000),
    ...(new Set(ids).size < ids.length ? ['block ids must differ'] : []),
    ...blocks.flatMap(checkInput),
  ];
}

function checkInput({ type, block_id: _, optional, label, hint, element, ...others }: Args): string[] {
  const { type: kind, action_id: id, ...rest } = element as Args;
  const allowed: Readonly<Record<string, readonly string[]>> = {
    plain_text_input: ['initial_value', 'max_length'],
    number_input: ['is_decimal_allowed', 'min_value', 'max_value', 'initial_value'],
    file_input: ['filetypes', 'max_files'],
  };
  return [
    ...(type === 'input' && typeof optional === 'boolean' ? [] : ['not an input']),
    ...unknownKeys('input', others, []),
    ...checkPlain(label as Args, 2000),
    ...checkPlain(hint as Args, 2000),
    ...checkLength('action_id', id, 255),
    ...(kind === 'number_input' && (rest.min_value === undefined || typeof rest.min_value !== 'string')
      ? ['min_value is text']
      : []),
    ...(allowed[String(kind)]
      ? unknownKeys(String(kind), rest, allowed[String(kind)]!)
      : [`element ${kind}`]),
  ];
}
