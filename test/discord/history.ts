/** Messages that people wrote on a test server, as Discord gives them to a bot: by pages, the newest first. */
import { snowflake } from './snowflake.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Written {
  readonly user: string;
  readonly text: string;
  readonly bot?: boolean;
  readonly webhook?: boolean;
  /** 0 is what people write, 7 a member's arrival, 19 an answer. */
  readonly type?: number;
}

export class ChannelHistory {
  /** Newest first. */
  readonly #messages: Json[] = [];
  /** Whether the application has the message content intent. */
  showsContent = true;
  /** Whether the bot may read the channel's history. */
  mayRead = true;
  /** Pages that were read. */
  pages = 0;

  write({ user, text, bot = false, webhook = false, type = 0 }: Written): void {
    this.#messages.unshift({
      id: snowflake(),
      type,
      content: text,
      author: { id: user, username: 'someone', discriminator: '0', avatar: null, ...(bot ? { bot } : {}) },
      ...(webhook ? { webhook_id: snowflake() } : {}),
      attachments: [],
      embeds: [],
    });
  }

  /** What Discord answers; undefined where it refuses. A fault is what it would call a bad request. */
  read(query: URLSearchParams): { readonly fault?: string; readonly page: readonly Json[] } {
    this.pages++;
    const limit = Number(query.get('limit') ?? 50);
    if (!(limit >= 1 && limit <= 100)) return { fault: `limit ${limit}`, page: [] };
    const before = query.get('before');
    const older = this.#messages.filter(({ id }) => before === null || BigInt(id as string) < BigInt(before));
    const page = older.slice(0, limit);
    return { page: this.showsContent ? page : page.map((message) => ({ ...message, content: '' })) };
  }
}
