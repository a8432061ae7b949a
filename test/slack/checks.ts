/**
 * What Slack's reference says of payloads, as checks: each returns the faults that it finds. Stricter than
 * Slack in two points: unknown arguments are faults, and text may hold no control sequence at all.
 */
import { FILE_METHODS } from './files.ts';
import { type Args, checkIds, checkLength, checkMarkup, checkPlain, unknownKeys } from './text-checks.ts';
import { checkView } from './view-checks.ts';

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
  ...FILE_METHODS,
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

function checkPage({ text, blocks }: Args): string[] {
  const list = (blocks ?? []) as Args[];
  const total = list.reduce(
    (sum, block) => sum + JSON.stringify(block.text ?? block.elements ?? block.fields ?? '').length,
    0,
  );
  return [
    ...checkLength('text', text, 4000),
    ...checkMarkup('text', text),
    ...(list.length > 50 ? ['more than 50 blocks'] : []),
    ...(Buffer.byteLength(JSON.stringify(list)) > 100_000 ? ['a payload that is too large'] : []),
    ...(total > 16_000 ? ['msg_blocks_too_long'] : []),
    ...list.flatMap(checkBlock),
  ];
}

const checkSection = (block: Args): string[] => [
  ...unknownKeys('section', block, ['type', 'text']),
  ...checkPlain(block.text as Args, 3000),
];

function checkFields({ fields, ...block }: Args): string[] {
  const list = fields as Args[];
  return [
    ...unknownKeys('section', block, ['type']),
    ...(list.length < 1 || list.length > 10 ? ['a section has 1 to 10 fields'] : []),
    ...list.flatMap((field) => checkPlain(field, 2000)),
  ];
}

function checkBlock(block: Args): string[] {
  const elements = (block.elements ?? []) as Args[];
  switch (block.type) {
    case 'section':
      return 'fields' in block ? checkFields(block) : checkSection(block);
    case 'header':
      return [...unknownKeys('header', block, ['type', 'text']), ...checkPlain(block.text as Args, 150)];
    case 'image':
      return [
        ...unknownKeys('image', block, ['type', 'slack_file', 'alt_text']),
        ...unknownKeys('slack_file', block.slack_file as Args, ['id']),
        ...checkLength('alt_text', block.alt_text, 2000),
      ];
    case 'divider':
      return unknownKeys('divider', block, ['type']);
    case 'context':
      return [
        ...unknownKeys('context', block, ['type', 'elements']),
        ...(elements.length < 1 || elements.length > 10 ? ['context needs 1 to 10 elements'] : []),
        ...elements.flatMap((element) => checkPlain(element, 3000)),
      ];
    case 'actions': {
      return [
        ...unknownKeys('actions', block, ['type', 'elements']),
        ...(elements.length < 1 || elements.length > 25 ? ['actions needs 1 to 25 elements'] : []),
        ...checkIds(
          'action_id',
          elements.map(({ action_id: id }) => id),
        ),
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
  ...(['primary', 'danger', undefined].includes(button.style as string) ? [] : ['style']),
];
