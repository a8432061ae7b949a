/**
 * What `npm start` runs: the bot, with its modules compiled once and for all where Node can keep what V8 makes of them
 * (22.8 and later). It must come before the modules are loaded, and so they are loaded from here.
 */
import module from 'node:module';
import path from 'node:path';
import { VAR_DIR } from './paths.ts';

/** Of Node 22.8 and later; the types are those of the oldest Node that we support. */
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };

// A folder that cannot be written is told by the result, not by an error; the bot starts without it.
enableCompileCache?.(path.join(VAR_DIR, 'compiled'));
await import('./main.ts');
