/**
 * A training that was asked for and not yet begun: its cleaned text and settings, kept until the admin answers the
 * question, for a day at most and once. Where there are too many bytes of them, the oldest go.
 */
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { samePlace } from '../store/places.ts';
import { trainSettingsSchema } from '../training/settings.ts';
import type { CommandContext, Services } from './command.ts';

const draftSchema = z.object({
  kind: z.literal('training'),
  place: z.object({ platform: z.string(), id: z.string() }),
  name: z.string(),
  textName: z.string(),
  text: z.string(),
  /** Null trains a new network. */
  baseName: z.string().nullable(),
  replays: z.boolean(),
  settings: trainSettingsSchema,
  estimatedSeconds: z.number().optional(),
  /** Whose messages are in the text. */
  authors: z.array(z.string()),
});

export type Draft = z.output<typeof draftSchema>;

export const keepDraft = ({ drafts }: Services, draft: Draft): Promise<string> => drafts.put(draft);

/**
 * Gives the draft of that id to `work`, once. Throws a `UserError` where it is answered already, has expired, is of
 * another place or none at all, or where one of its authors wants no part in it any more.
 */
export async function answerDraft<T>(
  { services, place }: Pick<CommandContext, 'services' | 'place'>,
  id: string,
  work: (draft: Draft) => Promise<T>,
): Promise<T> {
  let isAnswered = false;
  const result = await services.drafts.claim(id, async (value) => {
    const draft = draftSchema.safeParse(value).data;
    if (!draft || !samePlace(draft.place, place)) throw new UserError('draftGone', {});
    isAnswered = true;
    return work(draft);
  });
  if (!isAnswered) throw new UserError('draftGone', {});
  return result as T;
}

/** Throws a `UserError` where somebody has refused since their messages were read. */
export function assertAllowed({ privacy }: Services, { place, authors }: Draft): void {
  if (!authors.every((author) => privacy.allows(place.platform, author))) {
    throw new UserError('draftRefused', {});
  }
}
