/**
 * What `npm start` runs: the bot, with its modules compiled once and for all where Node can keep what V8 makes of them
 * (22.8 and later). It must come before the modules are loaded, and so they are loaded from here.
 */
import module from 'node:module';
import path from 'node:path';
import { VAR_DIR } from './paths.ts';

// A folder that cannot be written is told by the result, not by an error; the bot starts without it.
module.enableCompileCache?.(path.join(VAR_DIR, 'compiled'));
await import('./main.ts');
