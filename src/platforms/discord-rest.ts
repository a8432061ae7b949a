/** The calls of Discord's REST API that we make, over whatever sends them. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AnswerOutlet,
  type InteractionKey,
  isTaken,
  isUncertain,
  isUndone,
  type OutgoingFile,
  type Outlet,
} from './discord-api.ts';

/** To the asker alone. */
const EPHEMERAL = 1 << 6;
/** Of a file's description, in UTF-16 units. */
const LONGEST_ALT = 1024;
// Kinds of responses to an interaction.
const DEFERRED_MESSAGE = 5;
const COMPLETIONS = 8;
/** Of what is not repeated by whatever sends it. */
const TRIES = 3;
const PAUSE_MS = 100;

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: `/${string}`;
  readonly body?: unknown;
  readonly files?: readonly OutgoingFile[];
  /** With the bot's token; otherwise a token stands in the path. */
  readonly authorized: boolean;
  /** Doing it twice is not the same as doing it once: it is not sent again. */
  readonly once?: true;
}

/** Sends a call in its turn and within Discord's rate limits. Throws `DiscordRefusal`. */
export type Send = (call: Call) => Promise<unknown>;

/** A message's body; the files that go with it are described in it, each by its place in the list. */
const withFiles = (body: object, files: readonly OutgoingFile[]): object =>
  files.length === 0
    ? body
    : {
        ...body,
        attachments: files.map(({ name, alt }, id) => ({
          id,
          filename: name,
          ...(alt === '' ? {} : { description: alt.slice(0, LONGEST_ALT) }),
        })),
      };

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

/** Where an earlier try may have come through, an interaction that is taken was taken by us. */
async function respond(send: Send, { id, token }: InteractionKey, body: unknown): Promise<void> {
  const path = `/interactions/${id}/${token}/callback` as const;
  let isUncertainlyOurs = false;
  for (let tries = 1; ; tries++) {
    try {
      await send({ method: 'POST', path, body, authorized: false, once: true });
      return;
    } catch (error) {
      if (isUncertainlyOurs && isTaken(error)) return;
      if (tries === TRIES || !(isUndone(error) || isUncertain(error))) throw error;
      isUncertainlyOurs ||= isUncertain(error);
      await sleep(PAUSE_MS);
    }
  }
}

/** Sends what must not be done twice: again only where it was surely not done. */
async function sendOnce(send: Send, call: Call): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    try {
      return await send({ ...call, once: true });
    } catch (error) {
      if (tries === TRIES || !isUndone(error)) throw error;
      await sleep(PAUSE_MS * 2 ** tries);
    }
  }
}

export function answersTo(send: Send, { applicationId, token }: InteractionKey): AnswerOutlet {
  const webhook = `/webhooks/${applicationId}/${token}` as const;
  const create = async (payload: object, files: readonly OutgoingFile[]) => {
    const body = withFiles(payload, files);
    const path = `${webhook}?wait=true` as const;
    return idOf(await sendOnce(send, { method: 'POST', path, body, files, authorized: false }));
  };
  return {
    create: (payload, files) => create(payload, files),
    createPrivate: (payload) => create({ ...payload, flags: EPHEMERAL }, []),
    async edit(id, payload, files) {
      const body = withFiles(payload, files);
      await send({ method: 'PATCH', path: `${webhook}/messages/${id}`, body, files, authorized: false });
    },
    async remove(id) {
      await send({ method: 'DELETE', path: `${webhook}/messages/${id}`, authorized: false });
    },
  };
}

/** A person's own conversation with us, which is opened when something is said in it. */
export function personOutlet(send: Send, userId: string): Outlet {
  let opening: Promise<Outlet> | undefined;
  const open = async () => {
    const body = { recipient_id: userId };
    const channel = await send({ method: 'POST', path: '/users/@me/channels', body, authorized: true });
    return channelOutlet(send, idOf(channel));
  };
  const outlet = () => {
    opening ??= open();
    return opening;
  };
  return {
    create: async (payload, files) => (await outlet()).create(payload, files),
    edit: async (id, payload, files) => (await outlet()).edit(id, payload, files),
    remove: async (id) => (await outlet()).remove(id),
  };
}

export function channelOutlet(send: Send, channelId: string): Outlet {
  const messages = `/channels/${channelId}/messages` as const;
  return {
    channel: channelId,
    async create(payload, files) {
      // A call that is sent again, because its response was lost, makes no second message.
      const nonce = randomBytes(12).toString('hex');
      const body = { ...withFiles(payload, files), nonce, enforce_nonce: true };
      return idOf(await send({ method: 'POST', path: messages, body, files, authorized: true }));
    },
    async edit(id, payload, files) {
      const body = withFiles(payload, files);
      await send({ method: 'PATCH', path: `${messages}/${id}`, body, files, authorized: true });
    },
    async remove(id) {
      await send({ method: 'DELETE', path: `${messages}/${id}`, authorized: true });
    },
  };
}
