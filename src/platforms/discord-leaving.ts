/**
 * discord.js forgets a shard that it destroys between two connections (half a second after each break): that shard
 * connects again, and takes commands for a bot that has left.
 */

interface Manager<Session> {
  readonly options: { retrieveSessionInfo(shard: number): Session };
}

/** A shard asks for its session before it connects; once `left` is aborted it waits for the answer for ever. */
export function stayAway<M extends Manager<unknown>>(manager: M, left: AbortSignal): M {
  const { options } = manager;
  const retrieve = options.retrieveSessionInfo;
  options.retrieveSessionInfo = (shard) => (left.aborted ? new Promise(() => {}) : retrieve(shard));
  return manager;
}
