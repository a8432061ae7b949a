/** Files that people posted on Slack: downloaded with the bot's token, which only Slack's own servers may see. */
import type { IncomingFile } from '../commands/option.ts';
import { UserError } from '../errors.ts';
import type { SlackApi } from './slack-api.ts';

/** A file as Slack describes it in events; one from another workspace comes without its address. */
export interface SlackFile {
  readonly id?: string;
  readonly name?: string | null;
  readonly title?: string | null;
  readonly size?: number;
  readonly url_private?: string;
  readonly url_private_download?: string;
}

export interface FileAccess {
  readonly api: SlackApi;
  readonly token: string;
  /** Of the Web API, where it is not Slack's own: files may come from there. */
  readonly apiUrl: string | undefined;
}

const SLACK_HOST = /(^|\.)slack(-files|-gov)?\.com$/;
const DOWNLOAD_MS = 60_000;
const REDIRECTS = 3;

/** Nothing is downloaded before it is read. */
export function slackFile(file: SlackFile, access: FileAccess): IncomingFile {
  const name = fileName(file);
  return {
    name,
    async read(limit) {
      const { size, ...described } = await describe(file, access);
      if (typeof size === 'number' && size > limit) {
        throw new UserError('dataTooLarge', { file: name, bytes: size, limit });
      }
      const address = described.url_private_download ?? described.url_private;
      try {
        return await download(new URL(address ?? ''), name, limit, access);
      } catch (error) {
        if (error instanceof UserError) throw error;
        throw new UserError('slackFile', { file: name }, { cause: error });
      }
    },
  };
}

function fileName({ name, title, id }: SlackFile): string {
  const last = (name || title || id || '').split(/[/\\]/).at(-1)!;
  return last || 'file';
}

async function describe(file: SlackFile, { api }: FileAccess): Promise<SlackFile> {
  if (file.url_private_download || file.url_private || !file.id) return file;
  try {
    return ((await api.call('files.info', { file: file.id })).file ?? file) as SlackFile;
  } catch (error) {
    throw new UserError('slackFile', { file: fileName(file) }, { cause: error });
  }
}

async function download(
  address: URL,
  name: string,
  limit: number,
  { token, apiUrl }: FileAccess,
): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(DOWNLOAD_MS);
  for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
    if (!isSlackAddress(address, apiUrl)) throw new Error('a file at a foreign address');
    const headers = { Authorization: `Bearer ${token}` };
    const response = await fetch(address, { headers, redirect: 'manual', signal });
    const target = response.headers.get('location');
    if (response.ok) return readBody(response, name, limit);
    await response.body?.cancel();
    if (response.status < 300 || response.status >= 400 || target === null) {
      throw new Error(`the file's server answered ${response.status}`);
    }
    address = new URL(target, address);
  }
  throw new Error('too many redirections');
}

/** Whether tokens and files may be sent there. */
export function isSlackAddress({ protocol, hostname, origin }: URL, apiUrl: string | undefined): boolean {
  if (apiUrl !== undefined && origin === new URL(apiUrl).origin) return true;
  return protocol === 'https:' && SLACK_HOST.test(hostname);
}

async function readBody(response: Response, name: string, limit: number): Promise<Uint8Array> {
  // Where the bot may not read the file, Slack sends its page for signing in.
  if (response.headers.get('content-type')?.startsWith('text/html') && !/\.html?$/i.test(name)) {
    await response.body?.cancel();
    throw new Error('a page in place of the file');
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    // Leaving the loop ends the download.
    if (bytes > limit) throw new UserError('dataTooLarge', { file: name, bytes, limit });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
