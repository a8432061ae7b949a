/** Runs a script's work: what goes wrong is one line on standard error and an exit code other than 0. */
import { CommanderError } from 'commander';
import { localeOf } from '../config.ts';
import { systemCode, UserError } from '../errors.ts';

/** `main` returns an exit code, or nothing for 0. */
export async function runScript(main: () => Promise<number | undefined>): Promise<void> {
  // A reader that has left (`| head`, a closed terminal) is a hang-up: work that listens for it saves first.
  process.stdout.on('error', (error) => {
    if (!process.emit('SIGHUP', 'SIGHUP')) process.exit(systemCode(error) === 'EPIPE' ? 0 : 1);
  });
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
    if (error instanceof UserError) process.stderr.write(`${error.text(localeOf())}\n`);
    else if (!(error instanceof CommanderError)) console.error(error);
  }
}
