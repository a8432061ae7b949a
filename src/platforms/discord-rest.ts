/** The calls of Discord's REST API that we make, over whatever sends them. */
import { randomBytes } from 'node:crypto';
import type { AnswerOutlet, InteractionKey, OutgoingFile, Outlet } from './discord-api.ts';

/** To the asker alone. */
const EPHEMERAL = 1 << 6;
// Kinds of responses to an interaction.
const DEFERRED_MESSAGE = 5;
const COMPLETIONS = 8;

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: `/${string}`;
  readonly body?: unknown;
  readonly files?: readonly OutgoingFile[];
  /** With the bot's token; otherwise a token stands in the path. */
  readonly authorized: boolean;
}

/** Sends a call in its turn and within Discord's rate limits. Throws `DiscordRefusal`. */
export type Send = (call: Call) => Promise<unknown>;

const idOf = (message: unknown): string => (message as { readonly id: string }).id;

/** Says that an answer will come, so that 15 minutes are left instead of 3 seconds. */
export async function acknowledge(send: Send, key: InteractionKey, isPrivate: boolean): Promise<void> {
  const data = isPrivate ? { flags: EPHEMERAL } : {};
  await respond(send, key, { type: DEFERRED_MESSAGE, data });
}

export async function complete(send: Send, key: InteractionKey, values: readonly string[]): Promise<void> {
  const choices = values.map((value) => ({ name: value, value }));
  await respond(send, key, { type: COMPLETIONS, data: { choices } });
}

async function respond(send: Send, { id, token }: InteractionKey, body: unknown): Promise<void> {
  await send({ method: 'POST', path: `/interactions/${id}/${token}/callback`, body, authorized: false });
}

export function answersTo(send: Send, { applicationId, token }: InteractionKey): AnswerOutlet {
  const webhook = `/webhooks/${applicationId}/${token}` as const;
  const create = async (body: unknown, files: readonly OutgoingFile[]) =>
    idOf(await send({ method: 'POST', path: `${webhook}?wait=true`, body, files, authorized: false }));
  return {
    create: (payload, files) => create(payload, files),
    createPrivate: (payload) => create({ ...payload, flags: EPHEMERAL }, []),
    async edit(id, body, files) {
      await send({ method: 'PATCH', path: `${webhook}/messages/${id}`, body, files, authorized: false });
    },
    async remove(id) {
      await send({ method: 'DELETE', path: `${webhook}/messages/${id}`, authorized: false });
    },
  };
}

export function channelOutlet(send: Send, channelId: string): Outlet {
  const messages = `/channels/${channelId}/messages` as const;
  return {
    async create(payload, files) {
      // A call that is sent again, because its response was lost, makes no second message.
      const body = { ...payload, nonce: randomBytes(12).toString('hex'), enforce_nonce: true };
      return idOf(await send({ method: 'POST', path: messages, body, files, authorized: true }));
    },
    async edit(id, body, files) {
      await send({ method: 'PATCH', path: `${messages}/${id}`, body, files, authorized: true });
    },
    async remove(id) {
      await send({ method: 'DELETE', path: `${messages}/${id}`, authorized: true });
    },
  };
}
