/**
 * `npm run register-commands [-- --remove]`: tells Discord the commands, where they have changed, in the server
 * DISCORD_GUILD_ID or everywhere; or takes back those that are registered there.
 */
import { Command } from 'commander';
import { runScript } from '../src/cli/run.ts';
import { createCommands } from '../src/commands/index.ts';
import { readConfig } from '../src/config.ts';
import { UserError } from '../src/errors.ts';
import { registerCommands } from '../src/platforms/discord.ts';
import { ui } from '../src/strings/ui.ts';

await runScript(async () => {
  const { remove } = new Command('register-commands')
    .option('--remove', 'take the commands back')
    .exitOverride()
    .parse()
    .opts<{ remove?: boolean }>();
  const { discord, limits, locale } = readConfig();
  if (!discord) throw new UserError('discordNoToken', {});
  const commands = remove ? [] : createCommands(limits);
  const changed = await registerCommands(commands, discord);
  console.log(ui(locale).commandsRegistered(commands.length, discord.guildId, changed));
  return 0;
});
