/**
 * The log: JSON lines on standard error (standard output is for answers), readable ones where that is a
 * terminal. Fields first, a fixed short message second; never what people wrote or read.
 */
import { createRequire } from 'node:module';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';

export type Log = Logger;

/** Secrets by path, wherever an error or a client's options bring them along. */
const SECRETS = ['token', 'appToken', 'botToken', 'signingSecret', 'authorization', 'password'];

export interface LogOptions {
  readonly level: string;
  /** For people (a terminal) or for machines. */
  readonly pretty: boolean;
  /** Standard error by default. */
  readonly destination?: DestinationStream;
}

export function createLog({ level, pretty, destination }: LogOptions): Log {
  const paths = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const options: LoggerOptions = { level, base: null, redact: { paths, censor: '[redacted]' } };
  return pino(
    options,
    destination ?? (pretty ? prettyOnFirstLine() : pino.destination({ dest: 2, sync: true })),
  );
}

/** Most runs in a terminal log nothing: the printer is loaded with the first line, in this thread, so that none is lost. */
function prettyOnFirstLine(): DestinationStream {
  let stream: DestinationStream | undefined;
  const open = (): DestinationStream => {
    const { PinoPretty }: typeof import('pino-pretty') = createRequire(import.meta.url)('pino-pretty');
    return PinoPretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss', colorize: true });
  };
  return {
    write(line) {
      stream ??= open();
      stream.write(line);
    },
  };
}
