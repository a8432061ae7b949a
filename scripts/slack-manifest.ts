/** `npm run slack-manifest [-- --url URL] [--messages]`: prints the manifest of the Slack app, for Socket Mode or for HTTP. */
import { Command } from 'commander';
import { runScript } from '../src/cli/run.ts';
import { createCommands } from '../src/commands/index.ts';
import { readConfig } from '../src/config.ts';
import { slackManifest } from '../src/platforms/slack-manifest.ts';

await runScript(async () => {
  const { url, messages } = new Command('slack-manifest')
    .option('--url <url>', 'where Slack sends requests (https://.../slack/events); by default Socket Mode')
    .option('--messages', 'with the right to read messages, for /train messages:500')
    .exitOverride()
    .parse()
    .opts<{ url?: string; messages?: true }>();
  const { limits } = readConfig();
  console.log(JSON.stringify(slackManifest(createCommands(limits), url, messages), undefined, 2));
  return 0;
});
