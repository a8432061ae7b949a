/** Files that people gave with a command: from Discord's own hosts alone, never more bytes than may be. */
import type { IncomingFile } from '../commands/option.ts';
import { UserError } from '../errors.ts';

const HOSTS = ['cdn.discordapp.com', 'media.discordapp.net'];
const PATIENCE_MS = 30_000;

/** As Discord describes an attachment. */
export interface DiscordFile {
  readonly name: string;
  readonly url: string;
  /** Bytes, as Discord says. */
  readonly size: number;
}

/** @param testHost a host name whose files are taken too, by plain HTTP as well: that of a test server. */
export function incomingFile({ name, url, size }: DiscordFile, testHost: string | undefined): IncomingFile {
  return {
    name,
    async read(limit) {
      if (!isTrusted(url, testHost)) throw new UserError('attachmentForeign', { file: name });
      const tooLarge = (bytes: number) => new UserError('dataTooLarge', { file: name, bytes, limit });
      if (size > limit) throw tooLarge(size);
      try {
        return await download(url, limit, tooLarge);
      } catch (error) {
        if (error instanceof UserError) throw error;
        throw new UserError('attachmentLost', { file: name }, { cause: error });
      }
    },
  };
}

function isTrusted(text: string, testHost: string | undefined): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, port } = new URL(text);
  if (hostname === testHost) return protocol === 'https:' || protocol === 'http:';
  return protocol === 'https:' && port === '' && HOSTS.includes(hostname);
}

async function download(
  url: string,
  limit: number,
  tooLarge: (bytes: number) => UserError,
): Promise<Uint8Array> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    // Leaving the loop ends the download.
    if (length > limit) throw tooLarge(length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
