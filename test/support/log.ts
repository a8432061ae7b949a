/** A log whose lines a test can read. */
import { createLog, type Log } from '../../src/log.ts';

export interface Line extends Readonly<Record<string, unknown>> {
  readonly msg: string;
  readonly level: number;
}

export function readableLog(level = 'trace'): {
  readonly log: Log;
  readonly lines: Line[];
  readonly text: () => string;
} {
  const written: string[] = [];
  const lines: Line[] = [];
  const destination = {
    write(line: string) {
      written.push(line);
      lines.push(JSON.parse(line));
    },
  };
  return { log: createLog({ level, pretty: false, destination }), lines, text: () => written.join('') };
}
