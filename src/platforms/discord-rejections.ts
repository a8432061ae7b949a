/**
 * discord.js leaves a rejection to nobody where a connection breaks while its shard waits to identify: it sends
 * over the next connection, which is not open yet. That one identifies by itself; the process has to live on.
 */

const TOO_EARLY = /^WebSocket is not open: readyState \d/;
const GATEWAY_CLIENT = /[\\/]@discordjs[\\/]ws[\\/]/;

const isHarmless = (reason: unknown): boolean =>
  reason instanceof Error && TOO_EARLY.test(reason.message) && GATEWAY_CLIENT.test(reason.stack ?? '');

/** Until the returned function is called. Every other rejection that nobody holds ends the process, as ever. */
export function surviveEarlySending(tell: () => void): () => void {
  const listener = (reason: unknown) => {
    if (!isHarmless(reason)) throw reason;
    tell();
  };
  process.on('unhandledRejection', listener);
  return () => void process.off('unhandledRejection', listener);
}
