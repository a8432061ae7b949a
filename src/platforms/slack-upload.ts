/** Files sent to Slack: an address is asked for, the bytes go there, and the file is shared where it belongs. */
import type { MessageFile } from '../commands/message.ts';
import type { SlackApi } from './slack-api.ts';
import { type FileAccess, isSlackAddress } from './slack-files.ts';

const UPLOAD_MS = 120_000;
/** Of a file's description, in UTF-16 units. */
const LONGEST_ALT = 1000;

/** A file that Slack has, which nobody sees before it is shared. */
export interface Uploaded {
  readonly id: string;
  readonly title: string;
}

/** Rejects where Slack does not take it. */
export async function upload(
  { name, bytes, alt }: MessageFile,
  { api, apiUrl }: FileAccess,
): Promise<Uploaded> {
  const { upload_url: address, file_id: id } = await api.call('files.getUploadURLExternal', {
    filename: name,
    length: bytes.length,
    ...(alt === '' ? {} : { alt_txt: alt.slice(0, LONGEST_ALT) }),
  });
  const url = new URL(String(address));
  if (!isSlackAddress(url, apiUrl)) throw new Error('an upload to a foreign address');
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: Buffer.from(bytes),
    redirect: 'error',
    signal: AbortSignal.timeout(UPLOAD_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`Slack answered ${response.status} to an upload`);
  return { id: String(id), title: alt || name };
}

/** Shows uploaded files in a channel (not a person) where the bot is a member. */
export async function share(
  files: readonly Uploaded[],
  { channel, thread }: { readonly channel: string; readonly thread?: string | undefined },
  api: SlackApi,
): Promise<void> {
  await api.call('files.completeUploadExternal', {
    files: files.map(({ id, title }) => ({ id, title })),
    channel_id: channel,
    ...(thread === undefined ? {} : { thread_ts: thread }),
  });
}
