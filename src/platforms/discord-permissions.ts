/** Permissions as Discord sends them with each interaction: bits. Closed where something is not known. */

const ADMINISTRATOR = 1n << 3n;
/** Manage Server. */
export const MANAGE_GUILD = 1n << 5n;
const VIEW_CHANNEL = 1n << 10n;
const SEND_MESSAGES = 1n << 11n;
const EMBED_LINKS = 1n << 14n;
const SEND_MESSAGES_IN_THREADS = 1n << 38n;

/** Who asks, as the interaction itself says: no cache is asked, which might not know the person or be old. */
export interface Member {
  /** In this channel. Undefined in direct messages. */
  readonly permissions: bigint | undefined;
  readonly roles: readonly string[];
}

/** Whether a person may use admin commands: by the permission Manage Server, or by one of the roles. */
export function isAdmin(member: Member | undefined, adminRoles: readonly string[]): boolean {
  if (member?.permissions === undefined) return false;
  return has(member.permissions, MANAGE_GUILD) || member.roles.some((role) => adminRoles.includes(role));
}

/** Whether we may post messages of our own in a channel where we have these permissions. */
export function canPost(permissions: bigint, isThread: boolean): boolean {
  const send = isThread ? SEND_MESSAGES_IN_THREADS : SEND_MESSAGES;
  return [VIEW_CHANNEL, send, EMBED_LINKS].every((permission) => has(permissions, permission));
}

const has = (permissions: bigint, permission: bigint): boolean =>
  (permissions & ADMINISTRATOR) !== 0n || (permissions & permission) !== 0n;
