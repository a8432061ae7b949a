/** Places of chats and the folders of their own: an id is a part of a path here, so none may be more than a name. */
import path from 'node:path';

/** Where people are: ids as the platform has them. */
export interface Place {
  /** `discord`, `slack`, `terminal`. */
  readonly platform: string;
  /** The guild or workspace (or the direct conversation). */
  readonly id: string;
}

const PLATFORM = /^[a-z]{1,20}$/;
/** Discord numbers things, Slack has capitals and digits. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
/** Who sits at the terminal owns the machine. */
export const OWNERS_PLACE: Place = { platform: 'terminal', id: 'terminal' };

/** Whether the place is the owner's: what belongs to it belongs to all. */
export const isOwnersPlace = ({ platform }: Place): boolean => platform === OWNERS_PLACE.platform;

/** `<platform>-<id>` below `folder`. Throws a `RangeError` on ids that no chat gives: nothing is made of them. */
export function placeFolder(folder: string, { platform, id }: Place): string {
  if (!PLATFORM.test(platform) || !ID.test(id)) throw new RangeError('a place whose id is none');
  return path.join(folder, `${platform}-${id}`);
}

export const samePlace = (a: Place, b: Place): boolean => a.platform === b.platform && a.id === b.id;
