/** Files that a bot sends to Slack, and the messages that it may read: in the order and within the limits of Slack. */

type Args = Readonly<Record<string, unknown>>;

/** Arguments of the methods for files and history. */
export const FILE_METHODS = {
  'files.getUploadURLExternal': { required: ['filename', 'length'], optional: ['alt_txt', 'snippet_type'] },
  'files.completeUploadExternal': {
    required: ['files'],
    optional: ['channel_id', 'thread_ts', 'initial_comment'],
  },
  'conversations.history': { required: ['channel'], optional: ['limit', 'cursor'] },
} as const;

/** A message that people see. */
export interface SharedFile {
  readonly channel: string;
  readonly thread: string | undefined;
  readonly name: string;
  readonly title: string;
  readonly alt: string | undefined;
  readonly bytes: Buffer;
}

interface Pending {
  readonly name: string;
  readonly length: number;
  readonly alt: string | undefined;
  bytes: Buffer | undefined;
}

/** Of a conversation of the bot with one person. */
const DIRECT = /^D/;

export class SlackFiles {
  readonly shared: SharedFile[] = [];
  /** Channels where the bot is a member: in others it may post, and share nothing. */
  readonly members = new Set(['C1']);
  /** Newest first, by channel, and whether the app may read them. */
  readonly written = new Map<string, readonly Args[]>();
  mayRead = true;
  mayWrite = true;
  readonly #pending = new Map<string, Pending>();
  #next = 1;

  /** What a method answers. */
  answer(method: keyof typeof FILE_METHODS, args: Args, origin: string): Args {
    if (method === 'conversations.history') return this.#history(args);
    if (!this.mayWrite) return { ok: false, error: 'missing_scope', needed: 'files:write' };
    return method === 'files.getUploadURLExternal' ? this.#begin(args, origin) : this.#complete(args);
  }

  /** Takes the bytes; false where the address is none, or they are not as many as was said. */
  receive(id: string, bytes: Buffer): boolean {
    const pending = this.#pending.get(id);
    if (!pending || pending.bytes || bytes.length !== pending.length) return false;
    pending.bytes = bytes;
    return true;
  }

  #begin({ filename, length, alt_txt: alt }: Args, origin: string): Args {
    const size = Number(length);
    if (!(size > 0)) return { ok: false, error: 'invalid_arguments' };
    if (alt !== undefined && String(alt).length > 1000) return { ok: false, error: 'alt_txt_too_large' };
    const id = `FUP${this.#next++}`;
    const description = alt === undefined ? undefined : String(alt);
    this.#pending.set(id, { name: String(filename), length: size, alt: description, bytes: undefined });
    return { ok: true, upload_url: `${origin}/upload/${id}`, file_id: id };
  }

  #complete({ files, channel_id: channel, thread_ts: thread }: Args): Args {
    const list = files as readonly { readonly id: string; readonly title?: string }[];
    const pending = list.map(({ id }) => this.#pending.get(id));
    if (pending.some((one) => !one?.bytes)) return { ok: false, error: 'file_not_found' };
    const place = String(channel);
    if (!/^[CGD]/.test(place)) return { ok: false, error: 'invalid_arguments' };
    if (!DIRECT.test(place) && !this.members.has(place)) return { ok: false, error: 'not_in_channel' };
    for (const [i, { id, title = '' }] of list.entries()) {
      const { name, alt, bytes } = pending[i]!;
      this.shared.push({
        channel: place,
        thread: thread as string | undefined,
        name,
        title,
        alt,
        bytes: bytes!,
      });
      this.#pending.delete(id);
    }
    return { ok: true, files: list };
  }

  #history({ channel, limit = 100, cursor = '0' }: Args): Args {
    if (!this.mayRead) return { ok: false, error: 'missing_scope', needed: 'channels:history' };
    const all = this.written.get(String(channel));
    if (!all) return { ok: false, error: 'channel_not_found' };
    const most = Number(limit);
    if (!(most >= 1 && most <= 999)) return { ok: false, error: 'invalid_limit' };
    const from = Number(cursor);
    const messages = all.slice(from, from + most);
    const next = from + most < all.length ? String(from + most) : '';
    return { ok: true, messages, has_more: next !== '', response_metadata: { next_cursor: next } };
  }
}
