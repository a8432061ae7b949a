/** Lyrics that can be gone on with later, in another process too: where each stands, kept until it expires. */
import { UserError } from '../errors.ts';
import type { Kept } from '../store/kept.ts';
import { type Place, samePlace } from '../store/places.ts';
import type { Continuation } from './request.ts';

export interface UnfinishedLyric {
  readonly seed: number;
  /** Its last line so far, as far as it goes. */
  readonly lastLine: string;
  readonly continuation: Continuation;
}

/** The lyrics of one answer, by the same network. */
export interface Unfinished {
  /** Where they were written: nobody elsewhere goes on with them. */
  readonly place: Place;
  readonly model: string;
  /** The checkpoint's, as of `Model.version`: the state means nothing to another. */
  readonly version: string;
  readonly lyrics: readonly UnfinishedLyric[];
}

/** Keeps lyrics; returns their id. Throws a `UserError` where they cannot be written. */
export function keepUnfinished(kept: Kept, { place, model, version, lyrics }: Unfinished): Promise<string> {
  const written = lyrics.map(({ continuation, ...lyric }) => ({
    ...lyric,
    continuation: { ...continuation, state: encodeFloats(continuation.state) },
  }));
  return kept.put({ unfinished: { place, model, version, lyrics: written } });
}

/** Throws a `UserError` where there is nothing of that id (any more) that was written in that place. */
export async function findUnfinished(kept: Kept, place: Place, id: string): Promise<Unfinished> {
  const found = (await kept.get(id)) as { unfinished?: Written } | undefined;
  if (!found?.unfinished?.place || !samePlace(found.unfinished.place, place)) {
    throw new UserError('continuationExpired', {});
  }
  const { model, version, lyrics } = found.unfinished;
  const read = lyrics.map(({ continuation, ...lyric }) => ({
    ...lyric,
    continuation: { ...continuation, state: decodeFloats(continuation.state) },
  }));
  return { place, model, version, lyrics: read };
}

interface Written {
  readonly place?: Place;
  readonly model: string;
  readonly version: string;
  readonly lyrics: readonly (Omit<UnfinishedLyric, 'continuation'> & {
    readonly continuation: Omit<Continuation, 'state'> & { readonly state: string };
  })[];
}

const encodeFloats = (floats: Float32Array): string =>
  Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength).toString('base64');

/** A copy: a small `Buffer` may begin where no float can. */
const decodeFloats = (text: string): Float32Array =>
  new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
