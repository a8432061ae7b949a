/** The last messages of a channel, as people wrote them. Discord shows their text only to bots that may see it. */
import type { ChatLine, ReadHistory } from '../commands/history.ts';
import { UserError } from '../errors.ts';
import { isForbidden } from './discord-api.ts';
import type { Send } from './discord-rest.ts';

/** Of one call. */
const PAGE = 100;
/** Kinds of messages that people write: plain ones and answers. */
const WRITTEN: readonly number[] = [0, 19];

/** A message as Discord sends it, as far as it is read. */
interface DiscordMessage {
  readonly id: string;
  readonly type: number;
  readonly content: string;
  readonly author: { readonly id: string; readonly bot?: boolean; readonly system?: boolean };
  readonly webhook_id?: string;
}

/** @param maySee whether the bot was configured to see what people write. */
export function historyOf(send: Send, channel: string, maySee: boolean): ReadHistory {
  return async (count, signal) => {
    if (!maySee) throw new UserError('messageContentOff', {});
    const messages = await readMessages(send, channel, count, signal);
    const byPeople = messages.filter(isByPerson);
    const lines = byPeople.flatMap(({ author, content }): ChatLine[] => {
      const text = plainText(content);
      return text === '' ? [] : [{ author: author.id, text }];
    });
    // Switched on here and not with Discord: every text is empty.
    if (byPeople.length > 0 && byPeople.every(({ content }) => content === '')) {
      throw new UserError('messageContentHidden', {});
    }
    return { lines: lines.reverse(), read: messages.length };
  };
}

/** Newest first. */
async function readMessages(
  send: Send,
  channel: string,
  count: number,
  signal: AbortSignal,
): Promise<DiscordMessage[]> {
  const messages: DiscordMessage[] = [];
  while (messages.length < count) {
    signal.throwIfAborted();
    const limit = Math.min(PAGE, count - messages.length);
    const before = messages.length > 0 ? `&before=${messages.at(-1)!.id}` : '';
    const path = `/channels/${channel}/messages?limit=${limit}${before}` as const;
    const page = (await send({ method: 'GET', path, authorized: true }).catch((error: unknown) => {
      throw isForbidden(error) ? new UserError('historyForbidden', {}, { cause: error }) : error;
    })) as DiscordMessage[];
    messages.push(...page);
    if (page.length < limit) break;
  }
  return messages;
}

const isByPerson = ({ type, author, webhook_id: webhook }: DiscordMessage): boolean =>
  WRITTEN.includes(type) && author.bot !== true && author.system !== true && webhook === undefined;

/** Without what stands for people, channels, commands, times and pictures, and without marks of formatting. */
function plainText(content: string): string {
  return content
    .replace(/<(?:@[!&]?|#|a?:\w+:|t:|\/[^<>:]+:)[\d:A-Za-z-]*>/g, '')
    .replace(/\*\*|__|~~|\|\||`+/g, '')
    .replace(/^>(?:>>)? /gm, '')
    .trim();
}
