/** What a process says on standard error before it ends, for the log: a reason may stand before a long stack trace or after one. */
import type { Readable } from 'node:stream';

const KEPT = 2000;

/** Listens to a stream (a process that could not be started has none); the function gives the first and last 2,000 characters so far. */
export function keepEnds(stream: Readable | null | undefined): () => string {
  let head = '';
  let tail = '';
  let left = 0;
  stream?.setEncoding('utf8').on('data', (text: string) => {
    const first = text.slice(0, KEPT - head.length);
    head += first;
    const rest = tail + text.slice(first.length);
    tail = rest.slice(-KEPT);
    left += rest.length - tail.length;
  });
  return () => (left > 0 ? `${head}\n[... ${left} characters ...]\n${tail}` : head + tail);
}
