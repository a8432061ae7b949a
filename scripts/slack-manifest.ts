/** `npm run slack-manifest [-- --url URL]`: prints the manifest of the Slack app, for Socket Mode or for HTTP. */
import { Command } from 'commander';
import { runScript } from '../src/cli/run.ts';
import { createCommands } from '../src/commands/index.ts';
import { readConfig } from '../src/config.ts';
import { slackManifest } from '../src/platforms/slack-manifest.ts';

await runScript(async () => {
  const { url } = new Command('slack-manifest')
    .option('--url <url>', 'where Slack sends requests (https://.../slack/events); by default Socket Mode')
    .exitOverride()
    .parse()
    .opts<{ url?: string }>();
  const { limits } = readConfig();
  console.log(JSON.stringify(slackManifest(createCommands(limits), url), undefined, 2));
  return 0;
});
