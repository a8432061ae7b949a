/** The last messages of a conversation on Slack, as people wrote them. */
import type { ChatLine, ReadHistory } from '../commands/history.ts';
import { UserError } from '../errors.ts';
import { type SlackApi, slackFault } from './slack-api.ts';
import { unescapeText } from './slack-text.ts';

/** Of one call. */
const PAGE = 200;
/** Kinds of messages that people write, besides plain ones. */
const WRITTEN: readonly unknown[] = [undefined, 'file_share', 'thread_broadcast', 'me_message'];

/** A message as Slack sends it, as far as it is read. */
interface SlackMessage {
  readonly user?: string;
  readonly text?: string;
  readonly subtype?: string;
  readonly bot_id?: string;
}

export function historyOf(api: SlackApi, channel: string): ReadHistory {
  return async (count, signal) => {
    const messages = await readMessages(api, channel, count, signal);
    const lines = messages.flatMap(({ user, text = '', subtype, bot_id: bot }): ChatLine[] => {
      const written = WRITTEN.includes(subtype) && bot === undefined ? plainText(text) : '';
      return user === undefined || written === '' ? [] : [{ author: user, text: written }];
    });
    return { lines: lines.reverse(), read: messages.length };
  };
}

/** Newest first. */
async function readMessages(
  api: SlackApi,
  channel: string,
  count: number,
  signal: AbortSignal,
): Promise<SlackMessage[]> {
  const messages: SlackMessage[] = [];
  let cursor: string | undefined;
  do {
    signal.throwIfAborted();
    const limit = Math.min(PAGE, count - messages.length);
    const args = { channel, limit, ...(cursor === undefined ? {} : { cursor }) };
    const page = await api.call('conversations.history', args).catch((error: unknown) => {
      throw refusal(error);
    });
    messages.push(...((page.messages ?? []) as SlackMessage[]).slice(0, limit));
    const { next_cursor: next } = (page.response_metadata ?? {}) as { readonly next_cursor?: string };
    cursor = next || undefined;
  } while (cursor !== undefined && messages.length < count);
  return messages;
}

function refusal(error: unknown): unknown {
  switch (slackFault(error)) {
    case 'missing_scope':
      return new UserError('slackHistoryScope', {}, { cause: error });
    case 'not_in_channel':
    case 'channel_not_found':
      return new UserError('historyForbidden', {}, { cause: error });
    default:
      return error;
  }
}

/** Without what stands for people and channels, and without marks of formatting; a link is its words, if it has any. */
function plainText(text: string): string {
  const words = text
    .replace(/<(?:[@#!][^<>]*)>/g, '')
    .replace(/<[^<>|]*\|([^<>]*)>/g, '$1')
    .replace(/<[^<>]*>/g, '')
    .replace(/(?<=^|\s):[\w+'-]+:(?=\s|$)/g, '')
    .replace(/(?<=^|\s)[*_~`]+(?=\S)|(?<=\S)[*_~`]+(?=\s|$)/g, '')
    .replace(/^&gt; ?/gm, '');
  return unescapeText(words).trim();
}
